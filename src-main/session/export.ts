// A checkpoint as a whole model: the tensors of the model's file with the checkpoint's delta in their place.
import { readTensors } from '../engine/models/load.ts'
import { writeSafetensors } from '../engine/models/formats/safetensors.ts'
import type { Store } from '../store/store.ts'
import { PalmError } from '../contract/errors.ts'
import { inspectModel, readModelFile } from './open-model.ts'
import { decodeState } from './state-blob.ts'

/** A .safetensors file with PyTorch names. @throws PalmError `checkpoint-not-found`, `run-not-found`, `model-unreadable` */
export async function exportCheckpoint(store: Store, resourcesFolder: string, run: number, checkpoint: number): Promise<Uint8Array> {
  const { info, delta } = store.checkpoints.delta(run, checkpoint)
  const { model } = store.runs.options(run)
  const plan = store.runs.plan(run)
  const file = await readModelFile(model, resourcesFolder)
  const current = await inspectModel(model, resourcesFolder)
  if (plan && plan.model.hash !== current.hash) throw new PalmError('model-unreadable', `The weights in ${file.path} have changed since the run: the checkpoint does not fit them any more.`)
  const { tensors, metadata } = readTensors(file.bytes, file.path)
  for (const [key, array] of decodeState(delta, `checkpoint ${checkpoint}`).arrays) {
    if (!key.startsWith('param/')) continue
    const name = key.slice('param/'.length)
    if (!tensors.has(name)) throw new PalmError('method-unsupported', `Lane ${info.lane} adapts networks that it adds to the model (EcoTTA); the model itself is unchanged, so there is nothing to export as ${file.name}.`)
    tensors.set(name, array)
  }
  return writeSafetensors(tensors, { ...metadata, palm_run: String(run), palm_lane: info.lane, palm_step: String(info.step) })
}
