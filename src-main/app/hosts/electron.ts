// The Electron host: one locked-down window that shows the renderer over our own protocol, the rpc over ipc, sessions in utility
// processes, and the system's file dialogs. Follows the security checklist of Electron's documentation point by point.
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron'
import type { IpcMainEvent, MenuItemConstructorOptions, WebContents } from 'electron'
import { menuDescriptionSchema, type MenuDescription } from '#contract/menu.ts'
import { PalmError } from '#contract/errors.ts'
import { openPort } from '#app/rpc/port.ts'
import type { Port, PortFeed } from '#app/rpc/port.ts'
import type {
  SessionExit,
  SessionProcess,
  SettingsEnvironment,
  StartSession,
} from '#app/services/processes/session-process.ts'
import { menuTemplate, type MenuItem } from './menu.ts'
import { quitChoices, type QuitChoice } from './quitting.ts'
import { securityHeaders } from './security.ts'
import { readStaticFile } from './static-files.ts'

const scheme = 'palm'
const pageUrl = `${scheme}://app/`

/** Links that may open in the system's browser. Everything else that a page asks to open is refused. */
const openableHosts: readonly string[] = ['github.com', 'arxiv.org']

/** Must run before the app is ready: the scheme gets an origin, like https. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves the built renderer as `palm://app/` and refuses every permission that a page can ask for but the camera's picture and notifications. Call once, when ready. */
export function prepareSession(staticFolder: string): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url)
    const headers = securityHeaders()
    const file =
      url.host === 'app' && request.method === 'GET' ? await readStaticFile(staticFolder, url.pathname) : null
    if (!file) return new Response('There is nothing here.', { status: 404, headers })
    return new Response(file.body, { headers: { ...headers, 'Content-Type': file.contentType } })
  })
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
    if (permission === 'notifications') return decide(details.requestingUrl.startsWith(`${scheme}://app/`))
    const wanted = 'mediaTypes' in details ? (details.mediaTypes ?? []) : []
    decide(
      permission === 'media' &&
        details.requestingUrl.startsWith(`${scheme}://app/`) &&
        wanted.length > 0 &&
        wanted.every((type) => type === 'video'),
    )
  })
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      origin.startsWith(`${scheme}://app`) &&
      (permission === 'notifications' || (permission === 'media' && details.mediaType === 'video')),
  )
  session.defaultSession.setDevicePermissionHandler(() => false)
}

export interface WindowOptions {
  /** The built preload script. */
  readonly preload: string
  /** Gets a port for each page that loads, a reload included. */
  readonly onPort: (port: Port) => void
  /** A page asked for another window. */
  readonly onNewWindow: () => void
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
  lockNavigation(window.webContents, options.onNewWindow)
  connect(window, options.onPort)
  describeMenu(window)
  void window.loadURL(pageUrl)
  return window
}

function lockNavigation(contents: WebContents, onNewWindow: () => void): void {
  const keepOnPage = (event: { preventDefault(): void }, url: string): void => {
    if (!isOwnPage(url)) event.preventDefault()
  }
  contents.on('will-navigate', (event) => keepOnPage(event, event.url))
  contents.on('will-redirect', (event) => keepOnPage(event, event.url))
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isOwnPage(url)) onNewWindow()
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
    event.sender === contents &&
    event.senderFrame !== null &&
    event.senderFrame === contents.mainFrame &&
    isOwnPage(event.senderFrame.url)
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
    if (isOurs(event) && (typeof message === 'string' || message instanceof Uint8Array)) feed?.receive(message)
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

/** What the page of the window in front says of its commands; the menu bar is made from it. */
let described: MenuDescription | null = null
let ofWindow: BrowserWindow | null = null

function describeMenu(window: BrowserWindow): void {
  let own: MenuDescription | null = null
  const show = (): void => {
    if (!own || (ofWindow !== window && !window.isFocused() && ofWindow !== null)) return
    described = own
    ofWindow = window
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(menuTemplate(own, process.platform, app.name).map((item) => electronItem(item, window))),
    )
  }
  const heard = (event: IpcMainEvent, message: unknown): void => {
    if (
      event.sender !== window.webContents ||
      event.senderFrame !== window.webContents.mainFrame ||
      typeof message !== 'string' ||
      message.length > 100_000
    )
      return
    try {
      own = menuDescriptionSchema.parse(JSON.parse(message))
    } catch {
      return // not from this version of the page
    }
    show()
  }
  ipcMain.on('palm:menu', heard)
  window.on('focus', show)
  window.on('closed', () => {
    ipcMain.off('palm:menu', heard)
    if (ofWindow === window) ofWindow = null
  })
}

function electronItem({ command, submenu, ...rest }: MenuItem, window: BrowserWindow): MenuItemConstructorOptions {
  return {
    ...(rest as MenuItemConstructorOptions),
    ...(submenu ? { submenu: submenu.map((item) => electronItem(item, window)) } : {}),
    ...(command === undefined
      ? {}
      : { click: () => void (window.isDestroyed() || window.webContents.send('palm:command', command)) }),
  }
}

/** Stop it, let it go on without a window, or stay: in the words of the page that was in front last. */
export async function askQuit(): Promise<QuitChoice> {
  const { message, detail, stop, background, cancel } = described?.quitting ?? englishQuitting
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message,
    detail,
    buttons: [stop, background, cancel],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  })
  return quitChoices[response] ?? 'cancel'
}

export function tellOver(): void {
  if (Notification.isSupported())
    new Notification({ title: app.name, body: (described?.quitting ?? englishQuitting).over }).show()
}

/** Before any page has spoken. */
const englishQuitting: MenuDescription['quitting'] = {
  message: 'A run is under way.',
  detail: 'It can be stopped and resumed later.',
  stop: 'Stop it and quit',
  background: 'Go on without a window',
  cancel: 'Cancel',
  over: 'The run is over.',
}

export async function openFolder(folder: string): Promise<void> {
  const problem = await shell.openPath(folder)
  if (problem) throw new PalmError('input-unreadable', `${folder} could not be opened: ${problem}`)
}

function isOwnPage(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === `${scheme}:` && new URL(url).host === 'app'
}

/** The system's dialogs. Null when the person closes one without choosing. */
export const dialogs = {
  async pickFolder(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({
      title: 'Choose a folder of images',
      properties: ['openDirectory'],
    })
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
export function utilitySessions(
  file: string,
  environment: Readonly<Record<string, string>>,
  ofSettings: SettingsEnvironment = () => ({}),
): StartSession {
  return (settings) => {
    const child = utilityProcess.fork(file, [], {
      env: { ...process.env, ...environment, ...(settings ? ofSettings(settings) : {}) },
      stdio: ['ignore', 'ignore', 'pipe'],
      serviceName: 'PALM session',
    })
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
