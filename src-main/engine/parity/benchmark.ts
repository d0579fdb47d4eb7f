// The second kind of parity folder: traces of the field's benchmark on the first folder's model and batches. One chain of steps per trace.
import { z } from 'zod'
import { cmfLaneSchema, comeLaneSchema, deyoLaneSchema, rdumbLaneSchema, roidLaneSchema, sarLaneSchema } from '../../contract/run-options.ts'
import type { Device, DeviceTensor } from '../compute/device.ts'
import { Deyo } from '../methods/deyo.ts'
import { ForwardOnly } from '../methods/forward-only.ts'
import type { Method, StepResult } from '../methods/method.ts'
import { Rdumb } from '../methods/rdumb.ts'
import { Cmf, Roid } from '../methods/roid.ts'
import { Sar } from '../methods/sar.ts'
import { Come } from '../methods/tent.ts'
import { readTensors } from '../models/load.ts'
import type { Model } from '../models/model.ts'
import { openFixture, parseFile, type Fixture, type ReadFile } from './fixture.ts'
import { largestDifference, shareOff, Tally, type ParityRow } from './tally.ts'

const settings = z.record(z.string(), z.unknown())
const indexSchema = z.looseObject({
  /** The first folder, beside this one. */
  parity: z.string().regex(/^(\.\.\/)?[\w-][\w.-]*$/),
  methods: z.record(z.string(), z.looseObject({ hyperparameters: settings, changed_from_official: settings.optional() })),
})
const mask = z.array(z.number().int()).optional()
const value = z.number().nullable().optional()
const stepSchema = z.looseObject({ predictions: z.array(z.number().int()), loss: value, loss_slr: value, loss_consistency: value, kept: mask, loss_first: value, loss_second: value, used: mask, ema: value, updated: z.boolean().optional() })
const traceSchema = z.looseObject({ steps: z.array(stepSchema).min(1) })

/** The README's, for the whole chain. */
const limits = { logits: 1e-3, losses: 1e-4, relative: 1e-3, parameters: 1e-3, exact: 0 } as const

const common = z.looseObject({ OPTIM: z.looseObject({ LR: z.number() }) })
const eata = common.extend({ EATA: z.looseObject({ MARGIN_E0: z.number(), D_MARGIN: z.number() }) })

/** The stored draws of the step that is being made. */
interface Stage {
  /** The stored augmentation of these samples, pixels in [0, 1]. */
  view(kept: readonly number[]): DeviceTensor
  /** The order of the tiles of the j-th reliable sample. */
  tiles(j: number): readonly number[]
}

type Make = (device: Device, model: Model, hyperparameters: unknown, changes: unknown, stage: Stage) => Method
const resetAfter = 'RESET_AFTER_NUM_UPDATES'

