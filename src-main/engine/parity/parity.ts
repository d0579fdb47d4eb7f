// Holds our methods against stored traces of the published ones, quantity by quantity: one step from stored state, and the whole chain.
// Bytes in, a report out; any folder in the fixture's layout.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'
import { adaptableTensors, type TensorInfo } from '#engine/models/model.ts'
import { isBenchmarkFolder, runBenchmarkParity } from './benchmark.ts'
import { Comparison } from './comparison.ts'
import { openFixture, type Fixture, type PalmTensor, type ReadFile, type Trace } from './fixture.ts'
import { emptySeen, type Seen } from './seen.ts'
import { limitsOf, Tally, type Mode, type ParityRow } from './tally.ts'
import { tiesOf, type Tie } from './ties.ts'
import { observerOf, tracedMethods } from './traced-methods.ts'

interface ParityReport {
  readonly rows: readonly ParityRow[]
  /** Where ours left a trace because a score lay at the threshold; a chain is compared up to there. */
  readonly ties: readonly Tie[]
  /** In the folder, but no method of ours yet. */
  readonly missing: readonly string[]
  readonly ok: boolean
}

/** Hears each method of a folder before it is compared. */
export type ToldMethod = (method: string, done: number, total: number) => void

/** For either kind of folder. @throws PalmError `input-unreadable`, `model-unreadable`, naming the file */
export async function runParity(
  device: Device,
  read: ReadFile,
  told: ToldMethod = () => undefined,
): Promise<ParityReport> {
  if (isBenchmarkFolder(read)) {
    const { rows, missing } = await runBenchmarkParity(device, read, told)
    return { rows, ties: [], missing, ok: rows.length > 0 && rows.every((row) => !row.over) }
  }
  const fixture = openFixture(device, read)
  try {
    const parts: { rows: ParityRow[]; ties: Tie[] }[] = []
    for (const [i, method] of fixture.methods.entries()) {
      told(method, i, fixture.methods.length)
      if (tracedMethods.has(method)) parts.push(await new MethodParity(device, fixture, method).run())
    }
    const rows = parts.flatMap((part) => part.rows)
    return {
      rows,
      ties: parts.flatMap((part) => part.ties),
      missing: fixture.methods.filter((method) => !tracedMethods.has(method)),
      ok: rows.length > 0 && rows.every((row) => !row.over),
    }
  } finally {
    fixture.model.dispose()
  }
}

class MethodParity {
  private readonly device: Device
  private readonly fixture: Fixture
  private readonly method: string
  private readonly trace: Trace
  private readonly infos: ReadonlyMap<string, TensorInfo>
  private seen: Seen = emptySeen()
  private now = 0
  private views: readonly DeviceTensor[] = []
  private readonly ties: Tie[] = []

  constructor(device: Device, fixture: Fixture, method: string) {
    this.device = device
    this.fixture = fixture
    this.method = method
    this.trace = fixture.trace(method)
    this.infos = new Map(fixture.model.tensors.map((info) => [info.name, info]))
  }

  async run(): Promise<{ rows: ParityRow[]; ties: Tie[] }> {
    const chain = this.make()
    const single = this.make()
    const start = await single.state()
    const [chainTally, stepTally] = (['chain', 'step'] as const).map(
      (mode) => new Tally(this.method, mode, limitsOf(mode, this.fixture.limits)),
    ) as [Tally, Tally]
    let together = true
    for (let t = 0; t < this.trace.steps.length; t++) {
      single.restore(t === 0 ? start : this.storedState(t, await single.state()))
      await this.step(single, t, 'step', t === 0 || this.isStored(t - 1) ? stepTally : null)
      if (together) together = await this.step(chain, t, 'chain', chainTally)
    }
    chain.dispose()
    single.dispose()
    return { rows: [...stepTally.list(), ...chainTally.list()], ties: this.ties }
  }

  private make(): Method {
    const make = tracedMethods.get(this.method)
    if (!make) throw new Error(`There is no method for the trace ${this.method}`)
    const { device, fixture } = this
    return make({
      device,
      model: fixture.model,
      hp: fixture.hyperparameters[this.method] ?? {},
      observer: observerOf(device, () => this.seen),
      stage: {
        views: () => this.views,
        restoreMask: (name) => fixture.restoreMask(this.now, name),
        logitsOfStudent: (logits) => {
          this.seen.studentLogits = logits
        },
      },
    })
  }

