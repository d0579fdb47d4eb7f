// The Electron host's doors: who may speak over ipc, what a page may be permitted, where it may lead, how it is served. Over a stand-in for Electron, which
// hands the program what Electron's documentation says it would.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Port } from '#app/rpc/port.ts'
import { mostMessageBytes } from '#app/rpc/packing.ts'
import { inside, type BrowserWindow } from '#test/electron/stand-in.ts'

vi.mock('electron', async () => await import('#test/electron/stand-in.ts'))
const { openWindow } = await import('#app/hosts/electron/window.ts')
const { dialogs } = await import('#app/hosts/electron/dialogs.ts')
const { isOwnPage, pageUrl, prepareSession, registerScheme } = await import('#app/hosts/electron/page.ts')

const folder = mkdtempSync(join(tmpdir(), 'palm-electron-'))
const root = join(folder, 'renderer')
let window: BrowserWindow
let ports: Port[] = []
let heard: unknown[] = []
let newWindows = 0
let dropped: string[] = []

beforeAll(() => {
  mkdirSync(root)
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>PALM Studio</title>')
  writeFileSync(join(folder, 'outside.js'), 'outside')
  inside.privileges.length = 0 // another file of this worker may have had the stand-in before
  registerScheme()
  prepareSession(root)
})
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => {
  for (const open of [...inside.windows]) open.destroy()
  ports = []
  heard = []
  newWindows = 0
  dropped = []
  inside.openedOutside.length = 0
  inside.menu = null
  openWindow({
    preload: join(folder, 'preload.cjs'),
    onPort: (port) => {
      ports.push(port)
      port.onMessage((message) => heard.push(message))
    },
    onNewWindow: () => (newWindows += 1),
    onDropped: (path) => dropped.push(path),
  })
  window = inside.windows[0] as BrowserWindow
})

const elsewhere = ['https://evil.example/', 'palm://app.evil/', 'palm://application/', 'palm://other/', 'about:blank']

describe('ipc', () => {
  test('hears the page of its own window, and nobody else', () => {
    inside.receive(window, 'palm:open', [])
    inside.receive(window, 'palm:message', ['own'])
    expect(heard).toEqual(['own'])
    for (const url of elsewhere) {
      inside.receive(window, 'palm:open', [], inside.frame(url)) // a frame inside
      inside.receive(window, 'palm:message', ['frame'], inside.frame(url))
    }
    inside.receive(window, 'palm:message', ['another frame of ours'], inside.frame(pageUrl))
    inside.receive(window, 'palm:message', ['no frame'], null)
    for (const url of elsewhere) {
      if (window.webContents.mainFrame) window.webContents.mainFrame.url = url // it was led away
      inside.receive(window, 'palm:open', [])
      inside.receive(window, 'palm:message', ['led away'])
      inside.receive(window, 'palm:menu', ['{}'])
    }
    expect(heard).toEqual(['own'])
    expect(ports).toHaveLength(1)
  })

  test('ends the port of a page that sends a message larger than any of ours, text or bytes', () => {
    for (const message of ['x'.repeat(mostMessageBytes + 1), new Uint8Array(mostMessageBytes + 1)]) {
      const before = ports.length
      inside.receive(window, 'palm:open', [])
      inside.receive(window, 'palm:message', [message])
      inside.receive(window, 'palm:message', ['after'])
      expect(heard).toEqual([])
      expect(window.webContents.sent.at(-1)).toMatchObject({ channel: 'palm:close' })
      expect(ports).toHaveLength(before + 1)
    }
  })

  test('believes only its own preload about what was dropped on the window', () => {
    inside.receive(window, 'palm:dropped', ['/home/me/photos'])
    for (const message of [7, null, ['/etc'], 'x'.repeat(5000)]) inside.receive(window, 'palm:dropped', [message])
    for (const url of [...elsewhere, pageUrl]) inside.receive(window, 'palm:dropped', ['/etc'], inside.frame(url))
    expect(dropped).toEqual(['/home/me/photos'])
  })

  test('takes no menu from anywhere but its page, and none that does not fit', () => {
    const menu = JSON.stringify({ menus: {}, roles: {}, commands: [] })
    inside.receive(window, 'palm:menu', [menu], inside.frame(pageUrl))
    inside.receive(window, 'palm:menu', ['x'.repeat(100_001)])
    for (const message of [menu, '{', 7, null, ['a']]) inside.receive(window, 'palm:menu', [message])
    expect(inside.menu).toBeNull()
  })
})

