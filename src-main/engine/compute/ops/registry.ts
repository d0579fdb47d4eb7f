// The op set: what a model's graph may be made of.
import type { Op } from '../op.ts'
import { add } from './add.ts'
import { avgPool } from './avg-pool.ts'
import { batchNorm } from './batch-norm.ts'
import { conv2d } from './conv2d.ts'
import { globalMean } from './global-mean.ts'
import { linear } from './linear.ts'
import { maxPool } from './max-pool.ts'
import { normalize } from './normalize.ts'
import { relu } from './relu.ts'
import { shortcutA } from './shortcut-a.ts'

export const ops = {
  normalize,
  conv2d,
  'batch-norm': batchNorm,
  relu,
  add,
  'shortcut-a': shortcutA,
  'max-pool': maxPool,
  'avg-pool': avgPool,
  'global-mean': globalMean,
  linear,
} as const satisfies Record<string, Op>

export type OpName = keyof typeof ops

export function opOf(name: string): Op {
  const op = (ops as Readonly<Record<string, Op>>)[name]
  if (!op) throw new Error(`Unknown op ${name}`)
  return op
}
