// The shape of what each node of a graph gives for one image: for exporters that must write sizes down, and for estimates of memory.
import type { Graph } from '#engine/compute/graph.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { TensorInfo } from './model.ts'

/** Without the batch: [H, W, C], [T, D] or [C], by node; the graph's input under its own name. */
export function nodeShapes(
  graph: Graph,
  tensors: readonly TensorInfo[],
  height: number,
  width: number,
): Map<string, readonly number[]> {
  const infos = new Map(tensors.map((info) => [info.name, info.shape]))
  const shapes = new Map<string, readonly number[]>([[graph.input, [height, width, 3]]])
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => shapes.get(name) ?? [])
    const first = inputs[0] ?? []
    const [h = 0, w = 0, c = 0] = first
    const weight = infos.get(node.params.weight ?? '') ?? []
    const sized = (size: number, out: number) => {
      const stride = Number(node.attributes.stride ?? 1)
      const reach = (size - 1) * Number(node.attributes.dilation ?? 1) + 1
      const { top, bottom, left, right } = explicitPadding(node, [1, h, w, c], size)
      return [
        Math.floor((h + top + bottom - reach) / stride) + 1,
        Math.floor((w + left + right - reach) / stride) + 1,
        out,
      ]
    }
    const shape = ((): readonly number[] => {
      switch (node.op) {
        case 'conv2d':
          return sized(weight[2] ?? 1, weight[0] ?? 0)
        case 'max-pool':
        case 'avg-pool':
          return sized(Number(node.attributes.size), c)
        case 'adaptive-mean':
          return [Number(node.attributes.size), Number(node.attributes.size), c]
        case 'global-mean':
          return node.attributes.keep === true ? [1, 1, c] : [c]
        case 'flatten':
          return [first.reduce((product, n) => product * n, 1)]
        case 'linear':
          return [...first.slice(0, -1), weight[0] ?? 0]
        case 'concat':
          return [...first.slice(0, -1), inputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0)]
        case 'slice-channels':
          return [...first.slice(0, -1), Number(node.attributes.size)]
        case 'shortcut-a':
          return [
            Math.ceil(h / Number(node.attributes.stride)),
            Math.ceil(w / Number(node.attributes.stride)),
            c + Number(node.attributes.before) + Number(node.attributes.after),
          ]
        case 'pad': {
          const { top, bottom, left, right } = explicitPadding(node, [1, h, w, c], 1)
          return [h + top + bottom, w + left + right, c]
        }
        case 'to-tokens':
          return [h * w + 1, c]
        case 'take-token':
          return [first[1] ?? 0]
        case 'attention':
          return [first[0] ?? 0, (first[1] ?? 0) / 3]
        case 'add':
        case 'multiply':
          return inputs.reduce((a, b) => (b.reduce((p, n) => p * n, 1) > a.reduce((p, n) => p * n, 1) ? b : a))
        default:
          return first
      }
    })()
    shapes.set(node.name, shape)
  }
  return shapes
}
