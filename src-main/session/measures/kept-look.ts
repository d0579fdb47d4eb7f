// The look at the first images, which a session's process that stays for the next order remembers: a run after its look, and the cells of a sweep, would make the
// same one again. Known by all that it depends on, contents and not names.
import { createHash } from 'node:crypto'
import type { Device } from '#engine/compute/device.ts'
import type { Model } from '#engine/models/model.ts'
import { firstLook, type Looked, type LookSubject } from './first-look.ts'

/** Looks of one device: of a sweep's models and inputs a few are in turn. */
const mostKept = 8

const kept = new WeakMap<Device, Map<string, Looked>>()

/** As `firstLook`; nobody changes what it gives. */
export async function keptLook(device: Device, model: Model, subject: LookSubject): Promise<Looked> {
  const ofDevice = kept.get(device) ?? new Map<string, Looked>()
  kept.set(device, ofDevice)
  const key = keyOf(model, subject)
  const looked = ofDevice.get(key) ?? (await firstLook(device, model, subject))
  ofDevice.delete(key)
  ofDevice.set(key, looked)
  for (const oldest of ofDevice.keys()) {
    if (ofDevice.size <= mostKept) break
    ofDevice.delete(oldest)
  }
  return looked
}

function keyOf(model: Model, { images, ...rest }: LookSubject): string {
  const { architecture, graph, classes, classNames, normalization, hash } = model
  const { labels, pixels, ...told } = images
  return createHash('sha256')
    .update(JSON.stringify([architecture, graph, classes, classNames, normalization, hash, rest, told]))
    .update(labels)
    .update(pixels)
    .digest('hex')
}
