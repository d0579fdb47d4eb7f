// TensorFlow.js models: `model.json` with its weight shards, as graph model (a converted TensorFlow graph) or layers model (Keras). Ops and layers of
// classifiers only; what is not known is refused by name. Kernels become PyTorch's layout, so that everything behind sees one kind of file.
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import { bytesPer, toFloat32, type FileTensor } from '#engine/models/formats/file-tensor.ts'

const maxTensors = 100_000
const count = z
  .number()
  .int()
  .nonnegative()
  .max(2 ** 31)
const quantization = z.object({
  dtype: z.enum(['uint8', 'uint16', 'float16']),
  scale: z.number().optional(),
  min: z.number().optional(),
})
const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string().max(1000)).max(10_000),
    weights: z
      .array(
        z.object({
          name: z.string().max(1000),
          shape: z.array(count).max(8),
          dtype: z.string(),
          quantization: quantization.optional(),
        }),
      )
      .max(maxTensors),
  }),
)

export const attributeSchema = z.object({
  s: z.string().optional(),
  i: z.union([z.string(), z.number()]).optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  list: z
    .object({
      i: z.array(z.union([z.string(), z.number()])).optional(),
      s: z.array(z.string()).optional(),
      f: z.array(z.number()).optional(),
    })
    .optional(),
})
export const nodeSchema = z.object({
  name: z.string().max(1000),
  op: z.string().max(200),
  input: z.array(z.string().max(1000)).max(1000).default([]),
  attr: z.record(z.string(), z.unknown()).default({}),
})
export type TfNode = z.output<typeof nodeSchema>

/** What an input names: the node, without the number of its output and the mark of a mere dependency. */
export const plainName = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '')

export const layerSchema = z.object({
  class_name: z.string().max(200),
  name: z.string().max(500).optional(),
  config: z.record(z.string(), z.unknown()),
  inbound_nodes: z.array(z.unknown()).max(100).optional(),
})
export type KerasLayer = z.output<typeof layerSchema>

const fileSchema = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: manifestSchema,
  signature: z.unknown().optional(),
  userDefinedMetadata: z.record(z.string(), z.unknown()).optional(),
})

export interface TfjsFile {
  readonly topology:
    | { readonly kind: 'graph'; readonly nodes: readonly TfNode[] }
    | {
        readonly kind: 'layers'
        readonly layers: readonly KerasLayer[]
        readonly sequential: boolean
        readonly outputs: readonly string[]
      }
  readonly manifest: z.output<typeof manifestSchema>
  readonly metadata: Readonly<Record<string, string>>
  /** Of the graph's input, when it is fixed. */
  readonly parts: readonly string[]
}

const fail = (fileName: string, reason: string) =>
  new PalmError('model-unreadable', `${fileName} is not a usable TensorFlow.js model: ${reason}.`)

