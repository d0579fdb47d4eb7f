// TIFF files: directories that lead to themselves, strips and tiles without number, packed pixels that are bombs.
import { deflateSync } from 'node:zlib'
import type { FuzzFile, FuzzReader } from '#test/fuzz/reader.ts'
import { buffer, fields, pixels, reader, rgba } from './images.ts'

type Tag = readonly [tag: number, kind: number, count: number, value: number]

/** A little-endian TIFF: its first directory at 8, the pixels behind it. */
export function tiffOf(tags: readonly Tag[], data: Uint8Array, next = 0): Uint8Array {
  const out = Buffer.alloc(8 + 2 + tags.length * 12 + 4)
  out.write('II*\0', 0, 'latin1')
  out.writeUInt32LE(8, 4)
  out.writeUInt16LE(tags.length, 8)
  for (const [i, [tag, kind, count, value]] of tags.entries()) {
    const at = 10 + i * 12
    out.writeUInt16LE(tag, at)
    out.writeUInt16LE(kind, at + 2)
    out.writeUInt32LE(count >>> 0, at + 4)
    out.writeUInt32LE(value >>> 0, at + 8)
  }
  out.writeUInt32LE(next, 10 + tags.length * 12)
  return buffer(new Uint8Array(out), data)
}

export function tiff(): FuzzReader {
  const grey = (width: number, height: number, compression: number, bytes: number): Tag[] => [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, 8],
    [259, 3, 1, compression],
    [262, 3, 1, 1],
    [273, 4, 1, 8 + 2 + 9 * 12 + 4],
    [277, 3, 1, 1],
    [278, 4, 1, height],
    [279, 4, 1, bytes],
  ]
  const raw = pixels().slice(0, 108)
  const packed = deflateSync(raw)
  const honest: FuzzFile[] = [
    { name: 'rgb.tiff', bytes: new Uint8Array(rgba().tiffSync()) },
    { name: 'grey.tif', bytes: tiffOf(grey(12, 9, 1, 108), raw) },
    { name: 'deflate.tif', bytes: tiffOf(grey(12, 9, 8, packed.length), packed) },
    {
      name: 'packbits.tif',
      bytes: tiffOf(grey(12, 9, 32773, 18), buffer(...Array.from({ length: 9 }, (_, i) => Uint8Array.of(245, i)))),
    },
  ]
  const places = (bytes: Uint8Array): [number, 1 | 2 | 4][] => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const at = view.getUint32(4, true)
    const count = view.getUint16(at, true)
    return [
      [4, 4],
      [at, 2],
      [at + 2 + count * 12, 4],
      ...Array.from({ length: count }, (_, i) => at + 2 + i * 12).flatMap((tag): [number, 2 | 4][] => [
        [tag, 2],
        [tag + 2, 2],
        [tag + 4, 4],
        [tag + 8, 4],
        [tag + 8, 2],
      ]),
    ]
  }
  const zeros = deflateSync(new Uint8Array(30_000_000))
  const hostile = (what: string, tags: readonly Tag[], data: Uint8Array = raw, next = 0) => ({
    name: 'a.tif',
    bytes: tiffOf(tags, data, next),
    what,
  })
  const without = (tags: readonly Tag[], tag: number) => tags.filter(([own]) => own !== tag)
  return reader({
    name: 'tiff',
    honest,
    hostile: [
      hostile('a directory that leads to itself', grey(12, 9, 1, 108), raw, 8),
      hostile('2^64 pixels', grey(2 ** 32 - 1, 2 ** 32 - 1, 1, 108)),
      hostile('a hundred million pixels and no more than a hundred', grey(10_000, 10_000, 1, 108)),
      hostile(
        'a hundred million packed pixels and no more than a hundred',
        grey(10_000, 10_000, 8, packed.length),
        packed,
      ),
      hostile('a hundred pixels in a bomb', grey(12, 9, 8, zeros.length), zeros),
      hostile('four billion strips', [...without(grey(12, 9, 1, 108), 273), [273, 4, 2 ** 32 - 1, 8]]),
      hostile('strips of no rows', [...without(grey(12, 9, 1, 108), 278), [278, 4, 1, 0]]),
      hostile('tiles of one pixel', [
        ...without(grey(5000, 5000, 1, 108), 278),
        [322, 4, 1, 1],
        [323, 4, 1, 1],
        [324, 4, 1, 8],
        [325, 4, 1, 1],
      ]),
      hostile('tiles of two billion pixels', [
        ...without(grey(12, 9, 1, 108), 278),
        [322, 4, 1, 2 ** 31],
        [323, 4, 1, 2 ** 31],
        [324, 4, 1, 8],
        [325, 4, 1, 1],
      ]),
      hostile('65535 samples of 16 bits', [...without(grey(12, 9, 1, 108), 277), [277, 3, 1, 65535]]),
    ],
    mutations: [fields(places, true)],
    boundaries: (bytes) => [0, 4, 8, 10, ...places(bytes).map(([at]) => at)],
  })
}
