// The twenty points of the checklist in Electron's documentation (“Security”), one test each, in its order and by its numbers. What a point asks in depth is tried with attacks in
// electron.test.ts and web.test.ts; docs/security.md says which. Over the stand-in for Electron; what is configuration is read where it is configured.
import { EventEmitter } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inside, type BrowserWindow } from '#test/electron/stand-in.ts'

const exposed: Record<string, Record<string, unknown>> = {}
vi.mock('electron', async () => ({
  ...(await import('#test/electron/stand-in.ts')),
  contextBridge: {
    exposeInMainWorld: (name: string, api: Record<string, unknown>) => void (exposed[name] = api),
  },
  ipcRenderer: Object.assign(new EventEmitter(), { send: () => undefined }),
  webUtils: { getPathForFile: () => '' },
}))
const { openWindow } = await import('#app/hosts/electron/window.ts')
const { pageUrl, prepareSession, registerScheme } = await import('#app/hosts/electron/page.ts')

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'palm-checklist-'))
let window: BrowserWindow
let headers: Headers

/** Every source that may be part of the desktop program. */
function* sources(path: string): Iterable<readonly [string, string]> {
  for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
    const inner = `${path}/${entry.name}`
    if (entry.isDirectory()) yield* sources(inner)
    else if (/\.(ts|svelte|html)$/.test(entry.name)) yield [inner, read(inner)]
  }
}
const program = [...sources('src-main'), ...sources('src-renderer')]
const naming = (pattern: RegExp) => program.filter(([, text]) => pattern.test(text)).map(([path]) => path)
const preferences = () => window.options.webPreferences ?? {}

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>PALM Studio</title>')
  inside.privileges.length = 0 // another file of this worker may have had the stand-in before
  registerScheme()
  prepareSession(folder)
  for (const open of [...inside.windows]) open.destroy()
  openWindow({
    preload: join(folder, 'preload.cjs'),
    onPort: () => undefined,
    onNewWindow: () => undefined,
    onDropped: () => undefined,
  })
  window = inside.windows[0] as BrowserWindow
  headers = (await inside.fetch(pageUrl)).headers
})
afterAll(() => {
  for (const open of [...inside.windows]) open.destroy()
  rmSync(folder, { recursive: true })
})

test('1. only secure content is loaded: the page is the program’s own, and nothing in it names another', () => {
  expect(pageUrl).toBe('palm://app/')
  expect(naming(/loadFile\(/)).toEqual([])
  expect(program.flatMap(([path, text]) => (text.includes('loadURL(') ? [path] : []))).toEqual([
    'src-main/app/hosts/electron/window.ts',
  ])
  expect(read('src-renderer/index.html')).not.toMatch(/https?:/)
})

test('2. no Node in the page, its workers or its frames', () => {
  expect(preferences()).toMatchObject({
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
  })
})

test('3. contexts are isolated', () => {
  expect(preferences()).toMatchObject({ contextIsolation: true })
})

test('4. every renderer is in a sandbox', () => {
  expect(preferences()).toMatchObject({ sandbox: true })
  expect(read('src-main/entry/main.ts')).toMatch(/registerScheme\(\)\s+electronApp\.enableSandbox\(\)/)
  expect(naming(/no-sandbox|appendSwitch/)).toEqual([])
})

test('5. permissions are asked for by our page alone, and few are given', () => {
  const given = (permission: string, requestingUrl: string) => {
    let granted: boolean | null = null
    inside.permissionRequest?.({}, permission, (answer) => (granted = answer), {
      requestingUrl,
      isMainFrame: true,
      mediaTypes: ['video'],
    })
    return granted
  }
  const asked = [
    'media',
    'notifications',
    'geolocation',
    'usb',
    'hid',
    'serial',
    'midi',
    'clipboard-read',
    'fullscreen',
  ]
  expect(asked.filter((permission) => given(permission, pageUrl))).toEqual(['media', 'notifications'])
  expect(asked.filter((permission) => given(permission, 'https://example.org/'))).toEqual([])
  expect(inside.devicePermission?.()).toBe(false)
})

test('6. web security stays on', () => {
  expect(preferences()).toMatchObject({ webSecurity: true })
})

test('7. a content security policy without inline scripts, eval, frames or other origins', () => {
  const policy = new Map(
    (headers.get('content-security-policy') ?? '').split('; ').map((rule) => {
      const [name = '', ...values] = rule.split(' ')
      return [name, values.join(' ')]
    }),
  )
  expect(policy.get('default-src')).toBe("'none'")
  expect(policy.get('script-src')).toBe("'self'")
  for (const name of ['object-src', 'base-uri', 'form-action', 'frame-ancestors'])
    expect(policy.get(name)).toBe("'none'")
  expect([...policy.values()].join(' ')).not.toMatch(/unsafe-eval|https?:|\*/)
})

test('8. no insecure content is let in', () => {
  expect(preferences()).toMatchObject({ allowRunningInsecureContent: false })
})

test.each([
  ['9. no experimental features', 'experimentalFeatures'],
  ['10. no Blink features switched on', 'enableBlinkFeatures'],
])('%s', (_point, option) => {
  expect(preferences()).not.toHaveProperty(option)
  expect(naming(new RegExp(`${option}|enable-(blink|experimental)`))).toEqual([])
})

test('11. no webview, so none with allowpopups', () => {
  expect(preferences()).toMatchObject({ webviewTag: false })
  expect(naming(/<webview|allowpopups/)).toEqual([])
})

test('12. a webview that is put in all the same is not attached', () => {
  let prevented = false
  window.webContents.emit('will-attach-webview', { preventDefault: () => (prevented = true) })
  expect(prevented).toBe(true)
})

test('13. navigation stays on the page', () => {
  for (const event of ['will-navigate', 'will-redirect'])
    for (const url of ['https://example.org/', 'file:///', 'palm://other/', pageUrl]) {
      let prevented = false
      window.webContents.emit(event, { url, preventDefault: () => (prevented = true) })
      expect(prevented, url).toBe(url !== pageUrl)
    }
})

test('14. a page makes no windows', () => {
  for (const url of [pageUrl, 'https://example.org/', 'about:blank'])
    expect(window.webContents.openHandler({ url })).toEqual({ action: 'deny' })
})

test('15. the system opens https of two known places, and a folder of ours, and nothing else', () => {
  inside.openedOutside.length = 0
  for (const url of [
    'https://arxiv.org/abs/1',
    'https://github.com/',
    'http://github.com/',
    'file:///x',
    'ms-cmd:x',
    'https://example.org/',
  ])
    window.webContents.openHandler({ url })
  expect(inside.openedOutside).toEqual(['https://arxiv.org/abs/1', 'https://github.com/'])
  expect(naming(/\bshell\b.*from 'electron'/)).toEqual([
    'src-main/app/hosts/electron/dialogs.ts',
    'src-main/app/hosts/electron/window.ts',
  ])
})

test('16. Electron is one exact version, and not an old one', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }
  expect(devDependencies['electron']).toMatch(/^\d+\.\d+\.\d+$/)
  // The majors that Electron supports are the last three; this one was the newest in November 2026.
  expect(Number(devDependencies['electron']?.split('.')[0])).toBeGreaterThanOrEqual(45)
})

