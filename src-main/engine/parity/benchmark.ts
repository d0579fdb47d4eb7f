// The second kind of parity folder: traces of the field's benchmark on the first folder's model and batches. One chain of steps per trace.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Method, NamedArray, StepResult } from '#engine/methods/method.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { makers } from './benchmark-methods.ts'
import { openFixture, parseFile, type Fixture, type ReadFile } from './fixture.ts'
import { largestDifference, limitsOf, limitsSchema, shareOff, Tally, type Limits, type ParityRow } from './tally.ts'
import type { Stage, Traced } from './trace-parts.ts'

const settings = z.record(z.string(), z.unknown())
const indexSchema = z.looseObject({
  /** The first folder, beside this one. */
  parity: z.string().regex(/^(\.\.\/)?[\w-][\w.-]*$/),
  methods: z.record(
    z.string(),
    z.looseObject({ hyperparameters: settings, changed_from_official: settings.optional() }),
  ),
  limits: limitsSchema,
})
const mask = z.array(z.number().int()).optional()
const value = z.number().nullable().optional()
const manyOrOne = z
  .union([z.number(), z.array(z.number())])
  .nullable()
  .optional()
const stepSchema = z.looseObject({
  updates: z.array(z.looseObject({ loss: z.number() })).optional(),
  loss_contrastive: value,
  loss_self_training: value,
  loss_source: value,
  predictions: z.array(z.number().int()),
  loss: manyOrOne,
  loss_slr: value,
  loss_consistency: value,
  kept: mask,
  loss_first: value,
  loss_second: value,
  used: mask,
  ema: value,
  updated: z.boolean().optional(),
})
const traceSchema = z.looseObject({ steps: z.array(stepSchema).min(1) })

/** The README's, for the whole chain; a folder may state others. */
const limits = { logits: 1e-3, losses: 1e-4, relative: 1e-3, parameters: 1e-3, exact: 0 } as const

/** Whether a folder's index.json is of this kind. */
export function isBenchmarkFolder(read: ReadFile): boolean {
  return indexSchema.safeParse(parseFile(z.unknown(), read, 'index.json')).success
}

/** @throws PalmError `input-unreadable`, `model-unreadable`, naming the file */
export async function runBenchmarkParity(
  device: Device,
  read: ReadFile,
  told: (method: string, done: number, total: number) => void = () => undefined,
): Promise<{ rows: ParityRow[]; missing: string[] }> {
  const index = parseFile(indexSchema, read, 'index.json')
  const fixture = openFixture(device, (name) => read(`${index.parity}/${name}`))
  try {
    const names = Object.keys(index.methods)
    const rows: ParityRow[] = []
    for (const [i, name] of names.entries()) {
      told(name, i, names.length)
      const entry = index.methods[name]
      const make = makers[name]
      if (!make || !entry) continue
      const now = { step: 0 }
      const stage = stageOf(device, fixture, read, now)
      const traced = make(device, fixture.model, entry.hyperparameters, entry.changed_from_official ?? {}, stage)
      const bounds = limitsOf('chain', index.limits, limits)
      rows.push(...(await compareTrace(bounds, device, fixture, read, name, traced, stage, now)))
    }
    return { rows, missing: names.filter((name) => !makers[name]) }
  } finally {
    fixture.model.dispose()
  }
}

function stageOf(device: Device, fixture: Fixture, read: ReadFile, now: { readonly step: number }): Stage {
  const [n, h, w] = fixture.shape
  const size = h * w * 3
  const own = readSafetensors(read('inputs.safetensors'), 'inputs.safetensors').tensors
  const whole = (name: string): NamedArray => {
    const tensor = own.get(name)
    if (!tensor) throw new PalmError('input-unreadable', `inputs.safetensors has no ${name}.`)
    return tensor
  }
  const view = (samples: readonly number[] | null, k = 0): DeviceTensor => {
    const places = samples ?? Array.from({ length: n }, (_, i) => now.step * n + i)
    const pixels = new Float32Array(places.length * size)
    for (const [i, place] of places.entries()) {
      const all = fixture.allAugmented(Math.floor(place / n))[k] as Float32Array
      pixels.set(all.subarray((place % n) * size, ((place % n) + 1) * size), i * size)
    }
    const bytes = device.fromArray(pixels, [places.length, h, w, 3])
    const unit = device.scale(bytes, 1 / 255)
    bytes.dispose()
    return unit
  }
  const labels = whole('src_y')
  return {
    view,
    ofThisStep: (kept) => view(kept.map((i) => now.step * n + i)),
    stored(name) {
      const { shape, data } = whole(name)
      const [steps = 1, ...rest] = shape
      const length = data.length / steps
      return { shape: rest, data: data.subarray(now.step * length, (now.step + 1) * length) }
    },
    whole,
    source: { pixels: Uint8Array.from(whole('src_x').data), labels: Int32Array.from(labels.data), height: h, width: w },
  }
}

