// A layer report as a compact blob: a version byte, three zero bytes, count (uint32), then per array all tensors: states (uint8, padded to 4), scores,
// importances, learning rates and, in version 2, changes (float32). NaN stands for "no value". Little-endian. Version 1 of older runs is read as well.
import { PalmError } from '#contract/errors.ts'
import type { LayerReport } from '#contract/tables/report.ts'

const headerBytes = 8
const padded = (count: number) => Math.ceil(count / 4) * 4
/** Float arrays by version. */
const arrays: Readonly<Record<number, number>> = { 1: 3, 2: 4 }

export function encodeLayers(report: LayerReport): Uint8Array {
  const count = report.states.length
  const version = report.changes ? 2 : 1
  const out = new Uint8Array(headerBytes + padded(count) + 4 * count * (arrays[version] as number))
  const view = new DataView(out.buffer)
  out[0] = version
  view.setUint32(4, count, true)
  out.set(report.states, headerBytes)
  let at = headerBytes + padded(count)
  for (const values of [
    report.scores,
    report.importances,
    report.learningRates,
    ...(report.changes ? [report.changes] : []),
  ]) {
    for (const value of values) {
      view.setFloat32(at, value ?? Number.NaN, true)
      at += 4
    }
  }
  return out
}

/** What lies in a blob, without a copy where that is possible. NaN = no value. */
export interface LayerArrays {
  readonly states: Uint8Array
  readonly scores: Float32Array
  readonly importances: Float32Array
  readonly learningRates: Float32Array
  readonly changes: Float32Array | null
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** @throws PalmError `store-damaged` */
export function layerArrays(bytes: Uint8Array): LayerArrays {
  const whole = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.byteLength >= headerBytes ? whole.getUint32(4, true) : -1
  const floats = arrays[bytes[0] ?? 0]
  if (floats === undefined || bytes.byteLength !== headerBytes + padded(count) + 4 * count * floats) {
    throw new PalmError(
      'store-damaged',
      'The database holds a layer report that does not fit.',
      `${bytes.byteLength} bytes, version ${bytes[0]}`,
    )
  }
  const start = headerBytes + padded(count)
  // Typed arrays need an aligned start, and the platform's byte order is theirs.
  const aligned = littleEndian && bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const array = (index: number) => {
    const begin = start + 4 * index * count
    if (littleEndian) return new Float32Array(aligned.buffer, aligned.byteOffset + begin, count)
    return Float32Array.from({ length: count }, (_, i) => whole.getFloat32(begin + 4 * i, true))
  }
  return {
    states: aligned.subarray(headerBytes, headerBytes + count),
    scores: array(0),
    importances: array(1),
    learningRates: array(2),
    changes: floats > 3 ? array(3) : null,
  }
}

/** @throws PalmError `store-damaged` */
export function decodeLayers(bytes: Uint8Array): LayerReport {
  const { states, scores, importances, learningRates, changes } = layerArrays(bytes)
  const values = (array: Float32Array) => Array.from(array, (value) => (Number.isFinite(value) ? value : null))
  return {
    states: Array.from(states),
    scores: values(scores),
    importances: values(importances),
    learningRates: values(learningRates),
    changes: changes && values(changes),
  }
}