/** @throws PalmError `model-unreadable`, `model-unsupported` */
export function openTfjs(bytes: Uint8Array, fileName: string): TfjsFile {
  let json: unknown
  try {
    json = parseBoundedJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw fail(fileName, `it is not valid JSON (${cause instanceof Error ? cause.message : 'unreadable'})`)
  }
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success)
    throw fail(fileName, `${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`)
  const { modelTopology, weightsManifest, userDefinedMetadata = {} } = parsed.data
  const parts = weightsManifest.flatMap(({ paths }) => paths)
  for (const part of parts) {
    if (!/^[^/\\:*?"<>|\0]{1,255}$/.test(part) || part.startsWith('.'))
      throw new PalmError(
        'model-unsupported',
        `${fileName} was refused: it names “${part.slice(0, 80)}” as the file of its weights, and only files right beside it are read.`,
      )
  }
  if (new Set(parts).size < parts.length) throw fail(fileName, 'it names the same file of weights twice')
  const metadata = Object.fromEntries(
    Object.entries(userDefinedMetadata).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
  return { topology: topologyOf(modelTopology, fileName), manifest: weightsManifest, metadata, parts }
}

function topologyOf(topology: Readonly<Record<string, unknown>>, fileName: string): TfjsFile['topology'] {
  if (Array.isArray(topology.node)) {
    const nodes = z.array(nodeSchema).max(maxTensors).safeParse(topology.node)
    if (!nodes.success) throw fail(fileName, 'its graph is malformed')
    return { kind: 'graph', nodes: nodes.data }
  }
  const config = z.object({
    class_name: z.string(),
    config: z.union([
      z.array(z.unknown()),
      z.object({ layers: z.array(z.unknown()), output_layers: z.unknown().optional() }),
    ]),
  })
  const found = config.safeParse(topology.model_config ?? topology)
  if (!found.success) throw fail(fileName, 'it holds neither a graph nor layers')
  const inner = found.data.config
  const layers = z
    .array(layerSchema)
    .max(10_000)
    .safeParse(Array.isArray(inner) ? inner : inner.layers)
  if (!layers.success) throw fail(fileName, 'its layers are malformed')
  const names = JSON.stringify(Array.isArray(inner) ? [] : (inner.output_layers ?? [])).match(/"([^"]+)"/g) ?? []
  return {
    kind: 'layers',
    layers: layers.data,
    sequential: found.data.class_name === 'Sequential',
    outputs: names.map((name) => name.slice(1, -1)),
  }
}

const plainTypes = { float32: 'F32', int32: 'I32', bool: 'BOOL', uint8: 'U8', float16: 'F16' } as const

/** All weights by name, as they are in the file. @throws PalmError `model-unreadable`, `model-unsupported` */
export function tfjsWeights(
  { manifest }: TfjsFile,
  fileName: string,
  part: (name: string) => Uint8Array,
): Map<string, FileTensor> {
  const weights = new Map<string, FileTensor>()
  for (const group of manifest) {
    const shards = new Shards(group.paths.map(part))
    for (const { name, shape, dtype, quantization: packed } of group.weights) {
      const elements = shape.reduce((product, n) => product * n, 1)
      const stored = packed?.dtype ?? dtype
      const width =
        stored === 'uint16'
          ? 2
          : Object.hasOwn(plainTypes, stored)
            ? bytesPer[plainTypes[stored as keyof typeof plainTypes]]
            : 0
      if (width === 0)
        throw new PalmError(
          'model-unsupported',
          `${fileName} was refused: “${name}” holds ${stored.slice(0, 20)}, which is not read.`,
        )
      const raw = shards.next(elements * width)
      if (!raw) throw fail(fileName, `“${name}” reaches beyond the end of its shards: one may be missing or cut short`)
      weights.set(name, { shape, data: valuesOf(raw, stored, packed) })
    }
  }
  return weights
}

function valuesOf(raw: Uint8Array, stored: string, packed: z.output<typeof quantization> | undefined): Float32Array {
  if (packed && packed.dtype !== 'float16') {
    const { scale = 1, min = 0 } = packed
    const whole = packed.dtype === 'uint8' ? raw : new Uint16Array(raw.slice().buffer)
    const out = new Float32Array(whole.length)
    for (let i = 0; i < out.length; i++) out[i] = (whole[i] as number) * scale + min
    return out
  }
  return toFloat32(raw, plainTypes[stored as keyof typeof plainTypes])
}

/** Shards as the one row of bytes that they are, without putting them together: that would be the whole model once more. */
class Shards {
  private readonly pieces: readonly Uint8Array[]
  private piece = 0
  private at = 0
  private left: number

  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces
    this.left = pieces.reduce((sum, piece) => sum + piece.length, 0)
  }

  /** Null when there are no more so many. */
  next(length: number): Uint8Array | null {
    if (!(length <= this.left)) return null
    this.left -= length
    const first = this.pieces[this.piece]
    if (first && this.at + length <= first.length) {
      this.at += length
      return first.subarray(this.at - length, this.at)
    }
    const out = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const piece = this.pieces[this.piece] as Uint8Array
      const part = piece.subarray(this.at, this.at + length - filled)
      out.set(part, filled)
      filled += part.length
      this.at += part.length
      if (this.at === piece.length) {
        this.piece += 1
        this.at = 0
      }
    }
    return out
  }
}
