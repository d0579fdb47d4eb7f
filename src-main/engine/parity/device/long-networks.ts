// Further small networks against stored numbers: other sizes, methods and more steps than a device's proof takes time for. `palm doctor --check` computes them.
import type { LaneOptionsInput } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { relative, type DeviceDeviation } from './deviation.ts'
import { longNetworkNumbers } from './long-network-numbers.ts'
import { computeSteps, type NetworkRun } from './network.ts'

/** Limits for float32 and TF32 grow with the steps: Adam divides gradients by their own size, noise and all. */
interface LongNetwork extends NetworkRun {
  readonly what: string
  readonly limits: Readonly<Record<'float32' | 'tf32', number>>
}

const method = (options: LaneOptionsInput): LaneOptionsInput => options

export const longNetworks: readonly LongNetwork[] = [
  {
    what: 'four batches of 16 images under the batch’s own statistics',
    seed: 31,
    side: 16,
    batch: 16,
    steps: 4,
    options: method({ method: 'norm' }),
    limits: { float32: 1e-4, tf32: 2e-2 },
  },
  {
    what: 'eight steps of TENT',
    seed: 37,
    side: 12,
    batch: 8,
    steps: 8,
    options: method({ method: 'tent' }),
    limits: { float32: 1e-3, tf32: 1e-1 },
  },
  {
    what: 'one step of PALM on images of 32 pixels',
    seed: 41,
    side: 32,
    batch: 12,
    steps: 1,
    options: method({ method: 'palm', variant: 'reference', kappa: 1e-3, eta: 0.6, margin: 1.2 }),
    limits: { float32: 1e-4, tf32: 2e-2 },
  },
  {
    what: 'four steps of PALM as the paper has it',
    seed: 43,
    side: 12,
    batch: 8,
    steps: 4,
    options: method({ method: 'palm', variant: 'paper', kappa: 1e-3, eta: 0.01 }),
    limits: { float32: 5e-3, tf32: 2e-1 },
  },
]

/** The last step's logits, row by row. */
export async function computeLong(device: Device, network: NetworkRun): Promise<readonly number[]> {
  const { results } = await computeSteps(device, network)
  return Array.from(results.at(-1)?.logits ?? [])
}

/** `told` hears before each. */
export async function longProof(
  device: Device,
  precision: 'float32' | 'tf32',
  told: (done: number, total: number) => void,
): Promise<DeviceDeviation[]> {
  const found: DeviceDeviation[] = []
  for (const [i, network] of longNetworks.entries()) {
    told(i, longNetworks.length)
    const { what, limits } = network
    try {
      const values = await computeLong(device, network)
      const expected = longNetworkNumbers[i] ?? []
      const deviation = values.length > 0 && values.length === expected.length ? relative(values, expected) : Infinity
      found.push({ what, deviation, limit: limits[precision], failure: null })
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown.message : String(thrown)
      found.push({ what, deviation: Infinity, limit: limits[precision], failure })
    }
  }
  told(longNetworks.length, longNetworks.length)
  return found
}
