// Channels as [groups, C / groups], transposed (ShuffleNet: Zhang et al., CVPR 2018). Attribute: groups.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import { isWhole, notCounted, sameShape, type OpModule } from '#engine/compute/ops/op-module.ts'

function shuffled(device: Device, x: DeviceTensor, groups: number): DeviceTensor {
  const [n = 0, h = 0, w = 0, c = 0] = x.shape
  const split = device.reshape(x, [n, h, w, groups, c / groups])
  const turned = device.transpose(split, [0, 1, 2, 4, 3])
  const y = device.reshape(turned, x.shape)
  split.dispose()
  turned.dispose()
  return y
}

export const channelShuffle: OpModule = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, x }) => ({ output: shuffled(device, x, Number(node.attributes.groups)) }),
  backward: ({ device, node, dy }) => ({
    inputs: [shuffled(device, dy, (dy.shape[3] ?? 0) / Number(node.attributes.groups))],
    params: {},
  }),
  outputShape: sameShape,
  flops: notCounted,
  checks: {
    attributes: ({ attributes: { groups = 1 } }) =>
      isWhole(groups, 1, 2 ** 24) ? null : `has ${String(groups)} groups`,
    inputs({ node: { attributes }, inputs: [first = []] }) {
      const channels = first.at(-1) ?? 0
      return first.length === 3 && channels % Number(attributes.groups) === 0
        ? null
        : `shuffles ${channels} channels in ${String(attributes.groups)} groups`
    },
  },
  onnx: {
    // Three ops of the file: to groups, turned, and back.
    reads: {
      Reshape(node) {
        const value = node.value(0)
        const dims = node.sizes(1)
        if (value?.kind === 'pending' && value.op === 'channel-shuffle') {
          if (dims.length !== 4 || value.state.turned !== 1) throw node.refused('gives features another shape')
          return node.network.add('channel-shuffle', node.name, [value.flow], { groups: value.state.groups ?? 1 })
        }
        const [, groups = 0] = dims
        return value?.kind === 'flow' && value.rank === 4 && dims.length === 5 && groups > 1
          ? { kind: 'pending', op: 'channel-shuffle', flow: value, state: { groups, turned: 0 } }
          : undefined
      },
      Transpose(node) {
        const value = node.value(0)
        return value?.kind === 'pending' && value.op === 'channel-shuffle' && node.ints('perm')?.join() === '0,2,1,3,4'
          ? { ...value, state: { ...value.state, turned: 1 } }
          : undefined
      },
    },
    write({ emit, constant, number, inShape, x, out }) {
      const [h = 0, w = 0, c = 0] = inShape
      const groups = number('groups')
      emit('Reshape', [x, constant(`${out} split`, [0, groups, c / groups, h, w], [5])], `${out} grouped`)
      emit('Transpose', [`${out} grouped`], `${out} turned`, { perm: [0, 2, 1, 3, 4] })
      emit('Reshape', [`${out} turned`, constant(`${out} joined`, [0, c, h, w], [4])], out)
    },
  },
  tfjs: {
    reads: {},
    layers: {},
    write({ emit, ints, number, inShape, name, x }) {
      const [h = 0, w = 0, c = 0] = inShape
      const groups = number('groups')
      const parts = ints(`${name} parts`, [-1, h, w, groups, c / groups])
      const split = emit('Reshape', `${name} split`, [x, parts], { Tshape: int32 })
      const turned = emit('Transpose', `${name} turned`, [split, ints(`${name} order`, [0, 1, 2, 4, 3])], {
        Tperm: int32,
      })
      return emit('Reshape', name, [turned, ints(`${name} whole`, [-1, h, w, c])], { Tshape: int32 })
    },
  },
}
