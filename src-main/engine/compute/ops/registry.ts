// The op set: what a model's graph may be made of.
import type { Op } from '#engine/compute/op.ts'
import { adaptiveMean } from './adaptive-mean.ts'
import { add } from './add.ts'
import { avgPool } from './avg-pool.ts'
import { batchNorm } from './batch-norm.ts'
import { channelShuffle, concat, sliceChannels } from './channels.ts'
import { conv2d } from './conv2d.ts'
import { flatten } from './flatten.ts'
import { globalMean } from './global-mean.ts'
import { layerNorm } from './layer-norm.ts'
import { linear } from './linear.ts'
import { maxPool } from './max-pool.ts'
import { multiply } from './multiply.ts'
import { normalize } from './normalize.ts'
import { pad } from './pad.ts'
import { clip, gelu, hardSigmoid, hardSwish, leakyRelu, sigmoid, silu, softmax } from './pointwise.ts'
import { relu } from './relu.ts'
import { shortcutA } from './shortcut-a.ts'
import { attention, takeToken, toTokens } from './tokens.ts'

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
