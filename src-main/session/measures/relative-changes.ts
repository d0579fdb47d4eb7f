// How far each adapted tensor of a lane is from the source's: ||theta - theta0|| / ||theta0||. On the device, two small kernels for each tensor that moved since
// it was last asked, all results read at once. The last answers are kept: what did not move costs nothing.
import type { StepReport } from '#contract/tables/report.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Method } from '#engine/methods/method.ts'
import type { Model } from '#engine/models/model.ts'

export class RelativeChanges {
  private readonly device: Device
  private readonly model: Model
  /** ||theta0||, of the tensors that have moved. */
  private readonly norms = new Map<string, number>()
  /** The tensor is only compared, never used: it may be disposed. */
  private readonly last = new Map<string, { readonly tensor: DeviceTensor; readonly change: number }>()

  constructor(device: Device, model: Model) {
    this.device = device
    this.model = model
  }

  /** In the order of `method.adapts()`, as the store keeps them; null where there is nothing to compare with. */
  async of(method: Method): Promise<(number | null)[]> {
    const weights = method.currentWeights?.()
    const names = method.adapts()
    if (!weights) return names.map(() => null)
    const moved = names.flatMap((name) => {
      const tensor = weights.get(name)
      const source = this.model.parameters.get(name)
      if (!tensor || !source || tensor === source || this.last.get(name)?.tensor === tensor) return []
      return [{ name, tensor, source }]
    })
    await this.measure(moved)
    return names.map((name) => {
      const tensor = weights.get(name)
      const source = this.model.parameters.get(name)
      if (!tensor || !source) return null
      const change = tensor === source ? 0 : (this.last.get(name)?.change ?? Number.NaN)
      return Number.isFinite(change) ? Math.fround(change) : null
    })
  }

  private async measure(
    moved: readonly { readonly name: string; readonly tensor: DeviceTensor; readonly source: DeviceTensor }[],
  ): Promise<void> {
    const { device } = this
    const fresh = moved.filter(({ name }) => !this.norms.has(name))
    for (const [i, norm] of (await device.normMany(fresh.map(({ source }) => source))).entries())
      this.norms.set((fresh[i] as { name: string }).name, norm)
    const differences = moved.map(({ tensor, source }) => device.sub(tensor, source))
    for (const [i, distance] of (await device.normMany(differences)).entries()) {
      const { name, tensor } = moved[i] as (typeof moved)[number]
      this.last.set(name, { tensor, change: distance / (this.norms.get(name) ?? 0) })
    }
    for (const difference of differences) difference.dispose()
  }
}

/** The report with the changes in it; one without tensors stays as it is. */
export async function withChanges(report: StepReport, changes: RelativeChanges, method: Method): Promise<StepReport> {
  return report.layers ? { ...report, layers: { ...report.layers, changes: await changes.of(method) } } : report
}
