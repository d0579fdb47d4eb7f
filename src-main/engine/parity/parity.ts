// Holds our methods against stored traces of the published ones, quantity by quantity: one step from stored state, and the whole chain.
// Bytes in, a report out; any folder in the fixture's layout.
import { descriptors } from '#engine/methods/descriptors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { Cotta } from '#engine/methods/cotta/cotta.ts'
import { ForwardOnly } from '#engine/methods/parts/forward-only.ts'
import { Law } from '#engine/methods/law/law.ts'
import type { Method, MethodState, NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'
import { Palm, type PalmObserver } from '#engine/methods/palm/palm.ts'
import { Surgical } from '#engine/methods/surgical/surgical.ts'
import { createTent } from '#engine/methods/tent/tent.ts'
import { adaptableTensors, toFileLayout, type TensorInfo } from '#engine/models/model.ts'
import { isBenchmarkFolder, runBenchmarkParity } from './benchmark.ts'
import {
  openFixture,
  type Fixture,
  type LawTensor,
  type PalmTensor,
  type ReadFile,
  type Trace,
  type TraceStep,
} from './fixture.ts'
import { largestDifference, shareOff, Tally, type Mode, type ParityRow } from './tally.ts'

export interface ParityReport {
  readonly rows: readonly ParityRow[]
  /** In the folder, but no method of ours yet. */
  readonly missing: readonly string[]
  readonly ok: boolean
}

const ours = ['source', 'norm', 'tent', 'palm_reference', 'palm_paper', 'law', 'law_clean', 'surgical', 'cotta']

/** For either kind of folder. @throws PalmError `input-unreadable`, `model-unreadable`, naming the file */
export function runParity(device: Device, read: ReadFile): ParityReport {
  if (isBenchmarkFolder(read)) {
    const { rows, missing } = runBenchmarkParity(device, read)
    return { rows, missing, ok: rows.length > 0 && rows.every((row) => !row.over) }
  }
  const fixture = openFixture(device, read)
  try {
    const rows = fixture.methods
      .filter((method) => ours.includes(method))
      .flatMap((method) => new MethodParity(device, fixture, method).run())
    return {
      rows,
      missing: fixture.methods.filter((method) => !ours.includes(method)),
      ok: rows.length > 0 && rows.every((row) => !row.over),
    }
  } finally {
    fixture.model.dispose()
  }
}

/** What the observer saw of one PALM step, in file layout. */
interface Seen {
  readonly gradKl: Map<string, Float32Array>
  readonly gradTotal: Map<string, Float32Array>
  readonly S: Map<string, Float32Array>
  readonly Shat: Map<string, Float32Array>
  readonly D: Map<string, Float32Array>
  readonly importance: Map<string, Float32Array>
  viewLogits: Float32Array | null
  studentLogits: Float32Array | null
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
    const { device, fixture, method } = this
    const hp = fixture.hyperparameters[method] ?? {}
    if (method === 'source' || method === 'norm') return new ForwardOnly(device, fixture.model, method)
    if (method === 'tent')
      return createTent(device, fixture.model, descriptors.tent.options.parse({ method: 'tent', learningRate: hp.lr }))
    if (method === 'law' || method === 'law_clean') {
      const options = descriptors.law.options.parse({
        method: 'law',
        learningRate: hp.lr,
        tau: hp.tau,
        weight: (hp.lambda ?? Number.NaN) * fixture.model.classes,
        clean: method === 'law_clean',
      })
      return new Law(device, fixture.model, options, 0, this.observer())
    }
    if (method === 'surgical') {
      return new Surgical(
        device,
        fixture.model,
        descriptors.surgical.options.parse({
          method,
          learningRate: hp.lr,
          momentum: hp.momentum,
          lambda: hp.lambda,
          margin: hp.margin,
        }),
        0,
      )
    }
    if (method === 'cotta') {
      const options = descriptors.cotta.options.parse({
        method,
        learningRate: hp.lr,
        teacherMomentum: hp.teacher_momentum,
        restore: hp.restore_probability,
        threshold: hp.ap,
        augmentations: hp.n_augmentations,
      })
      return new Cotta(device, fixture.model, options, 0, {
        views: () => this.views,
        restoreMask: (name) => fixture.restoreMask(this.now, name),
        logitsOfStudent: (logits) => {
          this.seen.studentLogits = logits
        },
      })
    }
    const variant = method === 'palm_paper' ? 'paper' : 'reference'
    const { kappa, alpha, temperature, eta, lambda, margin } = hp
    return new Palm(
      device,
      fixture.model,
      descriptors.palm.options.parse({ method: 'palm', variant, kappa, alpha, temperature, eta, lambda, margin }),
      0,
      this.observer(),
    )
  }

  private observer(): PalmObserver {
    const keep = (into: (seen: Seen) => Map<string, Float32Array>) => (name: string, tensor: DeviceTensor) =>
      void into(this.seen).set(name, this.fileLayout(name, tensor))
    return {
      gradientOfDivergence: keep((seen) => seen.gradKl),
      gradientOfTotal: keep((seen) => seen.gradTotal),
      sensitivity: (name, parts) => {
        this.seen.S.set(name, this.fileLayout(name, parts.sensitivity))
        this.seen.Shat.set(name, this.fileLayout(name, parts.average))
        this.seen.D.set(name, this.fileLayout(name, parts.uncertainty))
        this.seen.importance.set(name, this.fileLayout(name, parts.importance))
      },
      logitsOfView: (logits) => {
        this.seen.viewLogits = logits
      },
    }
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
    this.compareStep(result, t, tally)
    this.compareWeights(method, t, mode, tally)
  }

  private stored(t: number, key: string): Float32Array | null {
    return this.trace.tensors.get(`step${t}/${key}`)?.data ?? null
  }

  private compareStep(result: StepResult, t: number, tally: Tally): void {
    const at = `step ${t}`
    const expected = this.trace.steps[t]
    if (!expected) return
    const logits = this.stored(t, 'logits')
    if (logits) tally.add('logits', 'logits', largestDifference(result.logits, logits), at)
    const viewLogits = this.stored(t, 'logits_aug')
    if (viewLogits && this.seen.viewLogits)
      tally.add('logits of the view', 'logits', largestDifference(this.seen.viewLogits, viewLogits), at)
    tally.add(
      'predictions',
      'exact',
      expected.predictions.filter((label, i) => label !== result.predictions[i]).length,
      at,
    )
    const student = this.stored(t, 'logits_student')
    if (student && this.seen.studentLogits)
      tally.add('logits of the student', 'logits', largestDifference(this.seen.studentLogits, student), at)
    if (typeof expected.anchor_confidence === 'number')
      tally.relative(
        'anchor confidence',
        'losses',
        result.losses.anchorConfidence ?? Number.NaN,
        expected.anchor_confidence,
        at,
      )
    if (expected.augmented !== undefined)
      tally.add('averaged over views', 'exact', expected.augmented === (result.losses.augmented === 1) ? 0 : 1, at)
    if (typeof expected.kept === 'number')
      tally.add('kept', 'exact', Math.abs(expected.kept - (result.kept ?? Number.NaN)), at)
    const losses = {
      loss: this.method === 'cotta' ? result.losses.consistency : result.losses.entropy,
      loss_kl: result.losses.kl,
      loss_nll: result.losses.likelihood,
      loss_entropy: result.losses.entropy,
      loss_consistency: result.losses.consistency,
      loss_total: result.losses.total,
    } as const
    for (const name of Object.keys(losses) as (keyof typeof losses)[]) {
      const theirs = expected[name]
      const mine = losses[name]
      if (typeof theirs === 'number' && mine !== undefined)
        tally.relative(name.replace('_', ' '), 'losses', mine, theirs, at)
    }
    if (expected.kept_mask)
      tally.add(
        'kept mask',
        'exact',
        expected.kept_mask.filter((kept, i) => (kept === 1) !== result.keptMask?.[i]).length,
        at,
      )
    if (expected.per_tensor) this.compareTensors(result, t, expected.per_tensor, tally)
  }

  private compareTensors(
    result: StepResult,
    t: number,
    expected: NonNullable<TraceStep['per_tensor']>,
    tally: Tally,
  ): void {
    const names = adaptableTensors(this.fixture.model).map((tensor) => tensor.name)
    const largest = Object.values(expected).reduce(
      (most, row) => Math.max(most, typeof row.grad_total_l1 === 'number' ? row.grad_total_l1 : 0),
      1e-12,
    )
    for (const [i, name] of names.entries()) {
      const mine = result.tensors[i]
      const theirs = expected[name]
      const at = `step ${t}, ${name}`
      if (!mine || !theirs) {
        tally.add('tensors', 'exact', 1, at)
        continue
      }
      const total = this.seen.gradTotal.get(name)
      // Of the largest tensor's: one ReLU at its kink that falls to the other side moves a small tensor's by more than 1e-3 of its own.
      if (total && typeof theirs.grad_total_l1 === 'number')
        tally.add(
          'L1 of the total gradient, of the largest',
          'relative',
          Math.abs(total.reduce((sum, value) => sum + Math.abs(value), 0) - theirs.grad_total_l1) / largest,
          at,
        )
      if (this.method.startsWith('law')) {
        const { fim_root_mean, weight, lr } = theirs as LawTensor
        tally.relative('root mean of F', 'relative', mine.score, fim_root_mean, at)
        // The smallest weight is 0 by definition: differences are taken of the largest, which is 1.
        tally.add('weight', 'relative', Math.abs(mine.importance - weight), at)
        tally.add(
          'learning rate, of the largest',
          'relative',
          Math.abs(mine.learningRate - lr) / (this.fixture.hyperparameters[this.method]?.lr ?? Number.NaN),
          at,
        )
      } else this.comparePalm(mine, theirs as PalmTensor, t, name, tally)
    }
  }

  private comparePalm(mine: TensorReport, theirs: PalmTensor, t: number, name: string, tally: Tally): void {
    const at = `step ${t}, ${name}`
    tally.relative('score', 'relative', mine.score, theirs.score, at)
    tally.add(
      'selected set',
      'exact',
      (mine.state === 'fresh') === theirs.selected && mine.state === theirs.state ? 0 : 1,
      at,
    )
    tally.relative('importance', 'relative', mine.importance, theirs.importance_mean, at)
    tally.relative('learning rate', 'relative', mine.learningRate, theirs.lr ?? theirs.lr_mean ?? Number.NaN, at)
    for (const [quantity, key, seen] of [
      ['sum of S', 'S_sum', this.seen.S],
      ['sum of S^', 'Shat_sum', this.seen.Shat],
      ['sum of D', 'D_sum', this.seen.D],
    ] as const) {
      const sum = theirs[key]
      const values = seen.get(name)
      if (typeof sum === 'number' && values)
        tally.relative(
          quantity,
          'relative',
          values.reduce((total, value) => total + value, 0),
          sum,
          at,
        )
    }
    for (const [quantity, key, seen] of [
      ['S', 'S', this.seen.S],
      ['S^', 'Shat', this.seen.Shat],
      ['D', 'D', this.seen.D],
      ['KL gradient', 'grad_kl', this.seen.gradKl],
      ['total gradient', 'grad_total', this.seen.gradTotal],
    ] as const) {
      const stored = this.stored(t, `${key}/${name}`)
      const values = seen.get(name)
      if (stored && values)
        tally.add(
          `${quantity}, of the largest`,
          'relative',
          largestDifference(values, stored) / Math.max(1e-12, ...stored.map(Math.abs)),
          at,
        )
    }
  }

  private compareWeights(method: Method, t: number, mode: Mode, tally: Tally): void {
    const at = `step ${t}`
    const after = method.parameters()
    const pairs: [Float32Array, Float32Array][] = []
    const students: [Float32Array, Float32Array][] = []
    const student = method instanceof Cotta ? method.studentParameters() : null
    for (const name of this.infos.keys()) {
      const stored = this.stored(t, `${student ? 'teacher_after' : 'param_after'}/${name}`)
      const values = after.get(name)?.data ?? null
      if (stored && values) pairs.push([values, stored])
      const own = student ? this.stored(t, `student_after/${name}`) : null
      if (own) students.push([student?.get(name)?.data ?? new Float32Array(0), own])
    }
    if (pairs.length > 0)
      tally.add(
        student ? 'weights of the teacher, share off by > 1e-5' : 'weights, share off by > 1e-5',
        'parameters',
        shareOff(pairs),
        at,
      )
    if (students.length > 0)
      tally.add('weights of the student, share off by > 1e-5', 'parameters', shareOff(students), at)
    if (mode !== 'chain') return
    const { arrays } = method.state()
    for (const name of this.fixture.adaptable) {
      for (const moment of ['adam_m', 'adam_v']) {
        const stored = this.stored(t, `${moment}/${name}`)
        if (!stored) continue
        const values = arrays.get(`${moment}/${name}`)?.data ?? new Float32Array(stored.length)
        const largest = stored.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
        tally.add(
          `${moment}, of the largest`,
          'relative',
          largest === 0 ? largestDifference(values, stored) : largestDifference(values, stored) / largest,
          `${at}, ${name}`,
        )
      }
    }
  }
}

function emptySeen(): Seen {
  return {
    gradKl: new Map(),
    gradTotal: new Map(),
    S: new Map(),
    Shat: new Map(),
    D: new Map(),
    importance: new Map(),
    viewLogits: null,
    studentLogits: null,
  }
}