async function compareTrace(
  bounds: Limits,
  device: Device,
  fixture: Fixture,
  read: ReadFile,
  name: string,
  traced: Traced,
  stage: Stage,
  now: { step: number },
): Promise<ParityRow[]> {
  const { method } = traced
  const { steps } = parseFile(traceSchema, read, `trace_${name}.json`)
  const { tensors } = readSafetensors(read(`trace_${name}.safetensors`), `trace_${name}.safetensors`)
  // 0.1 % of the parameters, and one of them always: where a gradient is within rounding of 0, Adam's step is of any size up to its rate.
  const count = [...(await method.parameters()).values()].reduce((sum, { data }) => sum + data.length, 0)
  const tally = new Tally(name, 'chain', { ...bounds, parameters: Math.max(bounds.parameters, 1 / Math.max(1, count)) })
  const [all, h, w] = fixture.shape
  const n = traced.samples ?? all
  await method.warmUp?.(stage.source, all)
  for (const [t, expected] of steps.entries()) {
    now.step = t
    const pixels = fixture.x(t).slice(0, n * h * w * 3)
    const result =
      name === 'norm_alpha_single'
        ? await oneByOne(device, method, pixels, [n, h, w])
        : await stepOn(device, method, pixels, [n, h, w], method.use || name === 'santa' ? stage : null)
    const at = `step ${t}`
    const logits = tensors.get(`step${t}/logits`)
    if (logits)
      tally.add('logits', 'logits', largestDifference(traced.logits?.(result.logits) ?? result.logits, logits.data), at)
    tally.add(
      'predictions',
      'exact',
      expected.predictions.filter((label, i) => label !== result.predictions[i]).length,
      at,
    )
    compareLosses(result, expected, tally, at)
    const used = expected.used ?? expected.kept
    if (used)
      tally.add('used samples', 'exact', used.filter((one, i) => (one === 1) !== result.keptMask?.[i]).length, at)
    const outcome = (await traced.outcome?.()) ?? {
      arrays: new Map([...(await method.parameters())].map(([tensor, { data }]) => [`param_after/${tensor}`, data])),
    }
    for (const [decision, value] of Object.entries(outcome.decisions ?? {}))
      tally.add(decision, 'exact', JSON.stringify(value) === JSON.stringify(expected[decision]) ? 0 : 1, at)
    for (const [j, loss] of (outcome.losses ?? []).entries())
      tally.relative('loss', 'losses', loss, expected.updates?.[j]?.loss ?? Number.NaN, at)
    // CCC's own class goes back before the next batch, ours right after this one: the same from then on.
    const pending = name === 'rdumb_ccc' && (t + 1) % 4 === 0
    const pairs = [...outcome.arrays].flatMap(([key, mine]) => {
      const stored = tensors.get(`step${t}/${key}`)
      return stored && !pending ? [[mine, stored.data] as const] : []
    })
    if (pairs.length > 0) tally.add('weights, share off by > 1e-5', 'parameters', shareOff(pairs), at)
  }
  method.dispose()
  return tally.list()
}

async function stepOn(
  device: Device,
  method: Method,
  pixels: Float32Array,
  [n, h, w]: readonly [number, number, number],
  views: Stage | null = null,
): Promise<StepResult> {
  const x = device.fromArray(pixels, [n, h, w, 3])
  const unit = views?.view(null)
  const augmented = unit && device.scale(unit, 255)
  const result = await method.step(x, augmented)
  for (const tensor of [x, unit, augmented]) tensor?.dispose()
  return result
}

/** Batches of one image, their results put together. */
async function oneByOne(
  device: Device,
  method: Method,
  pixels: Float32Array,
  [n, h, w]: readonly [number, number, number],
): Promise<StepResult> {
  const size = h * w * 3
  const results: StepResult[] = []
  for (let i = 0; i < n; i++)
    results.push(await stepOn(device, method, pixels.slice(i * size, (i + 1) * size), [1, h, w]))
  const [first] = results as [StepResult]
  return {
    ...first,
    logits: Float32Array.from(results.flatMap(({ logits }) => [...logits])),
    predictions: Int32Array.from(results.flatMap(({ predictions }) => [...predictions])),
  }
}

function compareLosses(result: StepResult, expected: z.output<typeof stepSchema>, tally: Tally, at: string): void {
  const { entropy, total, average, ratio, consistency } = result.losses
  for (const [quantity, mine, theirs] of [
    [
      'loss',
      total ?? entropy,
      Array.isArray(expected.loss)
        ? expected.loss.reduce((sum, one) => sum + one / (expected.loss as number[]).length, 0)
        : expected.loss,
    ],
    ['first loss', entropy, expected.loss_first],
    ['second loss', total, expected.loss_second],
    ['average of the loss', average, expected.ema],
  ] as const) {
    if (typeof theirs === 'number') tally.relative(quantity, 'losses', mine ?? Number.NaN, theirs, at)
  }
  // The ratio's terms cancel, down to a thousandth of what they are: both parts are measured by the larger one.
  const scale = Math.max(Math.abs(expected.loss_slr ?? 0), Math.abs(expected.loss_consistency ?? 0))
  if (typeof expected.loss_slr === 'number')
    tally.add('likelihood ratio', 'losses', Math.abs((ratio ?? Number.NaN) - expected.loss_slr) / scale, at)
  if (typeof expected.loss_consistency === 'number')
    tally.add('consistency', 'losses', Math.abs((consistency ?? Number.NaN) - expected.loss_consistency) / scale, at)
  if (expected.loss === null) tally.add('batches without a sample', 'exact', result.kept === 0 ? 0 : 1, at)
}
