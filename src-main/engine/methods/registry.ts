// Options -> method: the code of every method by its id. What else is known of a method is in its descriptor.
import { PalmError } from '#contract/errors.ts'
import { needsSourceImages } from '#contract/methods/method-info.ts'
import { descriptorOf, type LaneOptions, type MethodId, type OptionsOf } from '#contract/methods/methods.ts'
import { isAuto } from '#contract/methods/presets.ts'
import type { Device } from '#engine/compute/device.ts'
import { adaptableTensors, isAffine, type Model } from '#engine/models/model.ts'
import { Adacontrast } from './adacontrast/adacontrast.ts'
import { Autolr } from './autolr/autolr.ts'
import { Cmf } from './cmf/cmf.ts'
import { createCome } from './come/come.ts'
import { Cotta } from './cotta/cotta.ts'
import { Deyo } from './deyo/deyo.ts'
import { Dss } from './dss/dss.ts'
import { Eata } from './eata/eata.ts'
import { Ecotta } from './ecotta/ecotta.ts'
import { Lame } from './lame/lame.ts'
import { Law } from './law/law.ts'
import { Memo } from './memo/memo.ts'
import type { Method } from './method.ts'
import { Note } from './note/note.ts'
import { PalmAuto } from './palm/auto.ts'
import { Palm } from './palm/palm.ts'
import { ForwardOnly } from './parts/forward-only.ts'
import type { SourceImages } from './parts/source-images.ts'
import { Rdumb } from './rdumb/rdumb.ts'
import { Rmt } from './rmt/rmt.ts'
import { Roid } from './roid/roid.ts'
import { Rotta } from './rotta/rotta.ts'
import { Santa } from './santa/santa.ts'
import { Sar } from './sar/sar.ts'
import { firstBlock, Surgical } from './surgical/surgical.ts'
import { createTent } from './tent/tent.ts'

/** Makes a method; `seed` drives its own randomness (views, restores, draws). */
type Create<M extends MethodId> = (device: Device, model: Model, options: OptionsOf<M>, seed: number) => Method

/** One line a method: a method without one does not compile, nor one that is in no descriptor. */
const create: { readonly [M in MethodId]: Create<M> } = {
  source: (device, model) => new ForwardOnly(device, model, 'source'),
  norm: (device, model) => new ForwardOnly(device, model, 'norm'),
  'bn-alpha': (device, model, { alpha }) => new ForwardOnly(device, model, 'bn-alpha', alpha),
  tent: createTent,
  cotta: (device, model, options, seed) => new Cotta(device, model, options, seed),
  ecotta: (device, model, options, seed) => new Ecotta(device, model, options, seed),
  adacontrast: (device, model, options, seed) => new Adacontrast(device, model, options, seed),
  surgical: (device, model, options, seed) => new Surgical(device, model, options, seed),
  dss: (device, model, options, seed) => new Dss(device, model, options, seed),
  law: (device, model, options, seed) => new Law(device, model, options, seed),
  autolr: (device, model, options) => new Autolr(device, model, options),
  eata: (device, model, options) => new Eata(device, model, options),
  sar: (device, model, options) => new Sar(device, model, options),
  rotta: (device, model, options, seed) => new Rotta(device, model, options, seed),
  note: (device, model, options, seed) => new Note(device, model, options, seed),
  rmt: (device, model, options, seed) => new Rmt(device, model, options, seed),
  rdumb: (device, model, options) => new Rdumb(device, model, options),
  lame: (device, model, options) => new Lame(device, model, options),
  memo: (device, model, options, seed) => new Memo(device, model, options, seed),
  deyo: (device, model, options, seed) => new Deyo(device, model, options, seed),
  santa: (device, model, options, seed) => new Santa(device, model, options, seed),
  cmf: (device, model, options, seed) => new Cmf(device, model, options, seed),
  roid: (device, model, options, seed) => new Roid(device, model, options, seed),
  come: createCome,
  palm: (device, model, options, seed) =>
    isAuto(options) ? new PalmAuto(device, model, options, seed) : new Palm(device, model, options, seed),
}

/** What a model must have beyond its descriptor's needs: why it cannot take the method, which is named; null when it can. */
const demands: { readonly [M in MethodId]?: (model: Candidate, name: string) => string | null } = {
  surgical: (model, name) =>
    firstBlock(model).length > 0
      ? null
      : `${name} adapts the first block, and no tensor of this ${model.architecture} belongs to one (layer1, block1 or stage_1).`,
  ecotta: (model, name) =>
    model.graph.blocks.length > 1
      ? null
      : `${name} cuts the network into parts, and this ${model.architecture} has no blocks to cut between.`,
}

/**
 * `source`: the run's source images, as far as it has any; the session hands them to the method.
 * @throws PalmError `method-unsupported`
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
  // The options of a method under its own id: the table's type says that they fit, but not for an id that is known at run time only.
  return (create[options.method] as Create<MethodId>)(device, model, options, seed)
}

/** What is looked at before a method is made; also known without a device. */
type Candidate = Pick<Model, 'architecture' | 'graph' | 'tensors'>

const folded =
  'If it was exported as ONNX, its batch normalisation was folded into the convolutions. Give its state dict beside it (--weights model.pth), or export it again with torch.onnx.export(model.eval(), (x,), "model.onnx", dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False).'

/** Why a model or a run cannot take a method, in words; null when it can. */
export function refusal(
  model: Candidate,
  options: LaneOptions,
  source: 'none' | 'unlabelled' | 'labelled',
): string | null {
  const { name, needs, withoutSource } = descriptorOf(options.method)
  if (needs.includes('batch-norm') && !model.tensors.some(({ kind }) => kind === 'bn-weight')) {
    return `${name} works with the statistics of batch normalisation, and this ${model.architecture} has none. ${model.tensors.some(isAffine) ? 'Methods that move the norm layers’ scale and shift can run on it: TENT, SAR, EATA, PALM and others.' : folded}`
  }
  if (needs.includes('norm') && !model.tensors.some(isAffine))
    return `${name} moves the norm layers’ scale and shift, and this ${model.architecture} has no norm layers. ${folded}`
  if (needs.includes('weights') && adaptableTensors(model).length === 0)
    return `${name} has nothing to adapt in this ${model.architecture}: there are neither convolutions nor norm layers in it.`
  if (needsSourceImages(options) && source === 'none') {
    return `${name} needs source images: clean ones of the kind the model was trained on, in a folder per class. Give them with the run (--source DIR).${withoutSource ? ` ${withoutSource.hint}` : ''}`
  }
  if (needs.includes('labels-of-source') && source !== 'labelled')
    return `${name} needs labels of the source images: a folder with one folder per class.`
  return demands[options.method]?.(model, name) ?? null
}
