// NumPy's .npy: a header with type, order and shape, then the values. Read by ranges, so that an array of any size costs no memory.
import { open } from 'node:fs/promises'
import { PalmError } from '#contract/errors.ts'
import type { ImagePlace } from './places/place.ts'
import { readerOf } from './places/places.ts'

interface NpyHeader {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Of the values, from the beginning of the .npy. */
  readonly dataOffset: number
}

const maxHeader = 65_536
const itemBytes: Readonly<Record<string, number>> = {
  '|u1': 1,
  '|i1': 1,
  '<u2': 2,
  '<i2': 2,
  '<u4': 4,
  '<i4': 4,
  '<u8': 8,
  '<i8': 8,
  '<f4': 4,
  '<f8': 8,
  '|b1': 1,
}

/** `size` of the whole .npy in bytes. @throws PalmError `input-unreadable` naming the file and what is wrong */
function parseNpyHeader(head: Uint8Array, size: number, name: string): NpyHeader {
  const fail = (reason: string) => new PalmError('input-unreadable', `${name} is not a usable .npy array: ${reason}.`)
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (head.length < 10 || magic.some((byte, i) => head[i] !== byte)) throw fail('it does not begin as one')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const wide = (head[6] ?? 1) >= 2
  if (wide && head.length < 12) throw fail('it is cut short')
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const dataOffset = (wide ? 12 : 10) + length
  if (length > maxHeader || dataOffset > head.length) throw fail('its header is cut short or absurdly long')
  const text = new TextDecoder('latin1').decode(head.subarray(wide ? 12 : 10, dataOffset))
  const dtype = /'descr':\s*'([^']*)'/.exec(text)?.[1]
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1]
  const dims = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1]
  if (dtype === undefined || fortran === undefined || dims === undefined) throw fail('its header cannot be understood')
  const width = itemBytes[dtype]
  if (width === undefined)
    throw fail(`it holds values of the type ${dtype.slice(0, 20)}, and only plain numbers are read`)
  if (fortran === 'True' && dims.includes(','))
    throw fail('it is in Fortran order. Save it with numpy.ascontiguousarray')
  const shape = dims
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number)
  const items = shape.reduce((product, n) => product * n, 1)
  if (!Number.isSafeInteger(items) || dataOffset + items * width > size)
    throw fail(`its shape (${shape.join(', ')}) needs more bytes than it has: it may be cut short`)
  return { dtype, shape, dataOffset }
}

export interface ImageArray {
  readonly path: string
  /** Of the first image's first byte in the file. */
  readonly offset: number
  readonly images: number
  readonly width: number
  readonly height: number
}

/** An array of images, uint8 [N, H, W, 3]. @throws PalmError `input-unreadable` */
export async function imageArray(place: ImagePlace, name: string): Promise<ImageArray> {
  const { path, start, size } = await readerOf(place).stretch(place, name)
  const file = await open(path, 'r')
  let header: NpyHeader
  try {
    const head = new Uint8Array(Math.min(size, maxHeader + 12))
    const { bytesRead } = await file.read(head, 0, head.length, start)
    header = parseNpyHeader(head.subarray(0, bytesRead), size, name)
  } finally {
    await file.close()
  }
  const [images = 0, height = 0, width = 0, channels = 0] = header.shape
  if (
    header.dtype !== '|u1' ||
    header.shape.length !== 4 ||
    channels !== 3 ||
    images < 1 ||
    width < 1 ||
    height < 1 ||
    width > 4096 ||
    height > 4096
  ) {
    throw new PalmError(
      'input-unreadable',
      `${name} holds ${header.dtype} of shape (${header.shape.join(', ')}); images are bytes (|u1) of shape (N, height, width, 3).`,
    )
  }
  return { path, offset: start + header.dataOffset, images, width, height }
}

const maxLabels = 20_000_000
/** No model has more classes. */
const maxLabel = 100_000

/** An array of labels: whole numbers [N]. @throws PalmError `input-unreadable` */
export async function labelArray(place: ImagePlace, name: string): Promise<Int32Array> {
  const bytes = await readerOf(place).bytes(place, name)
  const { dtype, shape, dataOffset } = parseNpyHeader(bytes, bytes.length, name)
  const n = shape.reduce((product, size) => product * size, 1)
  if (!/[ui]\d$/.test(dtype) || n > maxLabels || shape.length > 2)
    throw new PalmError(
      'input-unreadable',
      `${name} holds ${dtype} of shape (${shape.join(', ')}); labels are whole numbers of shape (N).`,
    )
  const width = itemBytes[dtype] as number
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset, n * width)
  const read: Readonly<Record<string, (at: number) => number>> = {
    '|u1': (at) => view.getUint8(at),
    '|i1': (at) => view.getInt8(at),
    '<u2': (at) => view.getUint16(at, true),
    '<i2': (at) => view.getInt16(at, true),
    '<u4': (at) => view.getUint32(at, true),
    '<i4': (at) => view.getInt32(at, true),
    '<u8': (at) => Number(view.getBigUint64(at, true)),
    '<i8': (at) => Number(view.getBigInt64(at, true)),
  }
  const labels = Int32Array.from({ length: n }, (_, i) => (read[dtype] as (at: number) => number)(i * width))
  if (labels.some((label) => label < 0 || label > maxLabel))
    throw new PalmError('input-unreadable', `${name} holds labels below 0 or absurdly large ones.`)
  return labels
}
