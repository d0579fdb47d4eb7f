// The classifier at the end of a network, from the names of its tensors: one linear layer under the family's usual name, or what people put in its place
// when they train a network for classes of their own: a linear layer behind a dropout (`fc.1`), or several linear layers (`fc.0`, `fc.3`).
// What a state dict cannot tell, the layers without tensors in between, is taken for what it mostly is, and that is said.
import { PalmError } from '#contract/errors.ts'

type Shapes = ReadonlyMap<string, readonly number[]>

/** First parts of names under which the last layers are kept. */
const roots =
  /^_?(fc|linear|lin|classifier|classification_head|cls_head|cls_fc|clf|head|heads|last|last_linear|last_layer|output|out|output_layer|out_layer|logits?|fc_?out|fc_layers?|fc_?\d|linear_?\d|dense_?\d?|final|final_fc|final_layer|cls|mlp|mlp_head|predictor|new_fc)$/
/** torchvision's VGG and AlexNet: published, so that what lies between is known. */
const published = new Set(['classifier.0 classifier.3 classifier.6'])

export interface HeadLayer {
  /** Its tensor is `name.weight`. */
  readonly name: string
  /** A rectifier comes after it. */
  readonly relu: boolean
}

export interface Head {
  readonly layers: readonly HeadLayer[]
  readonly remarks: readonly string[]
}

export const isHeadName = (name: string): boolean => roots.test(name.split('.')[0] ?? '')

/**
 * `usual`: the layer's name in the family; `taken`: tensors that belong to other layers already.
 * @throws PalmError `model-unsupported` where layers stand at the end that are no linear ones
 */
export function headOf(shapes: Shapes, usual: string, taken: ReadonlySet<string>, fileName: string): Head {
  const sequence = usual.includes('.') ? usual.replace(/[^.]+$/, '') : null
  const followed = [...shapes].some(
    ([name, shape]) =>
      sequence !== null &&
      name.startsWith(sequence) &&
      name !== `${usual}.weight` &&
      shape.length === 2 &&
      !taken.has(name),
  )
  if (shapes.get(`${usual}.weight`)?.length === 2 && !followed)
    return { layers: [{ name: usual, relu: false }], remarks: [] }
  const own = usual.split('.')[0]
  const rest = [...shapes].filter(
    ([name]) =>
      !taken.has(name) && (isHeadName(name) || name.split('.')[0] === own) && !name.endsWith('.num_batches_tracked'),
  )
  const layers = rest
    .filter(([name, shape]) => name.endsWith('.weight') && shape.length === 2)
    .map(([name]) => name.slice(0, -'.weight'.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const other = rest.find(([name]) => !layers.some((layer) => name === `${layer}.weight` || name === `${layer}.bias`))
  if (layers.length === 0 || other)
    throw new PalmError(
      layers.length === 0 && !other ? 'model-unreadable' : 'model-unsupported',
      other
        ? `${fileName} ends in layers that are not known here: “${other[0]}” of the shape [${other[1].join(', ')}]. Export the whole network as ONNX instead.`
        : `${fileName} has no usable tensor “${usual}.weight”, nor another linear layer at its end.`,
    )
  return {
    layers: layers.map((name, i) => ({ name, relu: between(name, layers[i + 1]) !== 0 })),
    remarks: remarksOn(layers),
  }
}

/** Layers without tensors from `name` to the next: 0 where they follow at once; null where names do not tell. 0 after the last one. */
function between(name: string, next: string | undefined): number | null {
  if (next === undefined) return 0
  const [a, b] = [name, next].map((text) => /^(.+)\.(\d+)$/.exec(text))
  return a && b && a[1] === b[1] ? Number(b[2]) - Number(a[2]) - 1 : null
}

function remarksOn(layers: readonly string[]): string[] {
  const remarks: string[] = []
  const place = /\.(\d+)$/.exec(layers[0] ?? '')
  if (published.has(layers.join(' '))) return []
  if (place && Number(place[1]) > 0)
    remarks.push(
      `What stands before “${layers[0]}” has no tensors: it is read as dropout, which does nothing outside of training.`,
    )
  for (const [i, name] of layers.entries()) {
    const next = layers[i + 1]
    const gap = between(name, next)
    if (next !== undefined && gap !== 0)
      remarks.push(
        `What stands between “${name}” and “${next}” has no tensors: it is read as a ReLU${gap === 1 ? '' : ' and dropout'}. If it is another activation, the model’s numbers are wrong: export it as ONNX, which says it.`,
      )
  }
  return remarks
}
