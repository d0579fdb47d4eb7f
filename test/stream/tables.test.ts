// Lists of images as people have them: what the columns are called and how they are separated, what the labels look like, and where the images lie.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlacedInput } from '#contract/inputs/input-kinds.ts'
import { look, plant } from '#test/helpers/file-tree.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-tables-'))
  plant(folder, ['img/a.png', 'img/b.png', 'img/c.png', 'part1/ISIC_1.jpg', 'part2/ISIC_2.jpg', 'part2/ISIC_3.jpg'])
  plant(folder, ['deep/train/cat/1.png', 'deep/train/dog/1.png', 'deep/test/cat/1.png'])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let made = 0
/** Each image's path below the folder with its class, as the list of that text says. */
async function read(text: string | Uint8Array, ending = 'csv', more: Partial<PlacedInput> = {}) {
  const path = join(folder, `${made++}.${ending}`)
  writeFileSync(path, text)
  const listing = await look(path, more)
  const images = listing.samples.map(({ classIndex }, i) => {
    const place = listing.placeOf(i, null)
    const at = place.kind === 'file' ? relative(folder, place.path).replaceAll('\\', '/') : ''
    return `${at} ${listing.classNames[classIndex] ?? '-'}`
  })
  return { images, classNames: listing.classNames, problems: listing.problems.join(' '), listing }
}
const usual = ['img/a.png cat', 'img/b.png dog', 'img/c.png cat']
const rows = (separator: string, prefix = 'img/') =>
  ['a.png', 'b.png', 'c.png'].map((name, i) => `${prefix}${name}${separator}${i === 1 ? 'dog' : 'cat'}`)
const withHeader = (header: string, separator = ',') => [header, ...rows(separator)].join('\n')

describe('columns', () => {
  test.each([
    'image_name,label',
    'fname,label_idx',
    'Image Name,Class',
    'ImageID,dx',
    'img_path,class',
    'foo,bar',
    'Bild,Klasse',
  ])('%s', async (header) => expect((await read(withHeader(header))).images).toEqual(usual))

  test.each([
    [';', 'csv'],
    ['\t', 'csv'],
    ['|', 'csv'],
    [';', 'tsv'],
    ['\t', 'tsv'],
  ])('%j in a .%s', async (separator, ending) => {
    expect((await read(withHeader(`path${separator}label`, separator), ending)).images).toEqual(usual)
    expect((await read(rows(separator).join('\r\n'), ending)).images).toEqual(usual)
  })

  test('in another order, with an index, with quotes, and with further ones', async () => {
    const swapped = rows(',').map((row) => row.split(',').toReversed().join(','))
    expect((await read(swapped.join('\n'))).images).toEqual(usual)
    const indexed = rows(',').map((row, i) => `${i},${row}`)
    expect((await read(indexed.join('\n'))).images).toEqual(usual)
    expect((await read([',image,kind', ...indexed].join('\n'))).images).toEqual(usual)
    const wide = rows(',').map((row, i) => `${i},"${row.replace(',', '",')},${i * 7},0.5`)
    expect((await read(['id,image,label,width,score', ...wide].join('\n'))).images).toEqual(usual)
  })

  test('a decimal comma or a comma in a name is no separator', async () => {
    expect((await read('path;score;label\nimg/a.png;0,5;cat\nimg/b.png;0,25;dog\n')).images).toEqual(usual.slice(0, 2))
  })

  test('what cannot be known is asked', async () => {
    const wide = rows(',').map((row, i) => `${row},${i},${i * 2}`)
    await expect(read(wide.join('\n'))).rejects.toThrow(/4 columns and no header.*path,label/)
    await expect(read('a,b\nx,y\n')).rejects.toThrow(/no column has names of images.*“path”/)
    await expect(read('path,class,target\nimg/a.png,x,0\nimg/b.png,x,1\nimg/c.png,y,1')).rejects.toThrow(
      /“class” and “target”.*“label”/,
    )
    const unknown = await read('path,width,height\nimg/a.png,3,4\nimg/b.png,3,5')
    expect([unknown.classNames, unknown.problems]).toEqual([[], expect.stringMatching(/width, height.*“label”/)])
  })

  test('of one-hot columns each is a class, in their order', async () => {
    const text = 'image,MEL,NV,BCC\nISIC_1,0.0,1.0,0.0\nISIC_2,1.0,0.0,0.0\nISIC_3,0.0,1.0,0.0\n'
    const { images, classNames, listing } = await read(text)
    expect(images).toEqual(['part1/ISIC_1.jpg NV', 'part2/ISIC_2.jpg MEL', 'part2/ISIC_3.jpg NV'])
    expect([classNames, listing.emptyClasses]).toEqual([['MEL', 'NV', 'BCC'], ['BCC']])
  })

  test('a column of parts is taken only where a part is asked for', async () => {
    const text = 'path,label,split\nimg/a.png,cat,train\nimg/b.png,dog,test\n'
    expect((await read(text)).problems).toMatch(/all rows are taken/)
    expect((await read(text, 'csv', { split: 'test' })).images).toEqual(['img/b.png dog'])
    await expect(read(withHeader('path,label'), 'csv', { split: 'test' })).rejects.toThrow(/no column “split”/)
  })

  test('JSON lines of any keys', async () => {
    const line = (row: string) =>
      JSON.stringify({ n: 1.5, img_file: row.split(',')[0], 'Class Label': row.split(',')[1], box: [1] })
    expect((await read(rows(',').map(line).join('\n'), 'jsonl')).images).toEqual(usual)
  })
})