  /** Whether the trace has the weights after step t; one that never has any adapts none. */
  private isStored(t: number): boolean {
    const weights = [...this.trace.tensors.keys()].filter((key) => /\/(param|teacher)_after\//.test(key))
    return weights.length === 0 || weights.some((key) => key.startsWith(`step${t}/`))
  }

  /**
   * The state after step t - 1 as the trace has it. What a trace does not store, or only now and then (Adam's moments), is what the step from the stored
   * state before it left (`own`): never a chain's, which may have gone another way.
   */
  private storedState(t: number, own: MethodState): MethodState {
    const palm = this.method.startsWith('palm')
    const arrays = new Map<string, NamedArray>(
      [...own.arrays].filter(([key]) => !palm || !/^(shat|importance)\//.test(key)),
    )
    for (const name of this.infos.keys()) {
      const stored = {
        param: this.method === 'cotta' ? 'teacher_after' : 'param_after',
        student: 'student_after',
      } as const
      for (const [key, after] of Object.entries(stored)) {
        const values = this.trace.tensors.get(`step${t - 1}/${after}/${name}`)
        if (values) arrays.set(`${key}/${name}`, values)
      }
      for (const moment of ['adam_m', 'adam_v']) {
        const values = this.trace.tensors.get(`step${t - 1}/${moment}/${name}`)
        if (values && arrays.has(`${moment}/${name}`)) arrays.set(`${moment}/${name}`, values)
      }
    }
    return palm ? this.storedSelections(t, own, arrays) : { scalars: own.scalars, arrays }
  }

  /** S^, importance and Adam's counts of the tensors that the trace has selected before step t, and of no others. */
  private storedSelections(t: number, own: MethodState, arrays: Map<string, NamedArray>): MethodState {
    const importance: Record<string, number> = {}
    const { counts: had, ...scalars } = own.scalars as { readonly counts: Readonly<Record<string, number>> }
    const counts: Record<string, number> = {}
    for (let past = 0; past < t; past++) {
      for (const [name, row] of Object.entries(this.trace.steps[past]?.per_tensor ?? {})) {
        const { selected, importance_mean, adam_t } = row as PalmTensor
        if (!selected) continue
        importance[name] = importance_mean
        const average = this.trace.tensors.get(`step${past}/Shat/${name}`)
        if (average) arrays.set(`shat/${name}`, average)
        const count = adam_t ?? had[name]
        if (count !== undefined && arrays.has(`adam_m/${name}`)) counts[name] = count
      }
    }
    for (const name of this.infos.keys())
      if (!(name in importance)) for (const moment of ['adam_m', 'adam_v']) arrays.delete(`${moment}/${name}`)
    return { scalars: { ...scalars, importance, counts }, arrays }
  }

  /** `tally` null: not compared. False where a chain has left the trace at a tie, after which the two are no longer the same. */
  private async step(method: Method, t: number, mode: Mode, tally: Tally | null): Promise<boolean> {
    const [n, h, w] = this.fixture.shape
    const x = this.device.fromArray(this.fixture.x(t), [n, h, w, 3])
    const view = this.device.fromArray(this.fixture.augmented(t), [n, h, w, 3])
    this.seen = emptySeen()
    this.now = t
    this.views =
      this.method === 'cotta'
        ? this.fixture.allAugmented(t).map((pixels) => this.device.fromArray(pixels, [n, h, w, 3]))
        : []
    const result = await method.step(x, view)
    await Promise.all(this.seen.reading)
    for (const tensor of [x, view, ...this.views]) tensor.dispose()
    if (!tally) return true
    const ties = this.tiesAt(result, t, tally)
    this.ties.push(...ties.map((tie) => ({ method: this.method, mode, step: t, ...tie })))
    const except = new Set(ties.map(({ tensor }) => tensor))
    const comparison = new Comparison(this.fixture, this.method, this.trace, this.seen)
    comparison.step(result, t, tally, except)
    await comparison.weights(method, t, mode, tally, except)
    return ties.length === 0
  }

  private tiesAt({ tensors }: StepResult, t: number, { limits }: Tally) {
    const { eta } = this.fixture.hyperparameters[this.method] ?? {}
    if (!this.method.startsWith('palm') || eta === undefined) return []
    const names = adaptableTensors(this.fixture.model).map(({ name }) => name)
    return tiesOf(names, tensors, this.trace.steps[t]?.per_tensor, eta, limits.relative) ?? []
  }
}
