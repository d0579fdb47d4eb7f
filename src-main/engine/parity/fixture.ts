// A parity folder's files, parsed: index, model, batches and each method's trace. The layout is described in that folder's README.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { loadModel } from '#engine/models/load.ts'
import { safetensorsFile } from '#engine/models/weights-file.ts'
import type { Model } from '#engine/models/model.ts'
import { limitsSchema, type OwnLimits } from './tally.ts'

const triple = z.tuple([z.number(), z.number(), z.number()])
const positiveTriple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()])
const indexSchema = z.looseObject({
  model: z.looseObject({ mean: triple, std: positiveTriple }),
  adaptable: z.array(z.string()),
  hyperparameters: z.record(z.string(), z.record(z.string(), z.number())),
  methods: z.array(z.string()),
  limits: limitsSchema,
})

const nullable = z.number().nullable().optional()
const palmTensorSchema = z.looseObject({
  score: z.number(),
  selected: z.boolean(),
  state: z.enum(['fresh', 'stale', 'never']),
  S_sum: nullable,
  Shat_sum: nullable,
  D_sum: nullable,
  importance_mean: z.number(),
  lr: nullable,
  lr_mean: nullable,
  adam_t: nullable,
  grad_total_l1: nullable,
})
const lawTensorSchema = z.looseObject({
  fim_root_mean: z.number(),
  weight: z.number(),
  lr: z.number(),
  grad_total_l1: nullable,
})
const stepSchema = z.looseObject({
  step: z.number().int(),
  predictions: z.array(z.number().int()),
  loss: nullable,
  loss_kl: nullable,
  loss_nll: nullable,
  loss_entropy: nullable,
  loss_consistency: nullable,
  loss_total: nullable,
  kept_mask: z.array(z.number().int()).optional(),
  selected: z.array(z.string()).optional(),
  kept: nullable,
  anchor_confidence: nullable,
  augmented: z.boolean().optional(),
  per_tensor: z.record(z.string(), z.union([palmTensorSchema, lawTensorSchema])).optional(),
})
const traceSchema = z.looseObject({ method: z.string(), steps: z.array(stepSchema).min(1) })

export type ReadFile = (name: string) => Uint8Array
export type TraceStep = z.output<typeof stepSchema>
export type PalmTensor = z.output<typeof palmTensorSchema>
export type LawTensor = z.output<typeof lawTensorSchema>
type Hyperparameters = Readonly<Record<string, number>>

export interface Trace {
  readonly steps: readonly TraceStep[]
  /** `step{t}/…` as in the README, file layout. */
  readonly tensors: ReadonlyMap<string, FileTensor>
}

export interface Fixture {
  readonly methods: readonly string[]
  readonly limits: OwnLimits
  readonly adaptable: readonly string[]
  readonly hyperparameters: Readonly<Record<string, Hyperparameters>>
  readonly model: Model
  /** Pixel values 0..255; x [steps, n, h, w, 3], the first augmentation likewise. */
  readonly shape: readonly [n: number, h: number, w: number]
  readonly x: (step: number) => Float32Array
  readonly augmented: (step: number) => Float32Array
  readonly allAugmented: (step: number) => Float32Array[]
  /** CoTTA: 1 where the source's value is put back, file layout. */
  readonly restoreMask: (step: number, name: string) => Uint8Array
  readonly trace: (method: string) => Trace
}

/** @throws PalmError `input-unreadable`, naming the file */
export function parseFile<T extends z.ZodType>(schema: T, read: ReadFile, name: string): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(read(name)))
  } catch (cause) {
    if (cause instanceof PalmError) throw cause
    throw new PalmError('input-unreadable', `${name} is not JSON.`, String(cause), { cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new PalmError(
    'input-unreadable',
    `${name} does not fit the layout of a parity folder.`,
    `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
  )
}

/** @throws PalmError `input-unreadable`, `model-unreadable`, naming the file */
export function openFixture(device: Device, read: ReadFile): Fixture {
  const index = parseFile(indexSchema, read, 'index.json')
  const model = loadModel(device, safetensorsFile(read('model.safetensors'), 'model.safetensors'), {
    fileName: 'model.safetensors',
    normalization: { mean: index.model.mean, std: index.model.std },
  })
  const inputs = readSafetensors(read('inputs.safetensors'), 'inputs.safetensors').tensors
  const x = inputs.get('x')
  const views = inputs.get('x_aug')
  const [, n = 0, h = 0, w = 0] = x?.shape ?? []
  const [, perStep = 0] = views?.shape ?? []
  if (!x || !views || x.shape.length !== 5 || views.shape.length !== 6)
    throw new PalmError(
      'input-unreadable',
      'inputs.safetensors has no x [steps, n, h, w, 3] and x_aug [steps, k, n, h, w, 3].',
    )
  const size = n * h * w * 3
  return {
    methods: index.methods,
    limits: index.limits,
    adaptable: index.adaptable,
    hyperparameters: index.hyperparameters,
    model,
    shape: [n, h, w],
    x: (step) => x.data.subarray(step * size, (step + 1) * size),
    augmented: (step) => views.data.subarray(step * perStep * size, (step * perStep + 1) * size),
    allAugmented: (step) =>
      Array.from({ length: perStep }, (_, k) =>
        views.data.subarray((step * perStep + k) * size, (step * perStep + k + 1) * size),
      ),
    restoreMask: (step, name) => {
      const mask = inputs.get(`cotta_mask/step${step}/${name}`)
      if (!mask) throw new PalmError('input-unreadable', `inputs.safetensors has no cotta_mask/step${step}/${name}.`)
      return Uint8Array.from(mask.data)
    },
    trace: (method) => ({
      steps: parseFile(traceSchema, read, `trace_${method}.json`).steps,
      tensors: readSafetensors(read(`trace_${method}.safetensors`), `trace_${method}.safetensors`).tensors,
    }),
  }
}
