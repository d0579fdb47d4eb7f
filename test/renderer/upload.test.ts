// What is dropped: sorted into images and model by name; in a browser handed over piece by piece to the program's own service, with progress, called off, or
// refused in words.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { Uploads } from '#app/services/data/uploads.ts'
import { uploadLimits } from '#contract/inputs/uploads.ts'
import { sortDropped, type FileToUpload } from '#renderer/lib/runs/dropped.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { Upload } from '#renderer/state/new-run/upload.svelte.ts'
import { tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

let folder: string
let client: PalmClient

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-upload-'))
  const uploads = new Uploads(folder)
  const [near, far] = portPair()
  serve(
    far,
    tableOfHandlers({
      'uploads.begin': (announced) => uploads.begin(announced),
      'uploads.write': async (piece) => {
        await uploads.write(piece)
        return {}
      },
      'uploads.finish': ({ upload }) => uploads.finish(upload),
      'uploads.cancel': async ({ upload }) => {
        await uploads.cancel(upload)
        return {}
      },
    }),
    tableOfSubscribers({}),
  )
  client = createClient(near)
})
afterAll(() => {
  client.close()
  rmSync(folder, { recursive: true })
})

const file = (path: string, content: Uint8Array<ArrayBuffer>): FileToUpload => ({
  path,
  size: content.length,
  slice: (from, to) => new Blob([content.slice(from, to)]),
})

test.each([
  [['/home/me/photos'], { input: '/home/me/photos', model: null }],
  [['/home/me/net.onnx'], { input: null, model: '/home/me/net.onnx' }],
  [['C:\\photos', 'C:\\net.PTH'], { input: 'C:\\photos', model: 'C:\\net.PTH' }],
  [['/a/1.jpg', '/a/2.PNG'], { input: '/a', model: null, note: strings.setup.dropSingle }],
  [['/a', '/b'], { input: '/a', model: null, note: strings.setup.dropSeveral('a') }],
  [['/m/model.json'], { input: null, model: '/m/model.json' }],
  [['/data/list.csv'], { input: '/data/list.csv', model: null, note: '' }],
  [[], { input: null, model: null, note: '' }],
])('%j is sorted', (paths, found) => {
  expect(sortDropped(paths)).toMatchObject(found)
})

describe('an upload from a browser', () => {
  test('brings folders and large files as they are, leaves out what is neither, and tells where they lie', async () => {
    const upload = new Upload(client)
    const large = Uint8Array.from({ length: 2.5 * uploadLimits.pieceBytes }, (_, i) => (i * 7) % 251)
    const seen: number[] = []
    const counted: FileToUpload = {
      ...file('photos/dog/large.png', large),
      slice: (from, to) => {
        seen.push(upload.done)
        return new Blob([large.slice(from, to)])
      },
    }
    const found = await upload.take([
      file('photos/cat/1.jpg', new Uint8Array([1, 2, 3])),
      counted,
      file('photos/.DS_Store', new Uint8Array([9])),
      file('photos/notes.txt', new Uint8Array([9])),
    ])
    expect(found).toMatchObject({ model: null, note: strings.setup.uploadNote })
    expect(found?.input?.endsWith('/photos')).toBe(true)
    expect(readdirSync(found?.input as string).sort()).toEqual(['cat', 'dog'])
    expect(Buffer.compare(readFileSync(join(found?.input as string, 'dog', 'large.png')), Buffer.from(large))).toBe(0)
    expect(seen).toEqual([3, 3 + uploadLimits.pieceBytes, 3 + 2 * uploadLimits.pieceBytes])
    expect([upload.busy, upload.done, upload.total]).toEqual([false, 3 + large.length, 3 + large.length])
  })

  test('brings a model by itself', async () => {
    const found = await new Upload(client).take([file('net.pth', new Uint8Array([1]))])
    expect([found?.input, found?.model?.endsWith('/net.pth')]).toEqual([null, true])
  })

  test('that is called off leaves nothing and says nothing', async () => {
    const before = readdirSync(join(folder, 'uploads')).length
    const upload = new Upload(client)
    const stopping: FileToUpload = {
      path: 'a.jpg',
      size: 10 * uploadLimits.pieceBytes,
      slice: () => {
        if (upload.done > 0) upload.cancel()
        return new Blob([new Uint8Array(uploadLimits.pieceBytes)])
      },
    }
    expect(await upload.take([stopping])).toBeNull()
    expect([
      upload.problem,
      upload.busy,
      upload.done < stopping.size,
      readdirSync(join(folder, 'uploads')).length,
    ]).toEqual(['', false, true, before])
  })

  test('says why nothing is taken: too much, too many, nothing that fits, a file that cannot be read', async () => {
    const upload = new Upload(client)
    const huge: FileToUpload = { path: 'a.jpg', size: uploadLimits.bytes + 1, slice: () => new Blob([]) }
    expect(await upload.take([huge])).toBeNull()
    expect(upload.problem).toContain('at most')
    expect(
      await upload.take(Array.from({ length: uploadLimits.files + 1 }, (_, i) => file(`${i}.jpg`, new Uint8Array()))),
    ).toBeNull()
    expect(upload.problem).toContain('files')
    expect(await upload.take([file('notes.txt', new Uint8Array([1]))])).toBeNull()
    expect(upload.problem).toBe(strings.setup.uploadEmpty)
    const before = readdirSync(join(folder, 'uploads')).length
    const gone: FileToUpload = {
      path: 'a.jpg',
      size: 5,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('It was moved.')) }),
    }
    expect(await upload.take([gone])).toBeNull()
    expect([upload.problem, readdirSync(join(folder, 'uploads')).length]).toEqual(['It was moved.', before])
  })
})
