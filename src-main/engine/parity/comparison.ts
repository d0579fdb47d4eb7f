// One step of ours beside the trace's: each quantity into the tally.
import { Cotta } from '#engine/methods/cotta/cotta.ts'
import type { Method, StepResult, TensorReport } from '#engine/methods/method.ts'
import { adaptableTensors } from '#engine/models/model.ts'
import type { Fixture, LawTensor, PalmTensor, Trace, TraceStep } from './fixture.ts'
import type { Seen } from './seen.ts'
import { largestDifference, shareOff, type Mode, type Tally } from './tally.ts'

export class Comparison {
  private readonly fixture: Fixture
  /** Of the trace. */
  private readonly method: string
  private readonly trace: Trace
  /** Of the step that is compared. */
  private seen: Seen

  constructor(fixture: Fixture, method: string, trace: Trace, seen: Seen) {
    this.fixture = fixture
    this.method = method
    this.trace = trace
    this.seen = seen
  }

  private stored(t: number, key: string): Float32Array | null {
    return this.trace.tensors.get(`step${t}/${key}`)?.data ?? null
  }

  /** `except`: tensors at a tie, which went another way in the trace. */
  step(result: StepResult, t: number, tally: Tally, except: ReadonlySet<string>): void {
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
    if (expected.per_tensor) this.compareTensors(result, t, expected.per_tensor, tally, except)
  }

  private compareTensors(
    result: StepResult,
    t: number,
    expected: NonNullable<TraceStep['per_tensor']>,
    tally: Tally,
    except: ReadonlySet<string>,
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
      } else if (!except.has(name)) this.comparePalm(mine, theirs as PalmTensor, t, name, tally)
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

  async weights(method: Method, t: number, mode: Mode, tally: Tally, except: ReadonlySet<string>): Promise<void> {
    const at = `step ${t}`
    const after = await method.parameters()
    const pairs: [Float32Array, Float32Array][] = []
    const students: [Float32Array, Float32Array][] = []
    const student = method instanceof Cotta ? await method.studentParameters() : null
    for (const { name } of this.fixture.model.tensors) {
      const stored = this.stored(t, `${student ? 'teacher_after' : 'param_after'}/${name}`)
      const values = after.get(name)?.data ?? null
      if (stored && values && !except.has(name)) pairs.push([values, stored])
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
    const { arrays } = await method.state()
    for (const name of this.fixture.adaptable) {
      for (const moment of ['adam_m', 'adam_v']) {
        const stored = this.stored(t, `${moment}/${name}`)
        if (!stored || except.has(name)) continue
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