describe('permissions', () => {
  const asked = (permission: string, url: string, details: object = {}): boolean => {
    let granted: boolean | null = null
    inside.permissionRequest?.({}, permission, (answer) => (granted = answer), {
      requestingUrl: url,
      isMainFrame: true,
      ...details,
    })
    if (granted === null) throw new Error('nobody decided')
    return granted
  }
  const checked = (permission: string, origin: string, details: object = {}): boolean | undefined =>
    inside.permissionCheck?.({}, permission, origin, { ...details })

  test('of our page: the camera’s picture and notifications, nothing else', () => {
    expect(asked('notifications', pageUrl)).toBe(true)
    expect(asked('media', pageUrl, { mediaTypes: ['video'] })).toBe(true)
    expect(asked('media', pageUrl, { mediaTypes: ['video', 'audio'] })).toBe(false)
    expect(asked('media', pageUrl, { mediaTypes: [] })).toBe(false)
    expect(asked('media', pageUrl)).toBe(false)
    for (const permission of [
      'geolocation',
      'midi',
      'usb',
      'fileSystem',
      'clipboard-read',
      'openExternal',
      'display-capture',
    ])
      expect(asked(permission, pageUrl), permission).toBe(false)
    expect(checked('media', 'palm://app', { mediaType: 'video' })).toBe(true)
    expect(checked('media', 'palm://app/', { mediaType: 'audio' })).toBe(false)
    expect(checked('notifications', 'palm://app/')).toBe(true)
    expect(checked('usb', 'palm://app/')).toBe(false)
    expect(inside.devicePermission?.()).toBe(false)
  })

  test('none for an address that only begins like ours, nor for a frame inside', () => {
    for (const url of [...elsewhere, 'palm://app.evil', 'palm://app@evil/', 'null', '']) {
      expect(asked('notifications', url), url).toBe(false)
      expect(asked('media', url, { mediaTypes: ['video'] }), url).toBe(false)
      expect(checked('notifications', url), url).toBe(false)
      expect(checked('media', url, { mediaType: 'video' }), url).toBe(false)
    }
    expect(asked('notifications', pageUrl, { isMainFrame: false })).toBe(false)
  })
})

describe('where a page may lead', () => {
  test('navigation stays on it, and no view of another page is put into it', () => {
    for (const event of ['will-navigate', 'will-redirect'])
      for (const url of [...elsewhere, pageUrl, 'palm://app/#run-1', 'javascript:alert(1)', 'file:///etc/passwd']) {
        let prevented = false
        window.webContents.emit(event, { url, preventDefault: () => (prevented = true) })
        expect(prevented, url).toBe(!isOwnPage(url))
      }
    let prevented = false
    window.webContents.emit('will-attach-webview', { preventDefault: () => (prevented = true) })
    expect(prevented).toBe(true)
  })

  test('a new window is ours or none; the system opens https of known places only', () => {
    const open = (url: string) => window.webContents.openHandler({ url }).action
    for (const url of [
      ...elsewhere,
      pageUrl,
      'https://arxiv.org/abs/2403.10650',
      'https://arxiv.org.evil.example/',
      'https://arxiv.org@evil.example/',
      'http://arxiv.org/',
      'file:///etc/passwd',
      'smb://arxiv.org/share',
    ])
      expect(open(url), url).toBe('deny')
    expect(newWindows).toBe(1)
    expect(inside.openedOutside).toEqual(['https://arxiv.org/abs/2403.10650'])
  })
})

describe('the page', () => {
  test('is served from its folder, with the headers of every page of this program', async () => {
    const answer = await inside.fetch(pageUrl)
    expect(await answer.text()).toContain('PALM Studio')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe-eval')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    for (const url of [
      'palm://app/../outside.js',
      'palm://app/%2e%2e/outside.js',
      'palm://app/..%2foutside.js',
      'palm://evil/index.html',
      'palm://app/nothing.js',
    ])
      expect((await inside.fetch(url)).status, url).toBe(404)
    expect((await inside.fetch(pageUrl, 'POST')).status).toBe(404)
  })

  test('runs in a window that gives it nothing of Node', () => {
    expect(window.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    })
    for (const risky of ['enableBlinkFeatures', 'experimentalFeatures', 'additionalArguments'])
      expect(window.options.webPreferences).not.toHaveProperty(risky)
    expect(inside.privileges).toEqual([
      { scheme: 'palm', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
  })
})

describe('dialogs', () => {
  test('for images: a folder, a file of a kind that is read, or both where the system can', async () => {
    inside.chosen = ['/photos']
    inside.dialogs.length = 0
    for (const what of ['folder', 'file', 'either'] as const) expect(await dialogs.pickImages(what)).toBe('/photos')
    expect(inside.dialogs.map(({ properties }) => properties)).toEqual([
      ['openDirectory'],
      ['openFile'],
      ['openFile', 'openDirectory'],
    ])
    // Each ending that the program's own picker shows, as its last part.
    expect(inside.dialogs.map(({ filters }) => filters?.[0]?.extensions.join(' '))).toEqual([
      undefined,
      'zip tar tgz gz csv tsv jsonl json txt npy npz',
      'zip tar tgz gz csv tsv jsonl json txt npy npz',
    ])
    inside.chosen = []
    expect(await dialogs.pickImages('file')).toBeNull()
  })

  test('for an export: begins with the usual place, asks before a file is replaced, and gives nothing where it is closed', async () => {
    inside.chosen = ['/exports/adapted.onnx']
    expect(await dialogs.save('/data/exports/run1-palm.onnx', 'onnx')).toBe('/exports/adapted.onnx')
    expect(inside.dialogs.at(-1)).toMatchObject({
      defaultPath: '/data/exports/run1-palm.onnx',
      properties: ['createDirectory', 'showOverwriteConfirmation'],
      filters: [{ extensions: ['onnx'] }],
    })
    expect(await dialogs.save('/data/exports/run1-palm-tfjs', 'tfjs')).toBe('/exports/adapted.onnx')
    expect(inside.dialogs.at(-1)?.filters).toEqual([])
    inside.chosen = []
    expect(await dialogs.save('/data', 'torch')).toBeNull()
  })
})
