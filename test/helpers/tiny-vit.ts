// A vision transformer of one layer for 64 x 64 images and ten classes, seeded: a model without batch normalisation in 200 kB, for what cannot run on such.
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'

const width = 64
const shapes: Readonly<Record<string, readonly number[]>> = {
  cls_token: [1, 1, width],
  pos_embed: [1, 17, width],
  'patch_embed.proj.weight': [width, 3, 16, 16],
  'patch_embed.proj.bias': [width],
  'blocks.0.norm1.weight': [width],
  'blocks.0.norm1.bias': [width],
  'blocks.0.attn.qkv.weight': [3 * width, width],
  'blocks.0.attn.qkv.bias': [3 * width],
  'blocks.0.attn.proj.weight': [width, width],
  'blocks.0.attn.proj.bias': [width],
  'blocks.0.norm2.weight': [width],
  'blocks.0.norm2.bias': [width],
  'blocks.0.mlp.fc1.weight': [128, width],
  'blocks.0.mlp.fc1.bias': [128],
  'blocks.0.mlp.fc2.weight': [width, 128],
  'blocks.0.mlp.fc2.bias': [width],
  'norm.weight': [width],
  'norm.bias': [width],
  'head.weight': [10, width],
  'head.bias': [10],
}

export function tinyVit(): Uint8Array {
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  const tensors = Object.entries(shapes).map(([name, shape]): [string, FileTensor] => [
    name,
    {
      shape,
      data: Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => 0.2 * uniform()),
    },
  ])
  return writeSafetensors(new Map(tensors))
}
