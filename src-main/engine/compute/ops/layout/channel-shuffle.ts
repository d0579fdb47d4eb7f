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
    // Three ops of the file: to groups (a view), turned, and back (another view).
    reads: {
      Transpose(node) {
        const value = node.value(0)
        if (value?.kind !== 'view' || value.order !== 'first' || node.ints('perm')?.join() !== '0,2,1,3,4')
          return undefined
        const [images, groups = 0, each = 0, h, w] = value.dims
        const [height, width, channels] = value.flow.shape ?? []
        if (images !== node.batch || groups * each !== channels || h !== height || w !== width) return undefined
        const flow = node.network.add('channel-shuffle', node.name, [value.flow], { groups })
        return node.shaped(flow, [node.batch, each, groups, height ?? 0, width ?? 0])
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
