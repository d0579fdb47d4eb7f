// The op set: what a model's graph may be made of.
import type { Op } from '#engine/compute/op.ts'
import { adaptiveMean } from './pooling/adaptive-mean.ts'
import { add } from './joins/add.ts'
import { avgPool } from './pooling/avg-pool.ts'
import { batchNorm } from './norms/batch-norm.ts'
import { channelShuffle, concat, sliceChannels } from './joins/concat.ts'
import { conv2d } from './layers/conv2d.ts'
import { flatten } from './layout/flatten.ts'
import { globalMean } from './pooling/global-mean.ts'
import { layerNorm } from './norms/layer-norm.ts'
import { linear } from './layers/linear.ts'
import { maxPool } from './pooling/max-pool.ts'
import { multiply } from './joins/multiply.ts'
import { normalize } from './norms/normalize.ts'
import { pad } from './layout/pad.ts'
import { clip, gelu, hardSigmoid, hardSwish, leakyRelu, sigmoid, silu, softmax } from './pointwise/pointwise.ts'
import { relu } from './pointwise/relu.ts'
import { shortcutA } from './layout/shortcut-a.ts'
import { attention, takeToken, toTokens } from './tokens/attention.ts'

export const ops = {
  normalize,
  conv2d,
  'batch-norm': batchNorm,
  'layer-norm': layerNorm,
  relu,
  clip,
  'leaky-relu': leakyRelu,
  sigmoid,
  'hard-sigmoid': hardSigmoid,
  'hard-swish': hardSwish,
  silu,
  gelu,
  softmax,
  add,
  multiply,
  concat,
  'slice-channels': sliceChannels,
  'channel-shuffle': channelShuffle,
  'shortcut-a': shortcutA,
  pad,
  'max-pool': maxPool,
  'avg-pool': avgPool,
  'adaptive-mean': adaptiveMean,
  'global-mean': globalMean,
  flatten,
  linear,
  'to-tokens': toTokens,
  'take-token': takeToken,
  attention,
} as const satisfies Record<string, Op>

export type OpName = keyof typeof ops

export function opOf(name: string): Op {
  const op = (ops as Readonly<Record<string, Op>>)[name]
  if (!op) throw new Error(`Unknown op ${name}`)
  return op
}
