// The two containers of PyTorch's files: the zip archive (1.6 and later), and the run of pickles before it.
import { PalmError } from '#contract/errors.ts'
import { bytesPer, type Dtype } from '#engine/models/formats/file-tensor.ts'
import { isKind, type PickleValue } from './pickle-values.ts'
import { readPickle } from './pickle.ts'
import { broken, rulesFor, storageOf, type Storage, type StorageBytes } from './torch-objects.ts'
import type { PickleRules } from './unpickler.ts'
import { zipEntries } from '#engine/models/formats/zip-entries.ts'

const magic = Number(0x1950a86a20f9469cfc6cn)

export interface TorchContents {
  readonly value: PickleValue
  readonly storageBytes: StorageBytes
}

/** @throws PalmError `model-unreadable`, `model-unsupported` */
export async function readZip(bytes: Uint8Array, fileName: string): Promise<TorchContents> {
  const entries = await zipEntries(bytes, (reason) => broken(fileName, reason))
  const main = entries.names.find((name) => name.endsWith('/data.pkl') || name === 'data.pkl')
  if (main === undefined) {
    const script = entries.names.some((name) => name.includes('/code/'))
    throw broken(
      fileName,
      script ? 'it is a TorchScript archive without a state dict' : 'there is no data.pkl in the archive',
    )
  }
  const root = main.slice(0, -'data.pkl'.length)
  const order = entries.bytesOf(`${root}byteorder`)
  const big = order !== null && new TextDecoder().decode(order).trim() === 'big'
  const { value } = readPickle(entries.bytesOf(main) as Uint8Array, 0, fileName, rulesFor(fileName, bytes.length))
  // What is packed is unpacked for the tensor in hand, and kept for the next one, which mostly looks at the same storage.
  let last: { key: string; raw: Uint8Array | null } | null = null
  return {
    value,
    storageBytes: ({ key, dtype }) => {
      if (last?.key !== key) {
        const raw = entries.bytesOf(`${root}data/${key}`)
        last = { key, raw: raw && big ? turned(raw, dtype) : raw }
      }
      return last.raw
    },
  }
}

/** Numbers of a big-endian machine; of a complex one both parts. */
function turned(raw: Uint8Array, dtype: Dtype): Uint8Array {
  const width = dtype === 'C64' || dtype === 'C128' ? bytesPer[dtype] / 2 : bytesPer[dtype]
  const out = raw.slice(0, raw.length - (raw.length % width))
  for (let at = 0; at < out.length; at += width) out.subarray(at, at + width).reverse()
  return out
}

/** @throws PalmError `model-unreadable`, `model-unsupported` */
export function readLegacy(bytes: Uint8Array, fileName: string): TorchContents {
  const rules = rulesFor(fileName, bytes.length)
  let at = 0
  const next = () => {
    const { value, end } = readPickle(bytes, at, fileName, rules)
    at = end
    return value
  }
  const first = next()
  // Of 80 bits: a double holds 53 of them.
  if (typeof first !== 'number' || Math.abs(first / magic - 1) > 1e-12)
    throw broken(fileName, 'it does not start like a PyTorch file')
  next() // protocol version
  const system = next()
  if (isKind(system, 'dict') && system.entries.get('little_endian') === false)
    throw new PalmError('model-unsupported', `${fileName} was written on a big-endian machine.`)
  const storages = new Map<string, Storage>()
  const own: PickleRules = {
    ...rules,
    persistent: (id) => {
      const storage = storageOf(id, fileName)
      storages.set(storage.key, storage)
      return { kind: 'object', name: 'storage', value: storage }
    },
  }
  const main = readPickle(bytes, at, fileName, own)
  at = main.end
  const keys = next()
  const raw = storagesAt(bytes, at, fileName, isKind(keys, 'list') ? keys.items : [], storages)
  return { value: main.value, storageBytes: ({ key }) => raw.get(key) ?? null }
}

/** One after the other behind the pickles: how many elements, then the elements. */
function storagesAt(
  bytes: Uint8Array,
  start: number,
  fileName: string,
  keys: readonly PickleValue[],
  known: ReadonlyMap<string, Storage>,
): Map<string, Uint8Array> {
  const raw = new Map<string, Uint8Array>()
  let at = start
  for (const key of keys) {
    if (at + 8 > bytes.length) throw broken(fileName, 'it is cut short')
    const elements = Number(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigInt64(0, true))
    at += 8
    const storage = typeof key === 'string' || typeof key === 'number' ? known.get(String(key)) : undefined
    if (!storage) continue
    const size = elements * bytesPer[storage.dtype]
    if (!(elements >= 0) || at + size > bytes.length) throw broken(fileName, 'it is cut short')
    raw.set(storage.key, bytes.subarray(at, at + size))
    at += size
  }
  return raw
}
