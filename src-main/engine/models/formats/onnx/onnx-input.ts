// What an ONNX file says of its images: channels first or last, size, batch, and whether pixels come as bytes.
import { PalmError } from '#contract/errors.ts'
import type { ImageSize } from '#engine/models/imported-network.ts'
import type { OnnxModel } from './onnx-proto.ts'

export interface OnnxInput {
  readonly name: string
  readonly channelsLast: boolean
  /** Null = any. */
  readonly size: ImageSize | null
  /** The images in a batch, as the file's own sizes count them. Where it takes any, a number that no size in it has. */
  readonly batch: number
  /** Pixels from 0 to 255, by the type of the input. */
  readonly bytes: boolean
}

/** Of the input's type: float32, double, half, bfloat16. Rounding to halves is not imitated. */
const floats = new Set([0, 1, 10, 11, 16])
const uint8 = 2
/** Larger than one, and seldom the size of anything. */
const batches = [97, 101, 103, 107, 109, 113, 127, 131]

/** @throws PalmError `model-unsupported` */
export function inputOf(model: OnnxModel, fileName: string): OnnxInput {
  const refused = (what: string) => new PalmError('model-unsupported', `${fileName} was refused: ${what}.`)
  const inputs = model.inputs.filter(({ name }) => !model.initializers.has(name))
  const [input] = inputs
  if (!input) throw refused('it has no input')
  if (inputs.length > 1)
    throw refused(
      `it takes ${inputs.length} inputs (${inputs.map(({ name }) => `“${name}”`).join(', ')}), and a classifier of images takes one`,
    )
  const { dims, elementType } = input
  if (!floats.has(elementType) && elementType !== uint8)
    throw refused('its input takes neither floating-point numbers nor bytes (uint8)')
  const channelsLast = dims.length === 4 && dims[3] === 3 && dims[1] !== 3
  if (dims.length !== 0 && (dims.length !== 4 || (!channelsLast && dims[1] !== null && dims[1] !== 3)))
    throw refused(
      `its input has the shape [${dims.map((n) => n ?? '?').join(', ')}], and colour images (3 channels) are needed`,
    )
  const [height, width] = channelsLast ? [dims[1], dims[2]] : [dims[2], dims[3]]
  const tensors = [...model.initializers.values()]
  return {
    name: input.name,
    channelsLast,
    size: height && width ? { width, height } : null,
    batch: dims[0] ?? batches.find((n) => !tensors.some((tensor) => tensor.dims.includes(n))) ?? 137,
    bytes: elementType === uint8,
  }
}