const makers: Readonly<Record<string, Make>> = {
  rdumb(device, model, hyperparameters, changes) {
    const { OPTIM, EATA } = eata.parse(hyperparameters)
    const period = Object.entries(settings.parse(changes)).find(([name]) => name.endsWith(resetAfter))
    const { here } = z.looseObject({ here: z.number() }).parse(period?.[1])
    return new Rdumb(device, model, rdumbLaneSchema.parse({ method: 'rdumb', learningRate: OPTIM.LR, margin: EATA.MARGIN_E0 * Math.log(model.classes), similarity: EATA.D_MARGIN, period: here }))
  },
  rdumb_ccc(device, model, hyperparameters) {
    const { lr, momentum, d_margin, period } = z.looseObject({ lr: z.number(), momentum: z.number(), d_margin: z.number(), period: z.number() }).parse(hyperparameters)
    return new Rdumb(device, model, rdumbLaneSchema.parse({ method: 'rdumb', optimizer: 'sgd', learningRate: lr, momentum, similarity: d_margin, period }))
  },
  sar(device, model, hyperparameters) {
    const { OPTIM, EATA, SAR } = eata.extend({ SAR: z.looseObject({ RESET_CONSTANT_EM: z.number() }) }).parse(hyperparameters)
    return new Sar(device, model, sarLaneSchema.parse({ method: 'sar', learningRate: OPTIM.LR, margin: EATA.MARGIN_E0 * Math.log(model.classes), resetBelow: SAR.RESET_CONSTANT_EM }))
  },
  deyo(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, DEYO } = common.extend({ DEYO: z.looseObject({ PLPD: z.number(), MARGIN: z.number() }) }).parse(hyperparameters)
    return new Deyo(device, model, deyoLaneSchema.parse({ method: 'deyo', learningRate: OPTIM.LR, fall: DEYO.PLPD, margin: DEYO.MARGIN * Math.log(model.classes) }), 0, stage.tiles)
  },
  roid(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, ROID } = common.extend({ ROID: z.looseObject({ MOMENTUM_SRC: z.number() }) }).parse(hyperparameters)
    return new Roid(device, model, roidLaneSchema.parse({ method: 'roid', learningRate: OPTIM.LR, sourceMomentum: ROID.MOMENTUM_SRC }), 0, stage.view)
  },
  cmf(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, CMF } = common.extend({ CMF: z.looseObject({ ALPHA: z.number(), GAMMA: z.number(), Q: z.number() }) }).parse(hyperparameters)
    return new Cmf(device, model, cmfLaneSchema.parse({ method: 'cmf', learningRate: OPTIM.LR, alpha: CMF.ALPHA, gamma: CMF.GAMMA, q: CMF.Q }), 0, stage.view)
  },
  norm_alpha: bnAlpha,
  norm_alpha_single: bnAlpha,
  come_tent: come,
  come_tent_c10: come,
}

function bnAlpha(device: Device, model: Model, hyperparameters: unknown): Method {
  return new ForwardOnly(device, model, 'bn-alpha', z.looseObject({ BN: z.looseObject({ ALPHA: z.number() }) }).parse(hyperparameters).BN.ALPHA)
}

function come(device: Device, model: Model, hyperparameters: unknown): Method {
  const { lr, momentum, evidence_constant } = z.looseObject({ lr: z.number(), momentum: z.number(), evidence_constant: z.number() }).parse(hyperparameters)
  return new Come(device, model, comeLaneSchema.parse({ method: 'come', learningRate: lr, momentum, evidence: evidence_constant }))
}

/** Whether a folder's index.json is of this kind. */
export function isBenchmarkFolder(read: ReadFile): boolean {
  return indexSchema.safeParse(parseFile(z.unknown(), read, 'index.json')).success
}

/** @throws PalmError `input-unreadable`, `model-unreadable`, naming the file */
export function runBenchmarkParity(device: Device, read: ReadFile): { rows: ParityRow[]; missing: string[] } {
  const index = parseFile(indexSchema, read, 'index.json')
  const fixture = openFixture(device, (name) => read(`${index.parity}/${name}`))
  try {
    const names = Object.keys(index.methods)
    const rows = names.flatMap((name) => {
      const entry = index.methods[name]
      const make = makers[name]
      if (!make || !entry) return []
      const now = { step: 0 }
      return compareTrace(device, fixture, read, name, make(device, fixture.model, entry.hyperparameters, entry.changed_from_official ?? {}, stageOf(device, fixture, read, now)), now)
    })
    return { rows, missing: names.filter((name) => !makers[name]) }
  } finally {
    fixture.model.dispose()
  }
}

function stageOf(device: Device, fixture: Fixture, read: ReadFile, now: { readonly step: number }): Stage {
  const [n, h, w] = fixture.shape
  const orders = readTensors(read('inputs.safetensors'), 'inputs.safetensors').tensors.get('deyo_perm')
  return {
    view(kept) {
      const all = fixture.augmented(now.step)
      const size = h * w * 3
      const pixels = new Float32Array(kept.length * size)
      for (const [i, sample] of kept.entries()) pixels.set(all.subarray(sample * size, (sample + 1) * size), i * size)
      const bytes = device.fromArray(pixels, [kept.length, h, w, 3])
      const view = device.scale(bytes, 1 / 255)
      bytes.dispose()
      return view
    },
    tiles(j) {
      const tiles = orders?.shape.at(-1) ?? 0
      const at = (now.step * n + j) * tiles
      return Array.from(orders?.data.subarray(at, at + tiles) ?? [])
    },
  }
}

