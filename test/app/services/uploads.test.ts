// A browser's files, handed over in pieces: what arrives is what was sent, nothing lands outside its folder, nothing is more than announced, and what was called
// off or forgotten is removed. The service over a real folder, the sending side over the program's own messages.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Uploads } from '#app/services/data/uploads.ts'
import { uploadPathSchema, uploadWriteSchema } from '#contract/inputs/uploads.ts'

let folder: string
let uploads: Uploads
const base64 = (text: string) => Buffer.from(text).toString('base64')
const left = () => (existsSync(join(folder, 'uploads')) ? readdirSync(join(folder, 'uploads')) : [])

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-uploads-'))
  uploads = new Uploads(folder)
})
afterEach(async () => {
  await uploads.close()
  rmSync(folder, { recursive: true })
})

describe('an upload', () => {
  test('lies in the data folder as it was, folders included, also an empty file', async () => {
    const { upload } = await uploads.begin({ files: 3, bytes: 11 })
    await uploads.write({ upload, path: 'photos/cat/1.jpg', offset: 0, data: base64('hello') })
    await uploads.write({ upload, path: 'photos/cat/1.jpg', offset: 5, data: base64(' you') })
    await uploads.write({ upload, path: 'photos/2.jpg', offset: 0, data: base64('ab') })
    await uploads.write({ upload, path: 'photos/empty.jpg', offset: 0, data: '' })
    const { path } = uploads.finish(upload)
    expect(
      ['photos/cat/1.jpg', 'photos/2.jpg', 'photos/empty.jpg'].map((name) => readFileSync(join(path, name), 'utf8')),
    ).toEqual(['hello you', 'ab', ''])
    await expect(uploads.write({ upload, path: 'photos/3.jpg', offset: 0, data: '' })).rejects.toThrow('start it again')
  })

  test('takes no more than was announced, and nothing out of order', async () => {
    const { upload } = await uploads.begin({ files: 1, bytes: 4 })
    await uploads.write({ upload, path: 'a', offset: 0, data: base64('abc') })
    await expect(uploads.write({ upload, path: 'a', offset: 3, data: base64('de') })).rejects.toThrow(
      'More data arrived',
    )
    await expect(uploads.write({ upload, path: 'b', offset: 0, data: '' })).rejects.toThrow('More data arrived')
    await expect(uploads.write({ upload, path: 'a', offset: 9, data: base64('d') })).rejects.toThrow('out of order')
    await expect(uploads.write({ upload: 'no-such', path: 'a', offset: 0, data: '' })).rejects.toThrow('start it again')
  })

  test.each([
    '../a',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    'C:/a',
    'a\\b',
    '.',
    'a/.',
    'a\u0000b',
    '',
    'x'.repeat(300),
    'trailing.',
  ])('refuses the path %j', (path) => {
    expect(uploadPathSchema.safeParse(path).success).toBe(false)
  })

  test('takes plain names of any language, and no piece that is too large', () => {
    for (const path of ['Fotos/Übung 1.jpg', '写真/猫.png', 'a.b/c-d_e (1).jpg'])
      expect(uploadPathSchema.safeParse(path).success).toBe(true)
    expect(
      uploadWriteSchema.safeParse({ upload: 'a', path: 'b', offset: 0, data: 'A'.repeat(2_000_000) }).success,
    ).toBe(false)
  })

  test('is one of four at most, also where they begin in the same moment', async () => {
    const begun = await Promise.allSettled(Array.from({ length: 7 }, () => uploads.begin({ files: 1, bytes: 1 })))
    const begunWell = begun.filter(({ status }) => status === 'fulfilled')
    expect(begunWell).toHaveLength(4)
    expect(left()).toHaveLength(4)
    const [first] = begunWell as [PromiseFulfilledResult<{ upload: string }>]
    await uploads.cancel(first.value.upload)
    await uploads.begin({ files: 1, bytes: 1 })
    await expect(uploads.begin({ files: 1, bytes: 1 })).rejects.toThrow('4 uploads are under way')
  })

  test('counts what the others have announced against the room on the disk', async () => {
    const { bavail, bsize } = statfsSync(folder)
    const most = bavail * bsize - 500 * 2 ** 20
    if (most < 3e9) return // no room for the question itself
    const part = Math.floor(most * 0.6)
    const both = await Promise.allSettled([1, 2].map(() => uploads.begin({ files: 1, bytes: part })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(left()).toHaveLength(1)
  })

  test('that is called off, or under way when the program closes, leaves nothing', async () => {
    const first = await uploads.begin({ files: 1, bytes: 3 })
    await uploads.write({ upload: first.upload, path: 'a', offset: 0, data: base64('abc') })
    await uploads.cancel(first.upload)
    await uploads.cancel(first.upload)
    expect(left()).toEqual([])
    await uploads.begin({ files: 1, bytes: 3 })
    await uploads.close()
    expect(left()).toEqual([])
  })

  test('that no run refers to is removed after a day, others stay', async () => {
    for (const name of ['old', 'used', 'new']) {
      mkdirSync(join(folder, 'uploads', name), { recursive: true })
      writeFileSync(join(folder, 'uploads', name, 'a.jpg'), 'a')
      if (name !== 'new') utimesSync(join(folder, 'uploads', name), 0, 0)
    }
    await uploads.tidy([JSON.stringify({ path: join(folder, 'uploads', 'used', 'photos') })])
    expect(left().sort()).toEqual(['new', 'used'])
  })
})
