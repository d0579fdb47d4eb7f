// Trees of class folders and lists of images as strangers have them, drawn from a seed; and where in a tree the class folders are, which only who made it knows.
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'

export interface DrawnTree {
  /** Files, and empty folders with a `/` at their end. */
  readonly paths: readonly string[]
  /** Where the class folders lie; '' = at the top. */
  readonly base: string
}

const words = [
  'cat',
  'Dog',
  'naïve',
  'jalape\u0301no',
  'sea lake',
  'bird.v2',
  'T-shirt',
  'Öl',
  'x',
  '鳥',
  'black_cat',
  "d'or",
  'a+b',
  'Zebra',
  'été',
]
const endings = ['.png', '.jpg', '.JPG', '.jpeg', '.ppm', '.bmp', '.tif', '.webp', '.pgm', '.TIFF']
const unknown = ['.txt', '.heic', '.xml', '.json', '']

export function drawTree(seed: number): DrawnTree {
  const random = new FuzzRandom('tree', seed)
  const names = classNames(random)
  const wrap = random.chance(0.4) ? random.pick(['ds/', 'ds/ds/', 'images/', 'data/archive/', 'My Data/']) : ''
  const loose = random.chance(0.4)
    ? ['README.md', `${wrap}license.txt`, `${wrap}logo.png`].slice(0, 1 + random.below(3))
    : []
  if (random.chance(0.5)) return { paths: [...loose, ...classes(random, wrap, names, 2)], base: wrap.slice(0, -1) }
  const [train, test] = random.pick([
    ['train', 'test'],
    ['training_set', 'test_set'],
    ['seg_train/seg_train', 'seg_test/seg_test'],
    ['Train', 'Validation'],
    ['train2017', 'val2017'],
    ['train', 'val'],
    ['TrainSet', 'TestSet'],
  ] as const)
  const paths = [train, test].flatMap((part) => classes(random, `${wrap}${part}/`, names, 2))
  return { paths: [...loose, ...paths], base: `${wrap}${test}` }
}

/** As many as there are, in the order in which they are made. Padded numbers have no gaps: what those mean is asked. */
function classNames(random: FuzzRandom): string[] {
  const count = 2 + random.below(6)
  const kind = random.below(4)
  if (kind === 0) return Array.from({ length: count }, (_, i) => String(i).padStart(3, '0'))
  if (kind === 1) return Array.from({ length: count }, (_, i) => `c${i}`)
  const found = new Set<string>()
  while (found.size < count) found.add(kind === 2 ? random.pick(words) : `${random.pick(words)} ${random.below(30)}`)
  return [...found]
}

/** Files of each class; of `least` of them at least one image, of the others perhaps none. */
function classes(random: FuzzRandom, prefix: string, names: readonly string[], least: number): string[] {
  return names.flatMap((name, at) => {
    const images = random.below(4) + (at < least ? 1 : 0)
    const files = Array.from({ length: images }, (_, i) => {
      const deeper = random.chance(0.2) ? `${random.pick(['deep', 'cat', '2'])}/` : ''
      return `${prefix}${name}/${deeper}${i}${random.pick(endings)}`
    })
    const others = random.chance(0.2) ? [`${prefix}${name}/other${random.pick(unknown)}`] : []
    return files.length + others.length > 0 ? [...files, ...others] : [`${prefix}${name}/`]
  })
}

export interface DrawnList {
  readonly text: Uint8Array
  readonly separator: string
  readonly encoding: string
  readonly header: boolean
  /** What pandas calls the columns: their names, or without a header their places. */
  readonly path: string | number
  readonly label: string | number
}

const images = Array.from({ length: 12 }, (_, i) => `IMG_${1000 + i * 37}`)
const folders = ['a', 'b', 'c']
const pathOf = (i: number) => `images/${folders[i % 3]}/${images[i]}.jpg`

/** The images beside the lists. */
export const poolOf = (): readonly string[] => images.map((_, i) => pathOf(i))

