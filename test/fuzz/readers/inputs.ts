// What images come in: arrays (.npy, .npz), archives (zip, tar) and lists (CSV, TSV, JSON lines). Opened, told, counted, and some images' bytes read.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npy } from '#test/helpers/write-npy.ts'
import { PalmError } from '#contract/errors.ts'
import type { InputDomains } from '#contract/inputs/input-kinds.ts'
import { fingerprintInput, inspectInput } from '#stream/inputs/inspect.ts'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import { readerOf } from '#stream/inputs/places/places.ts'
import { oddNumbers, type FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import { mutateBlindly } from '#test/fuzz/blind-mutations.ts'
import { mutateJson } from '#test/fuzz/json-mutations.ts'
import type { FuzzFile, FuzzReader } from '#test/fuzz/reader.ts'
import { mutateZip, stored, zipEntriesOf, zipOf } from '#test/fuzz/zip-lies.ts'

const sample = fileURLToPath(new URL('../../../resources/sample/images', import.meta.url))
const classes = readdirSync(sample).sort().slice(0, 2)
const pictures = classes.flatMap((name) =>
  readdirSync(join(sample, name))
    .sort()
    .slice(0, 2)
    .map((image) => [`${name}/${image}`, new Uint8Array(readFileSync(join(sample, name, image)))] as const),
)
const text = (value: string) => new TextEncoder().encode(value)

/** A file's own fault is a PalmError; that an image lies elsewhere or is none is told of the image, in words too. */
const read =
  (domains: readonly InputDomains[]) =>
  async (path: string, _: FuzzFile, random: FuzzRandom): Promise<void> => {
    const input = { kind: 'folder' as const, path, split: null, domains: random.pick(domains), labels: {} }
    const listing = await openPath(input)
    const folders = { sampleFolder: sample }
    const model = random.chance(0.5) ? { classes: 10, classNames: null } : null
    await inspectInput(input, folders, model, [['n01440764', 'tench']])
    await fingerprintInput(input, folders)
    if (listing.samples.length === 0) throw new TypeError('nothing was found, and nothing was said')
    for (const at of [0, listing.samples.length - 1, random.below(listing.samples.length)]) {
      const sampleAt = listing.samples[at]
      if (
        sampleAt === undefined ||
        sampleAt.classIndex >= Math.max(1, listing.classNames.length) ||
        (listing.domains && !(sampleAt.domain < listing.domains.length))
      )
        throw new TypeError('a sample without a class or domain')
      const place = listing.placeOf(at, listing.variants?.[0] ?? null)
      try {
        await readerOf(place).image(place, 'x')
      } catch (thrown) {
        if (
          !(thrown instanceof PalmError) &&
          !(
            thrown instanceof Error &&
            'code' in thrown &&
            ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES'].includes(String(thrown.code))
          )
        )
          throw thrown
      }
    }
  }

const images = npy(
  '|u1',
  [4, 4, 4, 3],
  Array.from({ length: 192 }, (_, i) => i),
)
const labels = npy('<i8', [4], [0, 1, 0, 1])

/** An .npy with a header of one's own. */
function npyOf(header: string, data: Uint8Array, version = 1, length = header.length): Uint8Array {
  const head = Buffer.alloc(version >= 2 ? 12 : 10)
  head.write('\x93NUMPY', 0, 'latin1')
  head[6] = version
  if (version >= 2) head.writeUInt32LE(length >>> 0, 8)
  else head.writeUInt16LE(length & 65535, 8)
  return new Uint8Array(Buffer.concat([head, Buffer.from(header, 'latin1'), data]))
}

const headers = (shape: string, descr = "'|u1'", order = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': (${shape}), }`
const oddHeaders = [
  headers('4, 4, 4, 3', "'|O'"),
  headers('4, 4, 4, 3', "'<f4'"),
  headers('4, 4, 4, 3', "'>u2'"),
  headers('4, 4, 4, 3', "'<U10'"),
  headers('4, 4, 4, 3', "[('a', '<f4')]"),
  headers('4, 4, 4, 3', "'constructor'"),
  headers('4, 4, 4, 3', "'__proto__'"),
  headers('4, 4, 4, 3', "'|u1'", 'True'),
  headers(''),
  headers(','),
  headers('0, 4, 4, 3'),
  headers('-1, 4, 4, 3'),
  headers('4, 0, 0, 3'),
  headers('1000000000000, 1, 1, 3'),
  headers('4294967296, 4294967296, 4294967296, 3'),
  headers('99999999999999999999999999, 4, 4, 3'),
  headers('4 4, 4, 3'),
  headers('64, 1, 1, 3'),
  headers('1, 8, 8, 3'),
  headers(`${'1, '.repeat(20_000)}3`),
  headers('4, 4, 4, 3').replace("'shape'", "'shape': (1,), 'shape'"),
  "{'descr': '|u1'}",
  '',
  '{'.repeat(60_000),
]

export function npyReader(): FuzzReader {
  return {
    name: 'npy',
    honest: [{ name: 'x.npy', bytes: images }],
    hostile: [
      ...oddHeaders.flatMap((header, i) =>
        [1, 2, 3].map((version) => ({
          name: 'x.npy',
          bytes: npyOf(header, images.slice(-192), version),
          what: `header ${i} in version ${version}`,
        })),
      ),
      {
        name: 'x.npy',
        bytes: npyOf(headers('4, 4, 4, 3'), images.slice(-192), 2, 2 ** 32 - 1),
        what: 'a header of four billion bytes',
      },
      {
        name: 'x.npy',
        bytes: npyOf(headers('1000000, 1, 1, 3'), new Uint8Array(3_000_000)),
        what: 'a million images of one pixel',
      },
    ],
    mutations: [
      ({ name, bytes }, random) => ({
        name,
        bytes: npyOf(
          random.chance(0.5)
            ? random.pick(oddHeaders)
            : headers(Array.from({ length: random.below(6) }, () => random.pick([...oddNumbers, 4, 3])).join(', ')),
          bytes.slice(-192),
          random.pick([1, 1, 2, 3, 0, 255]),
          random.chance(0.8) ? undefined : random.pick(oddNumbers),
        ),
      }),
    ],
    boundaries: () => [0, 6, 8, 10, 64, 128, 129],
    read: read(['none']),
  }
}

export function npz(): FuzzReader {
  const entries = [stored('images.npy', images), stored('labels.npy', labels)]
  const inner = (entry: { name: string; data: Uint8Array }, random: FuzzRandom) => {
    if (random.chance(0.4)) return mutateBlindly(entry.data, random)
    return npyOf(
      random.chance(0.5)
        ? random.pick(oddHeaders)
        : headers(
            random.pick(['4,', '5,', '4, 4, 4, 3', '2, 2']),
            random.pick(["'|u1'", "'<i8'", "'<i4'", "'|b1'", "'<f8'"]),
          ),
      random.chance(0.5) ? entry.data.slice(-192) : random.bytes(32),
    )
  }
  const packed = entries.map((entry) => ({ ...entry, method: 8 }))
  return {
    name: 'npz',
    honest: [
      { name: 'x.npz', bytes: zipOf(entries) },
      { name: 'packed.npz', bytes: zipOf([entries[0] as (typeof packed)[0], packed[1] as (typeof packed)[0]]) },
    ],
    hostile: [
      { name: 'x.npz', bytes: zipOf(packed), what: 'packed images' },
      {
        name: 'x.npz',
        bytes: zipOf([
          stored('images.npy', images),
          { ...stored('labels.npy', npyOf(headers('20000000,', "'|u1'"), new Uint8Array(20_000_000))), method: 8 },
        ]),
        what: 'labels that are a bomb',
      },
      {
        name: 'x.npz',
        bytes: zipOf([
          stored('images.npy', images),
          {
            ...stored('labels.npy', npyOf(headers('400000000,', "'|u1'"), new Uint8Array(8_000_000))),
            method: 8,
            size: 500_000_000,
          },
        ]),
        what: 'labels that say they are half a gigabyte',
      },
      {
        name: 'x.npz',
        bytes: zipOf([stored('images.npy', images), stored('labels.npy', npy('<i8', [4], [0, -1, 2 ** 40, 5]))]),
        what: 'labels below zero and beyond count',
      },
      {
        name: 'x.npz',
        bytes: zipOf([stored('images.npy', images), stored('labels.npy', npy('<i8', [4], [0, 99_999, 0, 1]))]),
        what: 'a hundred thousand classes for four images',
      },
      { name: 'x.npz', bytes: zipOf([]), what: 'an empty archive' },
    ],
    mutations: [({ name, bytes }, random) => ({ name, bytes: mutateZip(zipEntriesOf(bytes), random, inner) })],
    boundaries: ({ bytes }) => [...bytes.keys()].filter((at) => bytes[at] === 0x50 && bytes[at + 1] === 0x4b),
    read: read(['none']),
  }
}

export function zip(): FuzzReader {
  const entries = pictures.map(([name, bytes]) => stored(name, bytes))
  const bomb = { ...stored('a/x.png', new Uint8Array(20_000_000)), method: 8 }
  const many = Array.from({ length: 60_000 }, (_, i) => stored(`${i % 2}/${i}.png`, new Uint8Array(0)))
  return {
    name: 'zip',
    honest: [
      { name: 'images.zip', bytes: zipOf(entries) },
      { name: 'packed.zip', bytes: zipOf(entries.map((entry) => ({ ...entry, method: 8 }))) },
    ],
    hostile: [
      { name: 'x.zip', bytes: zipOf([bomb, ...entries]), what: 'twenty megabytes of zeros called an image' },
      { name: 'x.zip', bytes: zipOf([{ ...bomb, size: 100 }, ...entries]), what: 'a bomb that says it is small' },
      {
        name: 'x.zip',
        bytes: zipOf([{ ...bomb, size: 2 ** 29 }, ...entries]),
        what: 'a bomb that says it is half a gigabyte',
      },
      {
        name: 'x.zip',
        bytes: zipOf([
          ...Array.from({ length: 1000 }, (_, i) => ({
            ...stored(`a/${i}.png`, new Uint8Array(0)),
            offset: 0,
            packedSize: 1000,
            size: 1000,
          })),
          ...entries,
        ]),
        what: 'a thousand entries in one place',
      },
      { name: 'x.zip', bytes: zipOf(many), what: 'sixty thousand empty entries' },
      {
        name: 'x.zip',
        bytes: zipOf(entries.map((entry) => ({ ...entry, name: `../../${entry.name}` }))),
        what: 'names that lead out',
      },
      { name: 'x.zip', bytes: zipOf(entries.map((entry) => ({ ...entry, flags: 1 }))), what: 'encrypted' },
      { name: 'x.zip', bytes: zipOf(entries.map((entry) => ({ ...entry, time: 0 }))), what: 'no time' },
      { name: 'x.zip', bytes: zipOf(entries, { comment: 65535 }), what: 'a comment that is not there' },
      { name: 'x.zip', bytes: zipOf(entries, { count: 65535 }), what: 'entries that are not there' },
      { name: 'x.zip', bytes: zipOf([]), what: 'an empty archive' },
    ],
    mutations: [
      ({ name, bytes }, random) => ({
        name,
        bytes: mutateZip(zipEntriesOf(bytes), random, (entry) => mutateBlindly(entry.data, random)),
      }),
    ],
    boundaries: ({ bytes }) => [...bytes.keys()].filter((at) => bytes[at] === 0x50 && bytes[at + 1] === 0x4b),
    read: read(['none', 'folders', 'hour', 'month']),
  }
}

interface TarFields {
  readonly name: string
  readonly data?: Uint8Array
  readonly kind?: string
  readonly size?: string | Uint8Array
  readonly time?: string | Uint8Array
  readonly sum?: boolean
  readonly link?: string
}

/** One entry, with what it says where it lies. */
function tarEntry({
  name,
  data = new Uint8Array(0),
  kind = '0',
  size,
  time = '14000000000',
  sum = true,
  link = '',
}: TarFields): Uint8Array {
  const head = Buffer.alloc(512)
  head.write(name.slice(0, 100), 0)
  head.write('0000644\0', 100)
  const put = (value: string | Uint8Array, at: number) =>
    typeof value === 'string' ? head.write(value, at) : head.set(value.slice(0, 12), at)
  put(size ?? data.length.toString(8).padStart(11, '0'), 124)
  put(time, 136)
  head.write(kind, 156)
  head.write(link.slice(0, 100), 157)
  head.write('ustar\x0000', 257)
  head.fill(0x20, 148, 156)
  const total = head.reduce((a, b) => a + b, 0)
  head.write((sum ? total : total + 1).toString(8).padStart(6, '0'), 148)
  return new Uint8Array(Buffer.concat([head, data, Buffer.alloc((512 - (data.length % 512)) % 512)]))
}

const tarOf = (...entries: readonly TarFields[]) =>
  new Uint8Array(Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]))

