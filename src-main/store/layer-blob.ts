// A layer report as a compact blob: version byte 1, three zero bytes, count (uint32), then per array all tensors: states (uint8, padded to
// 4), scores, importances, learning rates (float32). NaN stands for "no value". Little-endian.
import { PalmError } from '../contract/errors.ts'
import type { LayerReport } from '../contract/report.ts'

const headerBytes = 8
const padded = (count: number) => Math.ceil(count / 4) * 4

export function encodeLayers(report: LayerReport): Uint8Array {
  const count = report.states.length
  const out = new Uint8Array(headerBytes + padded(count) + 12 * count)
  const view = new DataView(out.buffer)
  out[0] = 1
  view.setUint32(4, count, true)
  out.set(report.states, headerBytes)
  let at = headerBytes + padded(count)
  for (const values of [report.scores, report.importances, report.learningRates]) {
    for (const value of values) {
      view.setFloat32(at, value ?? Number.NaN, true)
      at += 4
    }
  }
  return out
}

/** @throws PalmError `store-damaged` */
export function decodeLayers(bytes: Uint8Array): LayerReport {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.byteLength >= headerBytes ? view.getUint32(4, true) : -1
  if (bytes[0] !== 1 || bytes.byteLength !== headerBytes + padded(count) + 12 * count) {
    throw new PalmError('store-damaged', 'The database holds a layer report that does not fit.', `${bytes.byteLength} bytes, version ${bytes[0]}`)
  }
  const floats = (index: number) =>
    Array.from({ length: count }, (_, i) => {
      const value = view.getFloat32(headerBytes + padded(count) + 4 * (index * count + i), true)
      return Number.isFinite(value) ? value : null
    })
  return { states: Array.from(bytes.subarray(headerBytes, headerBytes + count)), scores: floats(0), importances: floats(1), learningRates: floats(2) }
}
