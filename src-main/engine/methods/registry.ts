// Options -> method. Says before the first step when a model cannot take a method.
import { PalmError } from '#contract/errors.ts'
import { methodInfo, needsSourceImages } from '#contract/methods/method-info.ts'
import { type LaneOptions } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { adaptableTensors, isAffine, type Model } from '#engine/models/model.ts'
import { Adacontrast } from './adacontrast/adacontrast.ts'
import { Autolr } from './autolr/autolr.ts'
import { Cotta } from './cotta/cotta.ts'
import { Deyo } from './deyo/deyo.ts'
import { Dss } from './dss/dss.ts'
import { Eata, Rdumb } from './eata/eata.ts'
import { ForwardOnly } from './parts/forward-only.ts'
import { Ecotta } from './ecotta/ecotta.ts'
import { Lame } from './lame/lame.ts'
import { Law } from './law/law.ts'
import { Memo } from './memo/memo.ts'
import type { Method } from './method.ts'
import { Note } from './note/note.ts'
import { Rmt } from './rmt/rmt.ts'
import { Rotta } from './rotta/rotta.ts'
import { Santa } from './santa/santa.ts'
import { Cmf, Roid } from './roid/roid.ts'
import { Sar } from './sar/sar.ts'
import { Palm } from './palm/palm.ts'
import type { SourceImages } from './parts/source-images.ts'
import { firstBlock, Surgical } from './surgical/surgical.ts'
import { Come, Tent } from './tent/tent.ts'

/**
 * `seed` drives the method's own randomness (views, restores, draws). `source`: the run's source images, as far as it has any; the session hands them to
 * the method. @throws PalmError `method-unsupported`
 */
export function createMethod(
  device: Device,
  model: Model,
  options: LaneOptions,
  seed: number,
  source: SourceImages | null = null,
): Method {
  const reason = refusal(
    model,
    options,
    source === null ? 'none' : source.labels.some((labelled) => labelled >= 0) ? 'labelled' : 'unlabelled',
  )
  if (reason !== null) throw new PalmError('method-unsupported', reason)
  return make(device, model, options, seed)
}

/** What is looked at before a method is made; also known without a device. */
export type Candidate = Pick<Model, 'architecture' | 'graph' | 'tensors'>

const folded =
  'If it was exported as ONNX, its batch normalisation may have been folded into the convolutions: export it with training=TrainingMode.PRESERVE and do_constant_folding=False.'

/** Why a model or a run cannot take a method, in words; null when it can. */
export function refusal(
  model: Candidate,
  options: LaneOptions,
  source: 'none' | 'unlabelled' | 'labelled',
): string | null {
  const { label, needs } = methodInfo[options.method]
  if (needs.includes('batch-norm') && !model.tensors.some(({ kind }) => kind === 'bn-weight')) {
    return `${label} works with the statistics of batch normalisation, and this ${model.architecture} has none. ${model.tensors.some(isAffine) ? 'Methods that move the norm layers’ scale and shift can run on it: TENT, SAR, EATA, PALM and others.' : folded}`
  }
  if (needs.includes('norm') && !model.tensors.some(isAffine))
    return `${label} moves the norm layers’ scale and shift, and this ${model.architecture} has no norm layers. ${folded}`
  if (needs.includes('weights') && adaptableTensors(model).length === 0)
    return `${label} has nothing to adapt in this ${model.architecture}: there are neither convolutions nor norm layers in it.`
  if (options.method === 'surgical' && firstBlock(model).length === 0) {
    return `${label} adapts the first block, and no tensor of this ${model.architecture} belongs to one (layer1, block1 or stage_1).`
  }
  if (needsSourceImages(options) && source === 'none') {
    const without = options.method === 'eata' ? ' With fisherWeight 0 it is ETA, which needs none.' : ''
    return `${label} needs source images: clean ones of the kind the model was trained on, in a folder per class. Give them with the run (--source DIR).${without}`
  }
  if (needs.includes('labels-of-source') && source !== 'labelled')
    return `${label} needs labels of the source images: a folder with one folder per class.`
  if (options.method === 'ecotta' && model.graph.blocks.length < 2)
    return `${label} cuts the network into parts, and this ${model.architecture} has no blocks to cut between.`
  return null
}

function make(device: Device, model: Model, options: LaneOptions, seed: number): Method {
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
    case 'adacontrast':
      return new Adacontrast(device, model, options, seed)
    case 'autolr':
      return new Autolr(device, model, options)
    case 'dss':
      return new Dss(device, model, options, seed)
    case 'ecotta':
      return new Ecotta(device, model, options, seed)
    case 'eata':
      return new Eata(device, model, options)
    case 'rotta':
      return new Rotta(device, model, options, seed)
    case 'note':
      return new Note(device, model, options, seed)
    case 'rmt':
      return new Rmt(device, model, options, seed)
    case 'santa':
      return new Santa(device, model, options, seed)
    case 'lame':
      return new Lame(device, model, options)
    case 'memo':
      return new Memo(device, model, options, seed)
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
