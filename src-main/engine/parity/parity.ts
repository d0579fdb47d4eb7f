// Holds our methods against stored traces of the published ones, quantity by quantity: one step from stored state, and the whole chain.
// Bytes in, a report out; any folder in the fixture's layout.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Method, MethodState, NamedArray } from '#engine/methods/method.ts'
import { toFileLayout, type TensorInfo } from '#engine/models/model.ts'
import { isBenchmarkFolder, runBenchmarkParity } from './benchmark.ts'
import { Comparison } from './comparison.ts'
import { openFixture, type Fixture, type PalmTensor, type ReadFile, type Trace } from './fixture.ts'
import { emptySeen, type Seen } from './seen.ts'
import { Tally, type Mode, type ParityRow } from './tally.ts'
import { observerOf, tracedMethods } from './traced-methods.ts'

interface ParityReport {
  readonly rows: readonly ParityRow[]
  /** In the folder, but no method of ours yet. */
  readonly missing: readonly string[]
  readonly ok: boolean
}

/** For either kind of folder. @throws PalmError `input-unreadable`, `model-unreadable`, naming the file */
export function runParity(device: Device, read: ReadFile): ParityReport {
  if (isBenchmarkFolder(read)) {
    const { rows, missing } = runBenchmarkParity(device, read)
    return { rows, missing, ok: rows.length > 0 && rows.every((row) => !row.over) }
  }
  const fixture = openFixture(device, read)
  try {
    const rows = fixture.methods
      .filter((method) => tracedMethods.has(method))
      .flatMap((method) => new MethodParity(device, fixture, method).run())
    return {
      rows,
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

  constructor(device: Device, fixture: Fixture, method: string) {
    this.device = device
    this.fixture = fixture
    this.method = method
    this.trace = fixture.trace(method)
    this.infos = new Map(fixture.model.tensors.map((info) => [info.name, info]))
  }

  run(): ParityRow[] {
    const chain = this.make()
    const single = this.make()
    const chainTally = new Tally(this.method, 'chain')
    const stepTally = new Tally(this.method, 'step')
    for (let t = 0; t < this.trace.steps.length; t++) {
      // Moments are stored only now and then: a single step takes them from the chain, where they are compared.
      single.restore(t === 0 ? this.make().state() : this.storedState(t, chain.state()))
      this.step(single, t, 'step', stepTally)
      this.step(chain, t, 'chain', chainTally)
    }
    chain.dispose()
    single.dispose()
    return [...stepTally.list(), ...chainTally.list()]
  }

  private make(): Method {
    const make = tracedMethods.get(this.method)
    if (!make) throw new Error(`There is no method for the trace ${this.method}`)
    const { device, fixture } = this
    return make({
      device,
      model: fixture.model,
      hp: fixture.hyperparameters[this.method] ?? {},
      observer: observerOf(
        () => this.seen,
        (name, tensor) => this.fileLayout(name, tensor),
      ),
      stage: {
        views: () => this.views,
        restoreMask: (name) => fixture.restoreMask(this.now, name),
        logitsOfStudent: (logits) => {
          this.seen.studentLogits = logits
        },
      },
    })
  }

  private fileLayout(name: string, tensor: DeviceTensor): Float32Array {
    return toFileLayout(this.infos.get(name) as TensorInfo, this.device.read(tensor))
  }

  /** The state after step t - 1 as the trace has it. */
  private storedState(t: number, chain: MethodState): MethodState {
    const arrays = new Map<string, NamedArray>(chain.arrays)
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
        const stored = this.trace.tensors.get(`step${t - 1}/${moment}/${name}`)
        if (stored && arrays.has(`${moment}/${name}`)) arrays.set(`${moment}/${name}`, stored)
      }
    }
    if (!this.method.startsWith('palm')) return { scalars: chain.scalars, arrays }
    const importance: Record<string, number> = {}
    for (let past = 0; past < t; past++) {
      for (const [name, row] of Object.entries(this.trace.steps[past]?.per_tensor ?? {})) {
        const { selected, importance_mean } = row as PalmTensor
        if (!selected) continue
        importance[name] = importance_mean
        const average = this.trace.tensors.get(`step${past}/Shat/${name}`)
        if (average) arrays.set(`shat/${name}`, average)
      }
    }
    return { scalars: { ...(chain.scalars as Record<string, never>), importance }, arrays }
  }

  private step(method: Method, t: number, mode: Mode, tally: Tally): void {
    const [n, h, w] = this.fixture.shape
    const x = this.device.fromArray(this.fixture.x(t), [n, h, w, 3])
    const view = this.device.fromArray(this.fixture.augmented(t), [n, h, w, 3])
    this.seen = emptySeen()
    this.now = t
    this.views =
      this.method === 'cotta'
        ? this.fixture.allAugmented(t).map((pixels) => this.device.fromArray(pixels, [n, h, w, 3]))
        : []
    const result = method.step(x, view)
    for (const tensor of [x, view, ...this.views]) tensor.dispose()
    const comparison = new Comparison(this.fixture, this.method, this.trace, this.seen)
    comparison.step(result, t, tally)
    comparison.weights(method, t, mode, tally)
  }
}