function compareTrace(device: Device, fixture: Fixture, read: ReadFile, name: string, method: Method, now: { step: number }): ParityRow[] {
  const { steps } = parseFile(traceSchema, read, `trace_${name}.json`)
  const { tensors } = readTensors(read(`trace_${name}.safetensors`), `trace_${name}.safetensors`)
  // 0.1 % of the parameters, and one of them always: where a gradient is within rounding of 0, Adam's step is of any size up to its rate.
  const count = [...method.parameters().values()].reduce((sum, { data }) => sum + data.length, 0)
  const tally = new Tally(name, 'chain', { ...limits, parameters: Math.max(limits.parameters, 1 / Math.max(1, count)) })
  const [n, h, w] = fixture.shape
  for (const [t, expected] of steps.entries()) {
    now.step = t
    const result = name === 'norm_alpha_single' ? oneByOne(device, method, fixture.x(t), [n, h, w]) : stepOn(device, method, fixture.x(t), [n, h, w])
    const at = `step ${t}`
    const logits = tensors.get(`step${t}/logits`)
    if (logits) tally.add('logits', 'logits', largestDifference(result.logits, logits.data), at)
    tally.add('predictions', 'exact', expected.predictions.filter((label, i) => label !== result.predictions[i]).length, at)
    compareLosses(result, expected, tally, at)
    const used = expected.used ?? expected.kept
    if (used) tally.add('used samples', 'exact', used.filter((one, i) => (one === 1) !== result.keptMask?.[i]).length, at)
    // CCC's own class goes back before the next batch, ours right after this one: the same from then on.
    const pending = name === 'rdumb_ccc' && (t + 1) % 4 === 0
    const pairs = [...method.parameters()].flatMap(([tensor, { data }]) => {
      const stored = tensors.get(`step${t}/param_after/${tensor}`)
      return stored && !pending ? [[data, stored.data] as const] : []
    })
    if (pairs.length > 0) tally.add('weights, share off by > 1e-5', 'parameters', shareOff(pairs), at)
  }
  method.dispose()
  return tally.list()
}

function stepOn(device: Device, method: Method, pixels: Float32Array, [n, h, w]: readonly [number, number, number]): StepResult {
  const x = device.fromArray(pixels, [n, h, w, 3])
  const result = method.step(x)
  x.dispose()
  return result
}

/** Batches of one image, their results put together. */
function oneByOne(device: Device, method: Method, pixels: Float32Array, [n, h, w]: readonly [number, number, number]): StepResult {
  const size = h * w * 3
  const results = Array.from({ length: n }, (_, i) => stepOn(device, method, pixels.slice(i * size, (i + 1) * size), [1, h, w]))
  const [first] = results as [StepResult]
  return { ...first, logits: Float32Array.from(results.flatMap(({ logits }) => [...logits])), predictions: Int32Array.from(results.flatMap(({ predictions }) => [...predictions])) }
}

function compareLosses(result: StepResult, expected: z.output<typeof stepSchema>, tally: Tally, at: string): void {
  const { entropy, total, average, ratio, consistency } = result.losses
  for (const [quantity, mine, theirs] of [['loss', total ?? entropy, expected.loss], ['first loss', entropy, expected.loss_first], ['second loss', total, expected.loss_second], ['average of the loss', average, expected.ema]] as const) {
    if (typeof theirs === 'number') tally.relative(quantity, 'losses', mine ?? Number.NaN, theirs, at)
  }
  // The ratio's terms cancel, down to a thousandth of what they are: both parts are measured by the larger one.
  const scale = Math.max(Math.abs(expected.loss_slr ?? 0), Math.abs(expected.loss_consistency ?? 0))
  if (typeof expected.loss_slr === 'number') tally.add('likelihood ratio', 'losses', Math.abs((ratio ?? Number.NaN) - expected.loss_slr) / scale, at)
  if (typeof expected.loss_consistency === 'number') tally.add('consistency', 'losses', Math.abs((consistency ?? Number.NaN) - expected.loss_consistency) / scale, at)
  if (expected.loss === null) tally.add('batches without a sample', 'exact', result.kept === 0 ? 0 : 1, at)
}