test('17. whoever sends over ipc is looked at, in every place that listens', () => {
  const listening = program.filter(([, text]) => /ipcMain\.(on|once|handle)\(/.test(text))
  expect(listening.map(([path]) => path)).toEqual([
    'src-main/app/hosts/electron/menu.ts',
    'src-main/app/hosts/electron/window.ts',
  ])
  for (const [path, text] of listening) {
    const heard = [...text.matchAll(/ipcMain\.on\('[^']+', (\w+)\)/g)].map(([, name]) => name)
    expect(heard, path).toHaveLength([...text.matchAll(/ipcMain\.(on|once|handle)\(/g)].length)
    for (const name of heard)
      expect(text, `${path}: ${name}`).toMatch(
        new RegExp(`const ${name} = \\(event: IpcMainEvent[^{]*\\{\\s+if \\(!?(isOfPage|isOurs)\\(event`),
      )
  }
})

test('18. a protocol of its own in place of file:', () => {
  expect(inside.privileges).toEqual([
    { scheme: 'palm', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  expect(naming(/file:\/\/\$|pathToFileURL\([^)]*renderer/)).toEqual([])
})

test('19. fuses: what the program does not need is taken out of the binary', () => {
  const config = read('build/electron-builder.yml')
  for (const fuse of [
    'runAsNode: false',
    'enableCookieEncryption: true',
    'enableNodeOptionsEnvironmentVariable: false',
    'enableNodeCliInspectArguments: false',
    'enableEmbeddedAsarIntegrityValidation: true',
    'onlyLoadAppFromAsar: true',
    'grantFileProtocolExtraPrivileges: false',
  ])
    expect(config).toContain(`  ${fuse}\n`)
})

test('20. of Electron’s own a page gets nothing: three small objects of functions that take plain values', async () => {
  await import(join(root, 'src-main/preload.ts'))
  expect(Object.fromEntries(Object.entries(exposed).map(([name, api]) => [name, Object.keys(api)]))).toEqual({
    palmPort: ['send', 'onMessage', 'onClose'],
    palmMenu: ['describe', 'onCommand'],
    palmFiles: ['pathOf'],
  })
  // A listener gets the message, never the event, whose `sender` is ipcRenderer.
  const text = read('src-main/preload.ts')
  for (const [, args] of text.matchAll(/ipcRenderer\.on\('[^']+', \(([^)]*)\) =>/g))
    expect(args).toMatch(/^(_event, |$)/)
  expect(text).not.toMatch(/exposeInMainWorld\('\w+', ipcRenderer/)
})
