// Newer versions: electron-updater itself, over the stand-in for Electron and a server on this machine that is honest, mistaken, hostile, endless or gone.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire, registerHooks } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Updates, type UpdateSource } from '#app/services/machine/updates.ts'
import type { UpdateState } from '#contract/app/updates.ts'

const standIn = new URL('../../electron/stand-in.ts', import.meta.url)
// electron-updater is loaded by Node itself, the program by vitest: both shall have the same stand-in.
const electron = createRequire(import.meta.url)(standIn.pathname) as typeof import('#test/electron/stand-in.ts')
const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn.href, shortCircuit: true } : next(specifier, context),
})
vi.mock('electron', () => electron)
const { electronUpdates } = await import('#app/hosts/electron/updates.ts')

const folder = mkdtempSync(join(tmpdir(), 'palm-updates-'))
const resourcesPath = join(folder, 'resources')
const appImage = join(folder, 'palm-studio.AppImage')
const cache = join(folder, 'cache')
const listName = `/latest-linux${process.arch === 'x64' ? '' : `-${process.arch}`}.yml`

let answer: RequestListener = () => undefined
const server = createServer((request, response) => answer(request, response))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

mkdirSync(resourcesPath)
writeFileSync(join(resourcesPath, 'app-update.yml'), `provider: generic\nurl: ${address}\nupdaterCacheDirName: palm\n`)
Object.assign(process, { resourcesPath })
vi.stubEnv('APPIMAGE', appImage)
vi.stubEnv('XDG_CACHE_HOME', cache)
electron.app.isPackaged = true
electron.app.version = '0.1.0'
afterAll(() => {
  hooks.deregister()
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

/** A program: when it is started it says so in a file. */
const program = Buffer.from(`#!/bin/sh\necho started > "${join(folder, 'started')}"\n${'#'.repeat(200_000)}\n`)
const sha512 = createHash('sha512').update(program).digest('base64')
const entry = (changes: object = {}) => ({ url: 'PALM-0.2.0.AppImage', sha512, size: program.length, ...changes })
/** JSON is YAML. */
const list = (changes: object = {}) => JSON.stringify({ version: '0.2.0', files: [entry()], ...changes })

/** Answers what `answers` holds by its path; anything else is not there. */
function serve(answers: Readonly<Record<string, string | Buffer | RequestListener>>): void {
  answer = (request, response) => {
    const found = answers[new URL(request.url ?? '', address).pathname]
    if (typeof found === 'function') return found(request, response)
    response.writeHead(found === undefined ? 404 : 200, found ? { 'content-length': Buffer.byteLength(found) } : {})
    response.end(found)
  }
}

const bounds = { listBytes: 1 << 20, listMs: 60_000, silenceMs: 60_000 }
let ended: (() => void)[] = []
const source = electronUpdates({
  resourcesPath,
  platform: 'linux',
  env: process.env,
  end: (last) => ended.push(last),
  bounds,
}) as UpdateSource

let updates: Updates
let states: UpdateState[] = []
const logged: string[] = []
const log = {
  info: (_source: string, message: string) => void logged.push(message),
  error: (_source: string, { message }: { message: string }) => void logged.push(message),
}
beforeEach(() => {
  electron.requested.length = 0
  ended = []
  states = []
  Object.assign(bounds, { listBytes: 1 << 20, listMs: 60_000, silenceMs: 60_000 })
  rmSync(cache, { recursive: true, force: true })
  writeFileSync(appImage, 'the old one')
  serve({ [listName]: list(), '/PALM-0.2.0.AppImage': program })
  updates = new Updates({ installed: '0.1.0', source, now: () => 7, everyMs: 1 << 30 })
  updates.opened(log, () => undefined)
  updates.follow({ snapshot: () => undefined, event: (state) => states.push(state), error: () => undefined })
})
const said = () => updates.state.error?.message ?? ''
const left = () => (existsSync(cache) ? readdirSync(cache, { recursive: true, withFileTypes: true }) : [])
const filesLeft = () => left().flatMap((one) => (one.isFile() ? one.name : []))

describe.skipIf(process.platform !== 'linux')('newer versions', () => {
  test('nobody is asked before a person said yes', async () => {
    updates.allow(false)
    expect(() => updates.fetch()).toThrow('look first')
    expect(() => updates.install()).toThrow('Nothing was fetched')
    await vi.dynamicImportSettled()
    expect(electron.requested).toEqual([])
    expect(states.filter(({ phase }) => phase === 'looking')).toEqual([])
    updates.allow(true)
    await expect.poll(() => updates.state.phase).toBe('found')
    expect(electron.requested.map(({ url }) => new URL(url).pathname)).toEqual([listName])
    expect(electron.requested.flatMap(({ headers }) => headers)).not.toContain('x-user-staging-id')
    updates.allow(true) // once is enough
    updates.allow(false)
    expect(electron.requested).toHaveLength(1)
  })
  test('the newest is found, fetched with its progress, checked, and put in the place of this one when a person says so', async () => {
    serve({
      [listName]: list({ releaseNotes: '<p>Faster &amp; better</p>' }),
      '/PALM-0.2.0.AppImage': program,
    })
    await updates.look()
    expect(updates.state).toMatchObject({ phase: 'found', lookedAt: 7, error: null })
    expect(updates.state.found).toEqual({
      version: '0.2.0',
      sizeBytes: program.length,
      notes: 'Faster &amp; better',
      byHand: null,
    })
    expect(electron.requested).toHaveLength(1) // nothing is fetched by itself
    await updates.fetch()
    expect(updates.state).toMatchObject({ phase: 'ready', doneBytes: program.length, totalBytes: program.length })
    expect(readFileSync(appImage, 'utf8')).toBe('the old one') // nor installed
    await updates.install()
    await expect.poll(() => ended).toHaveLength(1)
    expect(readFileSync(appImage, 'utf8')).toBe('the old one') // everything is closed first
    const exits: number[] = []
    electron.inside.exit = (code) => void exits.push(code)
    ended[0]?.()
    await expect.poll(() => exits).toEqual([0])
    expect(readFileSync(appImage)).toEqual(program)
    await expect.poll(() => existsSync(join(folder, 'started'))).toBe(true)
    expect(updates.state.phase).toBe('installing')
  })

  test('what comes with another checksum is thrown away', async () => {
    serve({ [listName]: list(), '/PALM-0.2.0.AppImage': Buffer.alloc(program.length, 'x') })
    await updates.look()
    await updates.fetch()
    expect(said()).toContain('its checksum differs')
    expect(updates.state.phase).toBe('found')
    expect(filesLeft()).toEqual([])
    expect(() => updates.install()).toThrow('Nothing was fetched')
  })

  test.each(['0.1.0', '0.0.9', '0.2.0-beta.1', '0.1.1-rc.1+5'])(
    '%s is not taken for newer than 0.1.0',
    async (version) => {
      serve({ [listName]: list({ version }) })
      await updates.look()
      expect(updates.state).toMatchObject({ phase: 'none', found: null, error: null })
    },
  )

  test.each([
    ['no list', 'garbage'],
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['broken', '{ version'],
    ['bytes', Buffer.from([0, 255, 1, 200, 17])],
    ['no version', list({ version: undefined })],
    ['a version that is none', list({ version: 'newest' })],
    ['no files', list({ files: [] })],
    ['no checksum', list({ files: [entry({ sha512: undefined })] })],
    ['a weaker checksum', list({ files: [entry({ sha512: undefined, sha2: 'ab'.repeat(32) })] })],
    ['a checksum that is none', list({ files: [entry({ sha512: 'abc' })] })],
    ['no size', list({ files: [entry({ size: undefined })] })],
    ['a size below nothing', list({ files: [entry({ size: -1 })] })],
    ['a size beyond all', list({ files: [entry({ size: 1e15 })] })],
  ])('a list with %s is said to be unreadable', async (_name, text) => {
    serve({ [listName]: text })
    await updates.look()
    expect(said()).toMatch(/cannot be read/)
    expect(updates.state).toMatchObject({ phase: 'idle', found: null })
  })

  test('redirects are followed, but not on and on, and not to a place without https', async () => {
    const to =
      (place: string): RequestListener =>
      (_request, response) =>
        void response.writeHead(302, { location: place }).end()
    serve({ [listName]: to('/moved.yml'), '/moved.yml': list() })
    await updates.look()
    expect(updates.state.phase).toBe('found')
    serve({ [listName]: to(listName) })
    await updates.look()
    expect(said()).toContain('does not answer')
    expect(electron.requested.length).toBeLessThan(10)
    electron.requested.length = 0
    for (const place of ['http://palm.invalid/', 'file:///etc/passwd', 'ftp://127.0.0.1/']) {
      serve({ [listName]: to(place) })
      await updates.look()
      expect(said(), place).toContain('without https')
    }
    expect(electron.requested).toHaveLength(3) // none of those places was asked
    serve({ [listName]: list(), '/PALM-0.2.0.AppImage': to('/PALM-0.2.0.AppImage') })
    await updates.look()
    await updates.fetch()
    expect(said()).toContain('does not answer')
  })

  test('a file elsewhere in the list is asked for by https only', async () => {
    serve({ [listName]: list({ files: [entry({ url: 'http://palm.invalid/PALM-0.2.0.AppImage' })] }) })
    await updates.look()
    await updates.fetch()
    expect(said()).toContain('without https')
    expect(electron.requested).toHaveLength(1)
  })

  test('an endless list is cut off, an endless file at the size that was said', async () => {
    let sent = 0
    const endless: RequestListener = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed) {
          sent += 65_536
          if (!response.write(Buffer.alloc(65_536, 'x'))) return void response.once('drain', more)
        }
      }
      more()
    }
    serve({ [listName]: endless })
    await updates.look()
    expect(said()).toContain('more than it says')
    serve({ [listName]: list(), '/PALM-0.2.0.AppImage': endless })
    await updates.look()
    sent = 0
    await updates.fetch()
    expect(said()).toContain('more than it says')
    expect(sent).toBeLessThan(64 << 20) // what lies in the sockets
    expect(filesLeft()).toEqual([])
  })

  test('a server that says nothing, or too little for too long, is given up', async () => {
    Object.assign(bounds, { silenceMs: 50 })
    serve({ [listName]: () => undefined })
    await updates.look()
    expect(said()).toContain('does not answer')
    Object.assign(bounds, { silenceMs: 60_000, listMs: 50 })
    serve({ [listName]: (_request, response) => void response.write('{') })
    await updates.look()
    expect(said()).toContain('does not answer')
  })

  test('a look and a fetch can be cancelled, and leave nothing', async () => {
    let asked = false
    serve({ [listName]: () => (asked = true) })
    const looking = updates.look()
    await expect.poll(() => asked).toBe(true)
    updates.cancel()
    await looking
    expect(updates.state).toMatchObject({ phase: 'idle', error: null })
    const slow: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-length': program.length })
      response.write(program.subarray(0, 70_000))
    }
    serve({ [listName]: list(), '/PALM-0.2.0.AppImage': slow })
    await updates.look()
    const fetching = updates.fetch()
    await expect.poll(() => filesLeft().length).toBeGreaterThan(0)
    updates.cancel()
    await fetching
    expect(updates.state).toMatchObject({ phase: 'found', error: null })
    await expect.poll(filesLeft).toEqual([])
    serve({ [listName]: list(), '/PALM-0.2.0.AppImage': program })
    await updates.fetch()
    expect(updates.state.phase).toBe('ready')
  })

  test('a server without a list, without the file, or that has gone is said in plain words', async () => {
    serve({})
    await updates.look()
    expect(said()).toContain('none for this system')
    serve({ [listName]: list() })
    await updates.look()
    await updates.fetch()
    expect(said()).toContain('does not have the file')
    answer = (_request, response) => void response.writeHead(503).end()
    await updates.look()
    expect(said()).toContain('does not answer')
    answer = (request) => request.socket.destroy()
    await updates.look()
    expect(said()).toContain('Is this machine online?')
    expect(logged.at(-1)).toBe(said())
  })

  test('an AppImage that has gone is said before anything is fetched for it, and before anything is closed', async () => {
    rmSync(appImage)
    await updates.look()
    expect(updates.state.found?.byHand).toContain('no longer where it was started from')
    expect(() => updates.fetch()).toThrow('no longer where it was started from')
    writeFileSync(appImage, 'the old one')
    await updates.look()
    await updates.fetch()
    rmSync(appImage)
    await updates.install()
    expect(said()).toContain('no longer where it was started from')
    expect(updates.state.phase).toBe('ready')
    expect(ended).toEqual([])
  })

  test.skipIf(process.getuid?.() === 0)('nor is one where nobody may write', async () => {
    chmodSync(folder, 0o500)
    await updates.look()
    chmodSync(folder, 0o700)
    expect(updates.state.found?.byHand).toContain('You may not write')
  })

  test('what cannot look says why: a checkout, a package without an address, a copy that is no AppImage; a .deb is told only', async () => {
    const parts = { resourcesPath, platform: 'linux', env: process.env, end: () => undefined } as const
    expect(electronUpdates({ ...parts, env: {} })).toMatch(/not started as an AppImage/)
    expect(electronUpdates({ ...parts, resourcesPath: folder })).toMatch(/without an address for updates/)
    electron.app.isPackaged = false
    expect(electronUpdates(parts)).toMatch(/from its checkout/)
    electron.app.isPackaged = true
    const none = new Updates({ installed: '0.1.0', source: 'Not here.', now: () => 7, everyMs: 1 })
    none.allow(true)
    expect(() => none.look()).toThrow('Not here.')
    expect(none.state).toMatchObject({ phase: 'idle', impossible: 'Not here.' })
    writeFileSync(join(resourcesPath, 'package-type'), 'deb')
    const deb = electronUpdates(parts) as UpdateSource
    rmSync(join(resourcesPath, 'package-type'))
    expect((await deb.look())?.byHand).toContain('.deb package')
    await expect(deb.makeReady()).rejects.toThrow('.deb package')
  })
})
