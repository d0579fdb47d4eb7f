// The program's own picker and the lists of recent paths: without a page.
import { beforeEach, describe, expect, test } from 'vitest'
import { PalmError } from '#contract/errors.ts'
import type { ListedEntry, ListRequest, PickedKind } from '#contract/files/listing.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { forgetting, recentInputs, recentModels } from '#renderer/lib/runs/recent-inputs.ts'
import { FileBrowser } from '#renderer/state/files/file-browser.svelte.ts'
import { FilePicker } from '#renderer/state/files/file-picker.svelte.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'

const folders: Readonly<Record<string, readonly string[]>> = {
  '/home': ['apples/', 'photos/', 'pictures/', 'list.csv'],
  '/home/photos': ['cat/', 'dog/'],
}
const asked: ListRequest[] = []
const caller = {
  call: async (_method: string, request: unknown) => {
    const { folder } = request as ListRequest
    asked.push(request as ListRequest)
    const names = folder === null ? ['home/'] : folders[folder]
    if (!names) throw new PalmError('input-unreadable', `${folder} is not there.`)
    const entries: ListedEntry[] = names.map((name) => {
      const plain = name.replace('/', '')
      return {
        name: plain,
        path: `${folder ?? ''}/${plain}`,
        folder: name !== plain,
        sizeBytes: null,
        images: null,
        more: false,
      }
    })
    return { folder, parent: folder === '/home/photos' ? '/home' : null, entries, images: 0, cut: false }
  },
} as never

describe('the picker', () => {
  let answers: (string | null)[]
  let now: number
  let browser: FileBrowser
  const open = (kind: PickedKind = 'images') =>
    new FileBrowser({ kind, caller, answer: (path) => answers.push(path), now: () => now })
  beforeEach(() => {
    answers = []
    now = 0
    browser = open()
  })
  const on = () => browser.current?.name

  test('begins where the field points, at its folder, or at the places', async () => {
    await browser.begin('/home/photos')
    expect([browser.listing?.folder, on()]).toEqual(['/home/photos', 'cat'])
    await browser.begin('/home/list.csv')
    expect([browser.listing?.folder, on()]).toEqual(['/home', 'list.csv'])
    await browser.begin('/nowhere/at/all')
    expect([browser.listing?.folder, browser.problem]).toEqual([null, ''])
  })

  test('goes in and out again, standing on what it came from, and says what cannot be opened', async () => {
    await browser.begin('/home')
    browser.move(1)
    await browser.open()
    expect(browser.listing?.folder).toBe('/home/photos')
    await browser.up()
    expect([browser.listing?.folder, on()]).toEqual(['/home', 'photos'])
    browser.move(-9)
    await browser.open() // apples
    expect([browser.problem, browser.listing?.folder]).toEqual(['/home/apples is not there.', '/home'])
    await browser.up()
    expect(browser.listing?.folder).toBeNull()
    await browser.up() // there is nothing above the places
    expect(browser.choosesFolder).toBe(false)
  })

  test('chooses a file, or the folder itself but where a model is wanted', async () => {
    await browser.begin('/home')
    expect(browser.choosesFolder).toBe(true)
    browser.move(9)
    await browser.open()
    expect(answers).toEqual(['/home/list.csv'])
    browser = open('model')
    await browser.begin('/home')
    expect([browser.choosesFolder, asked.at(-1)?.kind]).toEqual([false, 'model'])
  })

  test('finds by letters that follow each other, and goes on with the same letter', async () => {
    await browser.begin('/home')
    browser.find('p')
    expect(on()).toBe('photos')
    now += 100
    browser.find('i')
    expect(on()).toBe('pictures')
    now += 5000
    browser.find('p')
    now += 100
    browser.find('p')
    expect(on()).toBe('pictures')
    browser.find('x')
    expect(on()).toBe('pictures')
  })

  test('is the system’s dialog where the host has one; a second question takes the first one’s place', async () => {
    const picked: string[] = []
    const program = (canPickFiles: boolean, picksEither = true) =>
      ({ info: { canPickFiles, picksEither }, pick: async (what: string) => (picked.push(what), '/chosen') }) as never
    // Where the system's dialog takes folders or files only, each has a button.
    expect([true, false].map((either) => new FilePicker(program(true, either), caller).splitsImages)).toEqual([
      false,
      true,
    ])
    expect(new FilePicker(program(false, false), caller).splitsImages).toBe(false)
    const system = new FilePicker(program(true), caller)
    expect([await system.pick('model', ''), await system.pick('images', ''), system.browser]).toEqual([
      '/chosen',
      '/chosen',
      null,
    ])
    expect(picked).toEqual(['model', 'images'])
    const own = new FilePicker(program(false), caller)
    const first = own.pick('images', '')
    const second = own.pick('model', '')
    expect(await first).toBeNull()
    own.browser?.choose('/home/list.csv')
    expect([await second, own.browser]).toEqual(['/home/list.csv', null])
    // Where a file goes is a folder; its name stays.
    const save = own.pick('save-onnx', '/data/exports/run3.onnx')
    expect(own.browser?.kind).toBe('folder')
    own.browser?.choose('/home/photos')
    expect(await save).toBe('/home/photos/run3.onnx')
  })
})

describe('recent paths', () => {
  const run = (id: number, path: string, model: string) => ({
    id,
    options: runOptionsSchema.parse({
      ...sampleOptions,
      input: { kind: 'folder', path },
      model: { kind: 'file', path: model },
    }),
  })
  const runs = [run(3, '/b', '/m2.pth'), run(2, '/a', '/m1.pth'), run(1, '/b', '/m1.pth')]

  test('are those of the newest runs, each once, models without the library’s', () => {
    expect(recentInputs(runs).map(({ input }) => input.path)).toEqual(['/b', '/a'])
    expect(recentModels(runs, [{ path: '/m2.pth' }])).toEqual(['/m1.pth'])
  })

  test('one that was taken off stays away until a later run uses it', () => {
    const forgotten = forgetting([], '/b', 3)
    expect(recentInputs(runs, forgotten).map(({ input }) => input.path)).toEqual(['/a'])
    expect(recentInputs([run(4, '/b', '/x'), ...runs], forgotten).map(({ input }) => input.path)).toEqual(['/b', '/a'])
    expect(forgetting(forgotten, '/b', 9)).toEqual([{ path: '/b', run: 9 }])
    expect(recentModels(runs, [], forgetting([], '/m1.pth', 2))).toEqual(['/m2.pth'])
  })
})
