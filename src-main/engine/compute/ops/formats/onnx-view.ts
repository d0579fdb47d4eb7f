// Values under other axes while an ONNX file is read. ONNX has channels first and lays values out anew as it likes; ours have them last and know images,
// rows of tokens and features only. A value under axes that are none of these is kept as a view until what follows makes it one again.
import { flattened } from '#engine/compute/ops/layout/flatten.ts'
import { elementCount, type Shape } from '#engine/compute/shape.ts'
import type { Flow, NetworkBuilder } from './network.ts'
import type { OnnxView } from './onnx.ts'

const same = (a: Shape, b: Shape) => a.length === b.length && a.every((n, axis) => n === b[axis])

/** The axes of a value as the file has them, the batch first. */
export function fileDims(value: Flow | OnnxView, batch: number): Shape {
  if (value.kind === 'view') return value.dims
  const shape = value.shape ?? []
  if (shape.length !== 3) return [batch, ...shape]
  const [h = 0, w = 0, c = 0] = shape
  return [batch, c, h, w]
}

/** Whether an image's numbers are in the same order with its channels first and last. */
const orderless = (shape: Shape) => shape.length !== 3 || shape[2] === 1 || (shape[0] === 1 && shape[1] === 1)

/** `value` under the axes `dims`, which must hold as many numbers; its order stays. A flow of ours where it is one. */
export function viewed(
  network: NetworkBuilder,
  name: string,
  value: Flow | OnnxView,
  dims: Shape,
  batch: number,
): Flow | OnnxView {
  const flow = value.kind === 'view' ? value.flow : value
  const shape = flow.shape ?? []
  const order = orderless(shape) ? 'first' : value.kind === 'view' ? value.order : 'first'
  if (order === 'first' && same(dims, fileDims(flow, batch))) return flow
  const [images = 0, ...rest] = dims
  if (images === batch && rest.length === 1 && rest[0] === elementCount(shape))
    return flattened(network, name, flow, order === 'last' ? 'nhwc' : 'nchw')
  if (images === batch && rest.length === 3 && rest[1] === 1 && rest[2] === 1 && rest[0] === elementCount(shape))
    return network.add('to-pixel', name, [flattened(network, name, flow, order === 'last' ? 'nhwc' : 'nchw')])
  return { kind: 'view', flow, dims, order }
}

/** The value with its axes in another `order`; undefined when that is none of ours. */
export function turned(
  network: NetworkBuilder,
  name: string,
  value: Flow | OnnxView,
  order: readonly number[],
  batch: number,
): Flow | OnnxView | undefined {
  const dims = fileDims(value, batch)
  if (order.length !== dims.length) return undefined
  const out = order.map((axis) => dims[axis] ?? 0)
  // Axes of one pixel may go where they like.
  const moved = (axes: readonly number[]) => axes.filter((axis) => dims[axis] !== 1).join()
  if (moved(order) === moved(dims.map((_, axis) => axis))) return viewed(network, name, value, out, batch)
  const flow = value.kind === 'view' ? value.flow : value
  if (flow.shape?.length !== 3) return undefined
  const [h = 0, w = 0, c = 0] = flow.shape
  if (value.kind === 'flow' && order.join() === '0,2,3,1') return { kind: 'view', flow, dims: out, order: 'last' }
  if (value.kind === 'view' && value.order === 'last' && order.join() === '0,3,1,2' && same(dims, [batch, h, w, c]))
    return flow
  return undefined
}

/** A flow of an image's shape again under channels last, as the value that it was made of. */
export const channelsLast = (flow: Flow, batch: number): OnnxView => ({
  kind: 'view',
  flow,
  dims: [batch, ...(flow.shape ?? [])],
  order: 'last',
})

/** Whether a value is an image of ours with its channels last. */
export const isChannelsLast = (value: unknown, batch: number): value is OnnxView => {
  const view = value as OnnxView | null
  return (
    view?.kind === 'view' &&
    view.flow.shape?.length === 3 &&
    (view.order === 'last' || orderless(view.flow.shape)) &&
    same(view.dims, [batch, ...view.flow.shape])
  )
}
