// Options -> method. Says before the first step when a model cannot take a method.
import { PalmError } from '../../contract/errors.ts'
import type { LaneOptions } from '../../contract/run-options.ts'
import type { Device } from '../compute/device.ts'
import { adaptableTensors, type Model } from '../models/model.ts'
import { Cotta } from './cotta.ts'
import { Deyo } from './deyo.ts'
import { ForwardOnly } from './forward-only.ts'
import { Law } from './law.ts'
import type { Method } from './method.ts'
import { Rdumb } from './rdumb.ts'
import { Cmf, Roid } from './roid.ts'
import { Sar } from './sar.ts'
import { Palm } from './palm/palm.ts'
import { firstBlock, Surgical } from './surgical.ts'
import { Come, Tent } from './tent.ts'

/** `seed` drives the method's own randomness (PALM's views). @throws PalmError `method-unsupported` */
export function createMethod(device: Device, model: Model, options: LaneOptions, seed: number): Method {
  if (options.method !== 'source' && !adaptableTensors(model).some((tensor) => tensor.kind === 'bn-weight')) {
    throw new PalmError('method-unsupported', `${options.method} needs batch normalisation, and this ${model.architecture} has none. Only “source” can run on it.`)
  }
  if (options.method === 'surgical' && firstBlock(model).length === 0) {
    throw new PalmError('method-unsupported', `surgical adapts the first block, and no tensor of this ${model.architecture} belongs to one (layer1, block1 or stage_1).`)
  }
  switch (options.method) {
    case 'source':
    case 'norm':
      return new ForwardOnly(device, model, options.method)
    case 'bn-alpha':
      return new ForwardOnly(device, model, 'bn-alpha', options.alpha)
    case 'tent':
      return new Tent(device, model, options)
    case 'cotta':
      return new Cotta(device, model, options, seed)
    case 'surgical':
      return new Surgical(device, model, options, seed)
    case 'law':
      return new Law(device, model, options, seed)
    case 'rdumb':
      return new Rdumb(device, model, options)
    case 'sar':
      return new Sar(device, model, options)
    case 'come':
      return new Come(device, model, options)
    case 'deyo':
      return new Deyo(device, model, options, seed)
    case 'roid':
      return new Roid(device, model, options, seed)
    case 'cmf':
      return new Cmf(device, model, options, seed)
    case 'palm':
      return new Palm(device, model, options, seed)
  }
}
