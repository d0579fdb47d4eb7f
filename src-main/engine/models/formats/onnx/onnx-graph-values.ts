// The values of an ONNX graph while it is read, constants of the file included; what failed to be read is kept as its failure, for whoever needs it.
import type { PalmError } from '#contract/errors.ts'
import { transposed, transposedInPlace } from '#engine/compute/ops/formats/layouts.ts'
import type { FileTensor, NamedTensor } from '#engine/compute/ops/formats/network.ts'
import type { OnnxValue } from '#engine/compute/ops/formats/onnx.ts'
import type { OnnxModel, OnnxTensor } from './onnx-proto.ts'
import { isWhole, valuesOf, type PartBytes } from './onnx-values.ts'

/** Numbers that constants may take together when they are computed from others: a few million, and as many again as the file holds. */
const mostComputed = 2 ** 22

/** What may come between the largest score's place and the output. */
const passing = new Set(['Cast', 'Identity', 'Squeeze', 'Unsqueeze', 'Reshape'])

export class OnnxValues {
  /** The images in a batch, as the file counts with them. */
  readonly batch: number
  readonly opset: number
  private readonly model: OnnxModel
  private readonly fileName: string
  private readonly part: PartBytes
  private readonly known = new Map<string, OnnxValue | PalmError>()
  /** Outputs that hold the number of the largest score, and the scores that it is of. */
  readonly ranked = new Map<string, string>()
  private readonly uses = new Map<string, number>()
  private affordable: number

  constructor(model: OnnxModel, fileName: string, part: PartBytes, batch: number) {
    this.model = model
    this.opset = model.opset
    this.fileName = fileName
    this.part = part
    this.batch = batch
    this.affordable = mostComputed
    for (const { opType, input, output, attributes } of model.nodes) {
      const [from = '', to = ''] = [input[0], output[0]]
      const axis = attributes.get('axis')?.i ?? 0
      if (opType === 'ArgMax' && (axis === 1 || axis === -1)) this.ranked.set(to, from)
      const before = this.ranked.get(from)
      if (before !== undefined && passing.has(opType)) this.ranked.set(to, before)
    }
    for (const { floats, ints, doubles } of model.initializers.values())
      this.affordable += floats.length + ints.length + doubles.length
    for (const { input } of model.nodes) for (const name of input) this.uses.set(name, (this.uses.get(name) ?? 0) + 1)
  }

  set(name: string, value: OnnxValue | PalmError): void {
    this.known.set(name, value)
  }

  /** Undefined when there is nothing of that name. @throws PalmError why it could not be read */
  get(name: string): OnnxValue | undefined {
    const known = this.known.get(name)
    if (known instanceof Error) throw known
    if (known) return known
    const initializer = this.model.initializers.get(name)
    if (!initializer) return undefined
    const constant: OnnxValue = {
      kind: 'constant',
      name,
      value: this.tensorOf(initializer),
      whole: isWhole(initializer),
    }
    this.known.set(name, constant)
    return constant
  }

  /** The failure or value of a name, without throwing. */
  outcome(name: string): OnnxValue | PalmError | undefined {
    const known = this.known.get(name)
    return known instanceof Error ? known : this.get(name)
  }

  tensorOf(tensor: OnnxTensor): FileTensor {
    const turned = tensor.turned
    if (!turned) return { shape: tensor.dims, data: valuesOf(tensor, this.fileName, this.part) }
    return {
      shape: tensor.dims,
      get data() {
        return transposed(turned).data
      },
    }
  }

  /** Where the matrix lies in the file and serves once, it is transposed in place and stays so, or a large one would be held twice. */
  transposed({ name, value }: NamedTensor): FileTensor {
    const tensor = this.model.initializers.get(name)
    if (tensor?.turned) return tensor.turned
    if (!tensor || this.uses.get(name) !== 1) return transposed(value)
    this.known.delete(name)
    tensor.turned = transposedInPlace(value)
    tensor.floats = new Float32Array(0)
    return tensor.turned
  }

  /** Whether so many numbers more may be computed. */
  afford(count: number): boolean {
    this.affordable -= count
    return this.affordable >= 0
  }
}
