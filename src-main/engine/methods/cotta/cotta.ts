// CoTTA (Wang, Fink, Van Gool, Dai, CVPR 2022): a student that learns from the averaged predictions of its own moving average over many
// augmented views, and whose weights are now and then set back to the source's. All weights and biases adapt, the classifier's too. The
// prediction is the teacher's, from before its update; the teacher is also what is exported.
import { z } from 'zod'
import type { LaneOptions, OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type Tape } from '#engine/compute/graph.ts'
import { argMaxRows, consistency, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { AdaptedParameters, adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import type { Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'
import { AdamMoments, SgdMomentum } from '#engine/methods/parts/moments.ts'
import { viewOf } from '#engine/methods/parts/two-views.ts'

const scalarsSchema = z.object({
  method: z.literal('cotta'),
  random: viewRandomStateSchema,
  counts: z.record(z.string(), z.number().int().nonnegative()),
})

/** Stored draws in place of random ones, and a look at what is thrown away: for parity. */
export interface CottaStage {
  /** Views as pixel values 0..255, lent by the caller. */
  views(): readonly DeviceTensor[]
  /** 1 where the source's value is put back, file layout. */
  restoreMask(name: string): Uint8Array
  logitsOfStudent(logits: Float32Array): void
}

export class Cotta implements Method {
  readonly id = 'cotta'
  private readonly device: Device
  private readonly model: Model
  private options: OptionsOf<'cotta'>
  private readonly seed: number
  private readonly stage: CottaStage | null
  private readonly names: readonly string[]
  private readonly student: AdaptedParameters
  private readonly teacher: AdaptedParameters
  private readonly adam: AdamMoments
  private readonly sgd: SgdMomentum
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'cotta'>,
    seed: number,
    stage: CottaStage | null = null,
  ) {
    this.device = device
    this.model = model
    this.options = options
    this.seed = seed
    this.stage = stage
    this.names = model.tensors
      .filter(({ kind }) => kind !== 'bn-mean' && kind !== 'bn-variance')
      .map(({ name }) => name)
    this.student = new AdaptedParameters(device, model, this.names)
    this.teacher = new AdaptedParameters(device, model, this.names)
    this.adam = new AdamMoments(device, this.student)
    this.sgd = new SgdMomentum(device, this.student, { momentum: 0.9, nesterov: true })
    this.random = new ViewRandom(seed)
  }

  adapts(): readonly string[] {
    return this.names
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const confidence = meanConfidence(await this.logitsOf(model.parameters, pixels), classes)
    const augmented = confidence < options.threshold
    const taught = augmented ? await this.averageOverViews(pixels) : await this.logitsOf(this.teacher.view, pixels)
    const { logits, tape } = forward(device, model.graph, this.student.view, pixels, {
      statistics: 'batch',
      tape: true,
    })
    const own = await device.read(logits)
    this.stage?.logitsOfStudent(own)
    const loss = this.loss(logSoftmax(taught, classes), logSoftmax(own, classes))
    const dLogits = device.fromArray(Float32Array.from(loss.gradient), logits.shape)
    const gradients = (tape as Tape).backward(dLogits, new Set(this.names), { last: true })
    const gradient = packed(this.student, gradients)
    const optimizer = options.optimizer === 'adam' ? this.adam : this.sgd
    this.student.shift(optimizer.move(gradient, this.names, options.learningRate))
    this.teacher.draw(this.student.flat, options.teacherMomentum)
    this.restoreSome()
    for (const tensor of [pixels, logits, dLogits, gradient]) tensor.dispose()
    return {
      logits: taught,
      classes,
      predictions: argMaxRows(taught, classes),
      losses: { consistency: loss.value, anchorConfidence: confidence, augmented: augmented ? 1 : 0 },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, options.learningRate),
      adaptedShare: 1,
    }
  }

  private async logitsOf(parameters: ReadonlyMap<string, DeviceTensor>, pixels: DeviceTensor): Promise<Float32Array> {
    const { logits } = forward(this.device, this.model.graph, parameters, pixels, { statistics: 'batch', tape: false })
    const values = await this.device.read(logits)
    logits.dispose()
    return values
  }

  /** The teacher's logits, averaged over views; each view has its own forward pass and statistics. */
  private async averageOverViews(pixels: DeviceTensor): Promise<Float32Array> {
    const stored = this.stage?.views()
    const count = stored?.length ?? this.options.augmentations
    let sum: Float64Array | null = null
    for (let i = 0; i < count; i++) {
      const view = viewOf(this.device, pixels, stored?.[i], this.random)
      const logits = await this.logitsOf(this.teacher.view, view)
      view.dispose()
      sum ??= new Float64Array(logits.length)
      for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (logits[k] as number)
    }
    return Float32Array.from(sum ?? [], (value) => value / count)
  }

  /** CE(teacher, student); with `symmetric` (the published ImageNet form) the mean of that and CE(student, teacher). Only the student learns. */
  private loss(teacher: Float64Array, student: Float64Array): { value: number; gradient: Float64Array } {
    const { classes } = this.model
    const there = consistency(teacher, student, classes)
    if (!this.options.symmetric) return { value: there.value, gradient: there.gradientQ }
    const back = consistency(student, teacher, classes)
    return {
      value: (there.value + back.value) / 2,
      gradient: there.gradientQ.map((g, i) => (g + (back.gradientP[i] as number)) / 2),
    }
  }

  /** Each scalar of the student goes back to the source's with probability `restore`. Moments stay. */
  private restoreSome(): void {
    const { device, student } = this
    const mask = student.layout.fromArrays(new Map(this.names.map((name) => [name, this.mask(name)])))
    const out = device.addScalar(mask, -1) // -1 where the student's own value stays, else 0
    const negative = device.mul(student.flat, out)
    const back = device.mul(student.source, mask)
    student.setFlat(device.sub(back, negative))
    for (const tensor of [mask, out, negative, back]) tensor.dispose()
  }

  /** 1 where restored, else 0. */
  private mask(name: string): NamedArray {
    const data = new Float32Array(this.student.elements(name))
    const stored = this.stage?.restoreMask(name)
    for (let i = 0; i < data.length; i++)
      data[i] = stored ? (stored[i] as number) : this.random.uniform(0, 1) < this.options.restore ? 1 : 0
    return { shape: this.student.info(name).shape, data }
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.teacher.view
  }

  /** The teacher: what predicts. */
  parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.teacher.export()
  }

  /** The student's weights: for parity. */
  studentParameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.student.export()
  }

  async state(): Promise<MethodState> {
    const arrays = await this.teacher.stateArrays()
    for (const [name, array] of await this.student.export()) arrays.set(`student/${name}`, array)
    const counts = await this.adam.export(arrays)
    await this.sgd.export(arrays)
    return { scalars: { method: 'cotta', random: this.random.state(), counts }, arrays }
  }

  restore(state: MethodState): void {
    const { random, counts } = scalarsSchema.parse(state.scalars)
    this.teacher.restoreFrom(state.arrays)
    this.student.restoreFrom(state.arrays, 'student/')
    this.adam.restore(state.arrays, counts)
    this.sgd.restore(state.arrays)
    this.random.restore(random)
  }

  adjust(options: LaneOptions): void {
    if (options.method === 'cotta') this.options = options
  }

  reset(): void {
    this.student.reset()
    this.teacher.reset()
    this.adam.clear()
    this.sgd.clear()
    this.random = new ViewRandom(this.seed)
  }

  dispose(): void {
    this.reset()
    this.student.dispose()
    this.teacher.dispose()
  }
}

/** Mean over samples of the largest probability. */
function meanConfidence(logits: Float32Array, classes: number): number {
  const log = logSoftmax(logits, classes)
  let sum = 0
  for (let row = 0; row < log.length; row += classes) {
    let most = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++) most = Math.max(most, log[row + c] as number)
    sum += Math.exp(most)
  }
  return (sum * classes) / log.length
}
