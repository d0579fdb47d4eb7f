// The op set: what a model's graph may be made of. Where several read the same op of a file, the first that takes it has it: the special before the general.
import type { OpName } from '#engine/compute/op.ts'
import { add } from './joins/add.ts'
import { concat } from './joins/concat.ts'
import { multiply } from './joins/multiply.ts'
import { conv2d } from './layers/conv2d/conv2d.ts'
import { linear } from './layers/linear.ts'
import { channelShuffle } from './layout/channel-shuffle.ts'
import { flatten } from './layout/flatten.ts'
import { pad } from './layout/pad.ts'
import { shortcutA } from './layout/shortcut-a.ts'
import { toPixel } from './layout/to-pixel.ts'
import { sliceChannels } from './layout/slice-channels.ts'
import { batchNorm } from './norms/batch-norm.ts'
import { layerNorm } from './norms/layer-norm.ts'
import { normalize } from './norms/normalize.ts'
import type { OpModule } from './op-module.ts'
import { clip } from './pointwise/clip.ts'
import { gelu } from './pointwise/gelu.ts'
import { hardSigmoid } from './pointwise/hard-sigmoid.ts'
import { hardSwish } from './pointwise/hard-swish.ts'
import { leakyRelu } from './pointwise/leaky-relu.ts'
import { logSoftmax } from './pointwise/log-softmax.ts'
import { relu } from './pointwise/relu.ts'
import { sigmoid } from './pointwise/sigmoid.ts'
import { silu } from './pointwise/silu.ts'
import { softmax } from './pointwise/softmax.ts'
import { adaptiveMean } from './pooling/adaptive-mean.ts'
import { avgPool } from './pooling/avg-pool.ts'
import { globalMean } from './pooling/global-mean.ts'
import { maxPool } from './pooling/max-pool.ts'
import { attention } from './tokens/attention.ts'
import { takeToken } from './tokens/take-token.ts'
import { toTokens } from './tokens/to-tokens.ts'

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
  'log-softmax': logSoftmax,
  add,
  multiply,
  concat,
  'channel-shuffle': channelShuffle,
  'shortcut-a': shortcutA,
  'slice-channels': sliceChannels,
  pad,
  'max-pool': maxPool,
  'avg-pool': avgPool,
  'adaptive-mean': adaptiveMean,
  'global-mean': globalMean,
  flatten,
  'to-pixel': toPixel,
  linear,
  'to-tokens': toTokens,
  'take-token': takeToken,
  attention,
} as const satisfies Record<OpName, OpModule>

export const opOf = (name: OpName): OpModule => ops[name]
