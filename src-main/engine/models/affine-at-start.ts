// What a network does to the channels of its images before anything looks at more than one of them: the normalisation that files carry inside.
import type { GraphNode } from '#engine/compute/op.ts'
import type { FileTensor } from './formats/file-tensor.ts'

/** y = scale x + offset for each channel, before the first layer. */
export interface AffineAtStart {
  readonly scale: readonly number[]
  readonly offset: readonly number[]
}

interface Channel {
  readonly scale: number
  readonly offset: number
}

/** Channels that are scaled, shifted, put into another order; null where nothing is. The first node is the normalisation that we put in front. */
export function affineAtStart(
  [start, ...nodes]: readonly GraphNode[],
  values: ReadonlyMap<string, FileTensor>,
): AffineAtStart | null {
  const channelsOf = new Map<string, readonly Channel[]>([
    [start?.name ?? '', [0, 1, 2].map(() => ({ scale: 1, offset: 0 }))],
  ])
  const frontier = new Set<string>()
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => channelsOf.get(name))
    const channels = inputs.every((input) => input !== undefined) ? affine(node, inputs.flat(), values) : null
    if (channels) channelsOf.set(node.name, channels)
    else for (const name of node.inputs) if (channelsOf.has(name)) frontier.add(name)
  }
  const [end] = frontier
  if (end === undefined || end === start?.name) return null
  const channels = channelsOf.get(end) ?? []
  return { scale: channels.map(({ scale }) => scale), offset: channels.map(({ offset }) => offset) }
}

/** The channels that a node makes of such ones, or null where it does something else. */
function affine(
  { op, attributes, params }: GraphNode,
  channels: readonly Channel[],
  values: ReadonlyMap<string, FileTensor>,
): readonly Channel[] | null {
  if (op === 'concat') return channels
  if (op === 'slice-channels')
    return channels.slice(Number(attributes.begin), Number(attributes.begin) + Number(attributes.size))
  const constant = values.get(params.weight ?? params.bias ?? '')?.data
  if (!constant || (op !== 'multiply' && op !== 'add')) return null
  const value = (channel: number) => constant[constant.length === 1 ? 0 : channel] as number
  return channels.map(({ scale, offset }, channel) =>
    op === 'multiply'
      ? { scale: scale * value(channel), offset: offset * value(channel) }
      : { scale, offset: offset + value(channel) },
  )
}
