// The Electron host: one locked-down window that shows the renderer over our own protocol, the rpc over ipc, sessions in utility
// processes, and the system's file dialogs. Follows the security checklist of Electron's documentation point by point.
import { BrowserWindow, dialog, ipcMain, protocol, session, shell, utilityProcess } from 'electron'
import type { IpcMainEvent, WebContents } from 'electron'
import { openPort } from '../rpc/port.ts'
import type { Port, PortFeed } from '../rpc/port.ts'
import type { SessionExit, SessionProcess, StartSession } from '../services/session-process.ts'
import { securityHeaders } from './security.ts'
import { readStaticFile } from './static-files.ts'

const scheme = 'palm'
const pageUrl = `${scheme}://app/`

/** Links that may open in the system's browser. Everything else that a page asks to open is refused. */
const openableHosts: readonly string[] = ['github.com', 'arxiv.org']

/** Must run before the app is ready: the scheme gets an origin, like https. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves the built renderer as `palm://app/` and refuses every permission that a page can ask for but the camera's picture. Call once, when ready. */
export function prepareSession(staticFolder: string): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url)
    const headers = securityHeaders()
    const file = url.host === 'app' && request.method === 'GET' ? await readStaticFile(staticFolder, url.pathname) : null
    if (!file) return new Response('There is nothing here.', { status: 404, headers })
    return new Response(file.body, { headers: { ...headers, 'Content-Type': file.contentType } })
  })
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
    const wanted = 'mediaTypes' in details ? (details.mediaTypes ?? []) : []
    decide(permission === 'media' && details.requestingUrl.startsWith(`${scheme}://app/`) && wanted.length > 0 && wanted.every((type) => type === 'video'))
  })
  session.defaultSession.setPermissionCheckHandler((_contents, permission, origin, details) => permission === 'media' && details.mediaType === 'video' && origin.startsWith(`${scheme}://app`))
  session.defaultSession.setDevicePermissionHandler(() => false)
}

export interface WindowOptions {
  /** The built preload script. */
  readonly preload: string
  /** Gets a port for each page that loads, a reload included. */
  readonly onPort: (port: Port) => void
}

export function openWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  lockNavigation(window.webContents)
  connect(window, options.onPort)
  void window.loadURL(pageUrl)
  return window
}

function lockNavigation(contents: WebContents): void {
  const keepOnPage = (event: { preventDefault(): void }, url: string): void => {
    if (!isOwnPage(url)) event.preventDefault()
  }
  contents.on('will-navigate', (event) => keepOnPage(event, event.url))
  contents.on('will-redirect', (event) => keepOnPage(event, event.url))
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const target = URL.canParse(url) ? new URL(url) : null
    if (target?.protocol === 'https:' && openableHosts.includes(target.host)) void shell.openExternal(target.href)
    return { action: 'deny' }
  })
}

/** Makes a port for each page in the window. The preload opens it; a message of any other sender is not heard. */
function connect(window: BrowserWindow, onPort: (port: Port) => void): void {
  const contents = window.webContents
  let feed: PortFeed | null = null
  const isOurs = (event: IpcMainEvent): boolean =>
    event.sender === contents && event.senderFrame !== null && event.senderFrame === contents.mainFrame && isOwnPage(event.senderFrame.url)
  const end = (reason: string): void => {
    feed?.closed(reason)
    feed = null
  }
  const opened = (event: IpcMainEvent): void => {
    if (!isOurs(event)) return
    end('the page was reloaded')
    feed = openPort({
      send: (message) => void (contents.isDestroyed() || contents.send('palm:message', message)),
      close: () => void (contents.isDestroyed() || contents.send('palm:close', 'the program is closing')),
    })
    onPort(feed.port)
  }
  const received = (event: IpcMainEvent, message: unknown): void => {
    if (isOurs(event) && typeof message === 'string') feed?.receive(message)
  }
  ipcMain.on('palm:open', opened)
  ipcMain.on('palm:message', received)
  contents.on('render-process-gone', () => end('the page ended'))
  window.on('closed', () => {
    end('the window was closed')
    ipcMain.off('palm:open', opened)
    ipcMain.off('palm:message', received)
  })
}

function isOwnPage(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === `${scheme}:` && new URL(url).host === 'app'
}

/** The system's dialogs. Null when the person closes one without choosing. */
export const dialogs = {
  async pickFolder(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({ title: 'Choose a folder of images', properties: ['openDirectory'] })
    return filePaths[0] ?? null
  },
  async pickModel(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({
      title: 'Choose a model',
      properties: ['openFile'],
      filters: [{ name: 'Weights', extensions: ['safetensors', 'pth', 'pt', 'onnx', 'json'] }],
    })
    return filePaths[0] ?? null
  },
}

/** Starts `file` (the built entry/session.ts) in a utility process for each session. */
export function utilitySessions(file: string, environment: Readonly<Record<string, string>>): StartSession {
  return () => {
    const child = utilityProcess.fork(file, [], { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'], serviceName: 'PALM session' })
    return overUtilityProcess(child)
  }
}

function overUtilityProcess(child: Electron.UtilityProcess): SessionProcess {
  let stderrTail = ''
  let exit: SessionExit | null = null
  const listeners: ((exit: SessionExit) => void)[] = []
  child.stderr?.on('data', (bytes: Buffer) => {
    stderrTail = (stderrTail + bytes.toString()).slice(-8_192)
  })
  child.on('exit', (code) => {
    exit = { code, signal: null, stderrTail }
    for (const listener of listeners) listener(exit)
  })
  return {
    get pid() {
      return child.pid ?? null
    },
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      if (exit) listener(exit)
      else listeners.push(listener)
    },
    kill() {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
  }
}
