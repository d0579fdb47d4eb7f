// How much arithmetic a forward pass is: multiplications and additions of its convolutions, for estimates of time.
import type { Architecture } from './model.ts'

/** For one image of side x side pixels. Ops that change the size do it by their stride. */
export function forwardFlops({ graph, tensors }: Pick<Architecture, 'graph' | 'tensors'>, side: number): number {
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]))
  const sides = new Map<string, number>([[graph.input, side]])
  let flops = 0
  for (const { op, name, inputs, params, attributes } of graph.nodes) {
    const before = sides.get(inputs[0] ?? '') ?? 1
    const after = op === 'global-mean' || op === 'linear' ? 1 : Math.ceil(before / Number(attributes.stride ?? 1))
    sides.set(name, after)
    const weight = shapes.get(params.weight ?? '')
    if (op === 'conv2d' && weight) flops += 2 * weight.reduce((product, n) => product * n, 1) * after * after
  }
  return flops
}