test('objects may each have keys of their own', async () => {
  const lines = [
    '{"path":"img/a.png","label":"cat"}',
    '{"file_name":"img/b.png","target":"dog"}',
    '{"img":"img/c.png","label":"cat"}',
  ]
  expect((await read(lines.join('\n'), 'jsonl')).images).toEqual(usual)
})

describe('text', () => {
  const text = withHeader('path,label').replaceAll('\n', '\r\n').replaceAll('dog', 'Säge')
  const wanted = usual.map((row) => row.replace('dog', 'Säge'))
  const marked = (bytes: Buffer, ...mark: number[]) => new Uint8Array(Buffer.concat([Buffer.from(mark), bytes]))

  test.each([
    ['UTF-8 with a mark', marked(Buffer.from(text), 0xef, 0xbb, 0xbf)],
    ['UTF-16 with a mark', marked(Buffer.from(text, 'utf16le'), 0xff, 0xfe)],
    ['UTF-16 without one', new Uint8Array(Buffer.from(text, 'utf16le'))],
    ['UTF-16 the other way', marked(Buffer.from(text, 'utf16le').swap16(), 0xfe, 0xff)],
    ['Windows-1252', new Uint8Array(Buffer.from(text, 'latin1'))],
  ])('%s', async (_, bytes) => expect((await read(bytes)).images).toEqual(wanted))
})

describe('labels', () => {
  const labelled = (...labels: string[]) =>
    read(['path,label', ...labels.map((label) => `img/a.png,${label}`)].join('\n'))

  test('numbers are sorted by value, and what is none among them is no label', async () => {
    expect((await labelled('10.0', '2.0', '0.0', 'nan', '')).classNames).toEqual(['0.0', '2.0', '10.0'])
    expect((await labelled('none', 'scratch')).classNames).toEqual(['none', 'scratch'])
  })
})

describe('files', () => {
  test.each([
    'img\\a.png',
    '.\\img\\a.png',
    './img/a.png',
    '/home/a/data/img/a.png',
    'C:\\Users\\a\\img\\a.png',
    'a.png',
    'a',
    'img/a',
  ])('%s is found beside the list', async (name) => {
    const { images, problems } = await read(`path,label\n${name},cat\n${name.replace(/a(\.png)?$/, 'b$1')},dog\n`)
    expect(images).toEqual(usual.slice(0, 2))
    expect(problems).not.toMatch(/are not there/)
  })

  test('of paths that moved all move alike: no file of another folder is taken for one that is missing', async () => {
    const { images, problems } = await read(
      'path,label\n/x/train/cat/1.png,cat\n/x/train/dog/1.png,dog\n/x/val/cat/1.png,cat\n',
    )
    expect(images.slice(0, 2)).toEqual(['deep/train/cat/1.png cat', 'deep/train/dog/1.png dog'])
    expect(images[2]).not.toContain('deep')
    expect(problems).toMatch(/deep in place of \/x\/.*first 3 images 1 are not there/)
  })
})