const pathTitles = [
  'path',
  'image_name',
  'fname',
  'Image Name',
  'ImageID',
  'img_path',
  'file_name',
  'image',
  'Bild',
  'image_id',
  'x',
]
const labelTitles = ['label', 'class', 'label_idx', 'dx', 'Target', 'Class Name', 'category_id', 'y', 'species']

export function drawList(seed: number): DrawnList {
  const random = new FuzzRandom('list', seed)
  const separator = random.pick([',', ',', ';', '\t', '|'])
  const header = random.chance(0.8)
  const order = Array.from({ length: 3 + random.below(20) }, () => random.below(images.length))
  const name = pathStyle(random)
  const label = labelStyle(random)
  const columns = [
    { title: random.pick(pathTitles), cells: order.map(name), is: 'path' },
    { title: random.pick(labelTitles), cells: order.map(label), is: 'label' },
  ]
  if (random.chance(0.3)) columns.reverse()
  if (random.chance(0.3))
    columns.unshift({ title: random.pick(['', 'Unnamed: 0', 'index']), cells: order.map((_, i) => String(i)), is: '' })
  // What further columns are cannot be known without a header.
  if (header && random.chance(0.4))
    columns.push({ title: 'width', cells: order.map(() => String(random.below(900))), is: '' })
  const known = columns.some(({ title, is }) => is === '' && title === 'width')
  if (known) for (const column of columns) if (column.is === 'label') column.title = 'label'
  const cell = (text: string) =>
    random.chance(0.1) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text
  const line = (cells: readonly string[]) => cells.map(cell).join(separator)
  const rows = order.map((_, i) => line(columns.map(({ cells }) => cells[i] ?? '')))
  const end = random.pick(['\n', '\r\n'])
  const written =
    [...(header ? [line(columns.map(({ title }) => title))] : []), ...rows].join(end) + (random.chance(0.8) ? end : '')
  const { bytes, encoding } = encoded(random, written)
  const place = (is: string) => columns.findIndex((column) => column.is === is)
  const called = (is: string) => (header ? (columns[place(is)]?.title ?? '') : place(is))
  return { text: bytes, separator, encoding, header, path: called('path'), label: called('label') }
}

function pathStyle(random: FuzzRandom): (i: number) => string {
  return random.pick([
    pathOf,
    pathOf,
    (i: number) => `./${pathOf(i)}`,
    (i: number) => pathOf(i).replaceAll('/', '\\'),
    (i: number) => `C:\\data\\${pathOf(i).replaceAll('/', '\\')}`,
    (i: number) => `/home/someone/${pathOf(i)}`,
    (i: number) => `${images[i]}.jpg`,
    (i: number) => images[i] ?? '',
    (i: number) => pathOf(i).slice('images/'.length),
  ])
}

function labelStyle(random: FuzzRandom): (i: number) => string {
  const gap = random.chance(0.2) ? random.below(images.length) : -1
  const style = random.pick<(i: number) => string>([
    (i) => ['cat', 'dog', 'naïve', 'sea lake'][i % 4] ?? '',
    (i) => String(i),
    (i) => `${i}.0`,
    (i) => String(i + 1),
    (i) => `class ${i}`,
  ])
  return (i) => (i === gap ? '' : style(i))
}

function encoded(random: FuzzRandom, text: string): { bytes: Uint8Array; encoding: string } {
  const plain = Buffer.from(text)
  const kinds = [
    { bytes: plain, encoding: 'utf-8' },
    { bytes: plain, encoding: 'utf-8' },
    { bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), plain]), encoding: 'utf-8-sig' },
    { bytes: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]), encoding: 'utf-16' },
    { bytes: Buffer.from(text, 'latin1'), encoding: 'cp1252' },
  ]
  const { bytes, encoding } = random.pick(kinds)
  return { bytes: new Uint8Array(bytes), encoding }
}
