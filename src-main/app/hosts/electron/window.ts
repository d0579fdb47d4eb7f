// One locked-down window: its page, its way to the program over ipc, and where its links may lead.
import { BrowserWindow, ipcMain, shell } from 'electron'
import type { IpcMainEvent, WebContents } from 'electron'
import { mostMessageBytes } from '#app/rpc/packing.ts'
import { openPort } from '#app/rpc/port.ts'
import type { Port, PortFeed } from '#app/rpc/port.ts'
import { describeMenu } from './menu.ts'
import { isOfPage, isOwnPage, pageUrl } from './page.ts'

/** Links that may open in the system's browser. Everything else that a page asks to open is refused. */
const openableHosts: readonly string[] = ['github.com', 'arxiv.org']

const mostPathLength = 4096

export interface WindowOptions {
  /** The built preload script. */
  readonly preload: string
  /** Gets a port for each page that loads, a reload included. */
  readonly onPort: (port: Port) => void
  /** The preload tells where a file lies that a person dropped on the page or chose in a field of it. */
  readonly onDropped: (path: string) => void
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
  hearDropped(window, options.onDropped)
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
  const isOurs = (event: IpcMainEvent): boolean => isOfPage(event, contents)
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
    if (!isOurs(event) || !(typeof message === 'string' || message instanceof Uint8Array)) return
    if (message.length <= mostMessageBytes) return feed?.receive(message)
    contents.send('palm:close', 'a message was too large')
    end('a message was too large')
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

/** Only the preload sends on this channel, in a world of its own: the page cannot. */
function hearDropped(window: BrowserWindow, onDropped: (path: string) => void): void {
  const dropped = (event: IpcMainEvent, path: unknown): void => {
    if (isOfPage(event, window.webContents) && typeof path === 'string' && path.length <= mostPathLength)
      onDropped(path)
  }
  ipcMain.on('palm:dropped', dropped)
  window.on('closed', () => ipcMain.off('palm:dropped', dropped))
}