export function tar(): FuzzReader {
  const entries: TarFields[] = pictures.map(([name, data]) => ({ name, data }))
  const negative = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
  const huge = Uint8Array.of(0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
  const hostile = (what: string, ...own: TarFields[]) => ({ name: 'x.tar', bytes: tarOf(...own), what })
  const odd = (random: FuzzRandom) =>
    random.pick<string | Uint8Array>([
      negative,
      huge,
      '77777777777',
      '00000000000',
      '-0000000001',
      '00000000001',
      '        8',
      'abcdefghijk',
      '99999999999',
      '',
      Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    ])
  const told = (random: FuzzRandom): TarFields[] => {
    const own = entries.map((entry) => ({ ...entry }))
    for (let n = 1 + random.below(3); n > 0; n--) {
      const at = random.below(own.length)
      const entry = own[at] as TarFields
      const which = random.below(8)
      if (which === 0) own[at] = { ...entry, size: odd(random) }
      else if (which === 1) own[at] = { ...entry, time: odd(random) }
      else if (which === 2)
        own[at] = {
          ...entry,
          kind: random.pick(['1', '2', '3', '5', '7', 'L', 'K', 'x', 'g', 'S', '\0', 'V', '\x7f']),
          link: '/etc/passwd',
        }
      else if (which === 3) own[at] = { ...entry, sum: false }
      else if (which === 4)
        own[at] = {
          ...entry,
          name: random.pick([
            '../x.png',
            '/etc/x.png',
            'x\\..\\y.png',
            '',
            '.hidden/x.png',
            `${'a/'.repeat(49)}x`,
            '\u00ff\u00fe.png',
          ]),
        }
      else if (which === 5)
        own.splice(at, 0, {
          name: '././@LongLink',
          kind: random.pick(['L', 'x']),
          data: random.chance(0.5)
            ? text(`${'n/'.repeat(random.below(3000))}x.png`)
            : text(`30 path=${'n/'.repeat(random.below(100))}../x.png\n`),
        })
      else if (which === 6) own.splice(at, 1)
      else own.splice(at, 0, entry)
      if (own.length === 0) break
    }
    return own
  }
  return {
    name: 'tar',
    honest: [{ name: 'images.tar', bytes: tarOf(...entries) }],
    hostile: [
      hostile('a size below zero', ...entries, { name: 'a/x.png', size: negative }),
      hostile('a size of 2^63', ...entries, { name: 'a/x.png', size: huge }),
      hostile('a size of eight gigabytes', ...entries, { name: 'a/x.png', size: '77777777777' }),
      hostile(
        'links out of it',
        ...entries,
        { name: 'a/x.png', kind: '2', link: '/etc/passwd' },
        { name: 'a/y.png', kind: '1', link: '../../etc/passwd' },
      ),
      hostile('names that lead out', ...entries.map((entry) => ({ ...entry, name: `../${entry.name}` }))),
      hostile(
        'times beyond the calendar',
        ...entries.map((entry) => ({
          ...entry,
          time: Uint8Array.of(0x80, 0, 0, 0, 0, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
        })),
      ),
      hostile(
        'long names without end',
        ...Array.from({ length: 2000 }, () => ({ name: '././@LongLink', kind: 'L', data: text('n'.repeat(400)) })),
        ...entries,
      ),
      hostile(
        'fifty thousand empty files',
        ...Array.from({ length: 50_000 }, (_, i) => ({ name: `${i % 2}/${i}.png` })),
      ),
    ],
    mutations: [({ name }, random) => ({ name, bytes: tarOf(...told(random)) })],
    boundaries: ({ bytes }) => Array.from({ length: bytes.length / 512 + 1 }, (_, i) => i * 512),
    read: read(['none', 'folders', 'hour', 'month']),
  }
}

const rowsOf = (comma: string) =>
  [
    ['path', 'label', 'domain'],
    ['a.png', 'cat', 'day'],
    ['"b, c.png"', 'dog', 'night'],
    ['sub/d.png', '"a ""quoted"" cat"', 'day'],
    ['../e.png', '7', 'dusk'],
  ]
    .map((row) => row.join(comma))
    .join('\r\n')
const beside = { 'a.png': pictures[0]?.[1] ?? new Uint8Array(0) }

function table(name: string, comma: string, ending: string): FuzzReader {
  const honest = text(rowsOf(comma))
  const inserts = [
    '"',
    '""',
    '\n',
    '\r',
    '\0',
    comma,
    `${comma}${comma}`,
    '\uFEFF',
    '"\n"',
    "'",
    '\\',
    '\u2028',
    '=cmd|x',
    '__proto__',
    ' '.repeat(1000),
  ]
  const many = (row: string, n: number) => text(`path${comma}label\n${row.repeat(n)}`)
  return {
    name,
    honest: [
      { name: `list.${ending}`, bytes: honest, beside },
      { name: `bare.${ending}`, bytes: text(`a.png${comma}1${comma}x\nb.png${comma}2${comma}y\n`), beside },
    ],
    hostile: [
      {
        name: `x.${ending}`,
        bytes: text(`path${comma}label\n"${'x'.repeat(30_000_000)}`),
        what: 'a field without end',
      },
      { name: `x.${ending}`, bytes: text('x'.repeat(30_000_000)), what: 'a line without end' },
      {
        name: `x.${ending}`,
        bytes: text(`path${comma}label\na.png${comma.repeat(3_000_000)}`),
        what: 'three million columns',
      },
      {
        name: `x.${ending}`,
        bytes: text(`${`a${comma}`.repeat(400_000)}path\nx`),
        what: 'a header of four hundred thousand columns',
      },
      { name: `x.${ending}`, bytes: many(`a.png${comma}1\n`, 50_000), what: 'fifty thousand rows' },
      { name: `x.${ending}`, bytes: many('\n', 5_000_000), what: 'five million empty rows' },
      { name: `x.${ending}`, bytes: many(`a${comma}__proto__\nb${comma}constructor\n`, 2), what: '__proto__' },
      { name: `x.${ending}`, bytes: text(`path${comma}label\na\0b.png${comma}1\n`), what: 'a name with a zero in it' },
      { name: `x.${ending}`, bytes: text('\uFEFF'), what: 'a mark and no more' },
      { name: `x.${ending}`, bytes: new Uint8Array(0), what: 'nothing' },
      {
        name: `x.${ending}`,
        bytes: new Uint8Array(Buffer.from(`path${comma}label\na.png${comma}1\n`, 'utf16le')),
        what: 'UTF-16',
      },
    ],
    mutations: [
      ({ name: own, bytes }, random) => {
        let out = new TextDecoder('latin1').decode(bytes)
        for (let n = 1 + random.below(4); n > 0; n--) {
          const at = random.below(out.length + 1)
          out = `${out.slice(0, at)}${random.pick(inserts)}${out.slice(at + (random.chance(0.5) ? random.below(8) : 0))}`
        }
        return { name: own, bytes: text(out), beside }
      },
    ],
    boundaries: () =>
      [...honest.keys()].filter((at) => [0x0a, 0x0d, 0x22, comma.charCodeAt(0)].includes(honest[at] as number)),
    read: read(['none', 'column']),
  }
}

export const csv = (): FuzzReader => table('csv', ',', 'csv')
export const tsv = (): FuzzReader => table('tsv', '\t', 'tsv')

export function jsonl(): FuzzReader {
  const lines = [
    '{"path":"a.png","label":"cat","domain":"day"}',
    '{"file_name":"b.png","label":3,"domain":"night","box":[1,2,{"x":null}]}',
    '{"path":"sub/c.png","target":"dog","domain":"day"}',
  ]
  const honest = { name: 'list.jsonl', bytes: text(lines.join('\n')), beside }
  return {
    name: 'jsonl',
    honest: [honest],
    hostile: [
      { name: 'x.jsonl', bytes: text(`{"path":"${'x'.repeat(30_000_000)}`), what: 'a line without end' },
      { name: 'x.jsonl', bytes: text(`{"path":${'['.repeat(400_000)}`), what: 'deep nesting' },
      {
        name: 'x.jsonl',
        bytes: text(`{"path":"a.png","x":${'['.repeat(400_000)}${']'.repeat(400_000)}}`),
        what: 'deep nesting that closes',
      },
      {
        name: 'x.jsonl',
        bytes: text(
          '{"path":"a.png","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\n'.repeat(3),
        ),
        what: '__proto__',
      },
      { name: 'x.jsonl', bytes: text('\n'.repeat(5_000_000)), what: 'five million empty lines' },
      { name: 'x.jsonl', bytes: text('{"path":"a.png"}\n'.repeat(50_000)), what: 'fifty thousand rows' },
      { name: 'x.jsonl', bytes: text('{"path":"a\\u0000b.png"}\n'), what: 'a name with a zero in it' },
      { name: 'x.jsonl', bytes: text('null\n'), what: 'null' },
      { name: 'x.jsonl', bytes: text(`[${'1,'.repeat(400_000)}1]`), what: 'a long list' },
    ],
    mutations: [
      (file, random) => {
        const own = [...lines]
        const at = random.below(own.length)
        own[at] = mutateJson(own[at] as string, random)
        return { ...file, bytes: text(own.join(random.pick(['\n', '\r\n', '\n\n', '\r']))) }
      },
    ],
    boundaries: ({ bytes }) =>
      [...bytes.keys()].filter((at) => [0x0a, 0x7b, 0x7d, 0x22, 0x3a].includes(bytes[at] as number)),
    read: read(['none', 'column']),
  }
}
