// Stands in for the module `electron` where there is no binary of it: windows, the page's protocol, permissions, menus, dialogs, utility processes (over fork) and ipc,
// each as far as this program uses it and as Electron's documentation describes it. What it cannot show: that Chromium obeys `webPreferences` (sandbox,
// isolation), fuses, real menus and dialogs, the camera's consent, signing. `Inside` is the test's hand in it.
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What crosses ipc is a structured clone, with no prototype of its own left. */
const cloned = (args: readonly unknown[]): unknown[] => structuredClone(args) as unknown[]

class Frame {
  url: string
  constructor(url: string) {
    this.url = url
  }
}

type OpenHandler = (details: { url: string }) => { action: 'deny' | 'allow' }

class WebContents extends EventEmitter {
  mainFrame: Frame | null = null
  openHandler: OpenHandler = () => ({ action: 'allow' })
  readonly sent: { channel: string; args: unknown[] }[] = []
  private gone = false

  send(channel: string, ...args: unknown[]): void {
    if (this.gone) throw new TypeError('Object has been destroyed')
    const message = { channel, args: cloned(args) }
    this.sent.push(message)
    this.emit('stand-in:sent', message)
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler
  }

  isDestroyed(): boolean {
    return this.gone
  }

  end(): void {
    this.gone = true
    this.mainFrame = null
  }
}

interface WindowOptions {
  readonly webPreferences?: Readonly<Record<string, unknown>>
  readonly show?: boolean
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents()
  readonly options: WindowOptions
  visible: boolean
  private gone = false

  constructor(options: WindowOptions = {}) {
    super()
    this.options = options
    this.visible = options.show ?? true
    inside.windows.push(this)
    inside.events.emit('window', this)
  }

  static getAllWindows(): BrowserWindow[] {
    return [...inside.windows]
  }

  loadURL(url: string): Promise<void> {
    this.webContents.mainFrame = new Frame(url)
    setImmediate(() => this.emit('ready-to-show'))
    return Promise.resolve()
  }

  show(): void {
    this.visible = true
  }

  isFocused(): boolean {
    return inside.windows.at(-1) === this
  }

  isMinimized(): boolean {
    return false
  }

  restore(): void {}

  focus(): void {
    this.emit('focus')
  }

  isDestroyed(): boolean {
    return this.gone
  }

  destroy(): void {
    if (this.gone) return
    this.gone = true
    this.webContents.end()
    inside.windows.splice(inside.windows.indexOf(this), 1)
    this.emit('closed')
    if (inside.windows.length === 0) app.emit('window-all-closed')
  }
}

class App extends EventEmitter {
  readonly name = 'PALM Studio'
  isPackaged = false
  version = '0.0.0'
  sandboxed = false
  readonly commandLine = {
    getSwitchValue: (name: string) => inside.switches.get(name) ?? '',
    hasSwitch: (name: string) => inside.switches.has(name),
  }

  getVersion = () => this.version
  getName = () => this.name
  getAppPath = () => ''
  getPath = () => ''
  releaseSingleInstanceLock = () => undefined
  relaunch = () => undefined
  requestSingleInstanceLock = () => true
  whenReady = () => Promise.resolve()

  enableSandbox(): void {
    this.sandboxed = true
  }

  /** As documented: `before-quit` may prevent it; then the windows close, and the process ends. */
  quit(): void {
    let prevented = false
    this.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) inside.exit(0)
  }

  exit(code = 0): void {
    inside.exit(code)
  }
}

/** A child whose `process.parentPort` is the channel of Node's fork. */
class UtilityProcess extends EventEmitter {
  private readonly child: ChildProcess

  constructor(child: ChildProcess) {
    super()
    this.child = child
    child.on('message', (message) => this.emit('message', message))
    child.on('close', (code) => this.emit('exit', code ?? 1))
  }

  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined
  }

  get stderr() {
    return this.child.stderr
  }

  postMessage(message: unknown): void {
    if (this.child.connected) this.child.send(message as object, () => undefined)
  }

  kill(): boolean {
    return this.child.kill()
  }
}

interface MenuItemLike {
  readonly label?: string
  readonly submenu?: readonly MenuItemLike[]
  readonly click?: () => void
}

interface DialogOptions {
  readonly properties?: readonly string[]
  readonly defaultPath?: string
  readonly filters?: readonly { readonly extensions: readonly string[] }[]
}

type Decide = (granted: boolean) => void
type PermissionDetails = Readonly<Record<string, unknown>>
type ProtocolHandler = (request: Request) => Promise<Response>

/** What a test may do and see. */
class Inside {
  readonly events = new EventEmitter()
  readonly windows: BrowserWindow[] = []
  readonly switches = new Map<string, string>()
  readonly schemes = new Map<string, ProtocolHandler>()
  readonly privileges: unknown[] = []
  readonly openedOutside: string[] = []
  readonly shownErrors: string[] = []
  readonly notified: string[] = []
  menu: readonly MenuItemLike[] | null = null
  /** Which button of the next question is pressed. */
  answer = 0
  /** What dialogs were asked for, in order. */
  readonly dialogs: DialogOptions[] = []
  /** What the next open dialog gives; empty: it is closed without choosing. */
  chosen: readonly string[] = []
  permissionRequest:
    | ((contents: unknown, permission: string, decide: Decide, details: PermissionDetails) => void)
    | null = null
  permissionCheck:
    | ((contents: unknown, permission: string, origin: string, details: PermissionDetails) => boolean)
    | null = null
  devicePermission: (() => boolean) | null = null
  /** What `safeStorage` stands on; `closed` = nothing now. */
  keyStore = 'gnome_libsecret'
  exit: (code: number) => void = (code) => process.exit(code)

  /** A message of a page, as `ipcRenderer.send` sends it: by default of the window's main frame. */
  receive(
    window: BrowserWindow,
    channel: string,
    args: readonly unknown[],
    frame = window.webContents.mainFrame,
  ): void {
    ipcMain.emit(channel, { sender: window.webContents, senderFrame: frame }, ...cloned(args))
  }

  frame(url: string): Frame {
    return new Frame(url)
  }

  /** What the page's own address answers. */
  async fetch(url: string, method = 'GET'): Promise<Response> {
    const handler = this.schemes.get(new URL(url).protocol.replace(':', ''))
    if (!handler) throw new Error(`No protocol handles ${url}`)
    return handler(new Request(url, { method }))
  }

  /** Clicks the item whose labels these are, from the bar down. */
  click(...labels: readonly string[]): void {
    let items = this.menu ?? []
    let item: MenuItemLike | undefined
    for (const label of labels) {
      item = items.find((one) => one.label === label)
      if (!item) throw new Error(`The menu has no ${label}: ${items.map((one) => one.label).join(', ')}`)
      items = item.submenu ?? []
    }
    item?.click?.()
  }
}

export const inside = new Inside()
export const app = new App()
export const ipcMain = new EventEmitter()

export const protocol = {
  registerSchemesAsPrivileged: (schemes: readonly unknown[]) => void inside.privileges.push(...schemes),
  handle: (scheme: string, handler: ProtocolHandler) => void inside.schemes.set(scheme, handler),
}

export const session = {
  fromPartition: (name: string) => ({ name }),
  defaultSession: {
    setPermissionRequestHandler: (handler: NonNullable<Inside['permissionRequest']>) =>
      void (inside.permissionRequest = handler),
    setPermissionCheckHandler: (handler: NonNullable<Inside['permissionCheck']>) =>
      void (inside.permissionCheck = handler),
    setDevicePermissionHandler: (handler: () => boolean) => void (inside.devicePermission = handler),
  },
}

/** What the program asks of the network, by method and address, before anything is sent. */
export { net, requested } from './network.ts'

/** Electron’s own, of which electron-updater only tells. */
export const autoUpdater = new EventEmitter()

export const shell = {
  openExternal: (url: string) => Promise.resolve(void inside.openedOutside.push(url)),
  openPath: (path: string) => Promise.resolve((inside.openedOutside.push(path), '')),
}

export const dialog = {
  showOpenDialog: (options: DialogOptions) => {
    inside.dialogs.push(options)
    return Promise.resolve({ canceled: inside.chosen.length === 0, filePaths: [...inside.chosen] })
  },
  showSaveDialog: (options: DialogOptions) => {
    inside.dialogs.push(options)
    return Promise.resolve({ canceled: inside.chosen.length === 0, filePath: inside.chosen[0] ?? '' })
  },
  showMessageBox: () => Promise.resolve({ response: inside.answer }),
  showErrorBox: (title: string, content: string) => void inside.shownErrors.push(`${title}: ${content}`),
}

export const Menu = {
  buildFromTemplate: (template: readonly MenuItemLike[]) => template,
  setApplicationMenu(menu: readonly MenuItemLike[]): void {
    inside.menu = menu
    inside.events.emit('menu', menu)
  },
}

export class Notification {
  private readonly title: string
  constructor({ title }: { readonly title: string }) {
    this.title = title
  }
  static isSupported = () => true
  show(): void {
    inside.notified.push(this.title)
  }
}

/** Turns bits around: what was sealed is not what was given, and opens here only. */
export const safeStorage = {
  isEncryptionAvailable: () => inside.keyStore !== 'closed',
  getSelectedStorageBackend: () => inside.keyStore,
  encryptString: (text: string) => Buffer.from(`sealed:${text}`).map((byte) => byte ^ 0xa5),
  decryptString(sealed: Buffer) {
    const text = Buffer.from(sealed.map((byte) => byte ^ 0xa5)).toString()
    if (!text.startsWith('sealed:')) throw new Error('Error while decrypting the ciphertext provided to safeStorage.')
    return text.slice('sealed:'.length)
  },
}

export const utilityProcess = {
  fork(file: string, args: readonly string[], { env }: { readonly env?: NodeJS.ProcessEnv } = {}): UtilityProcess {
    const shim = fileURLToPath(new URL('./parent-port.ts', import.meta.url))
    const child = fork(file, [...args], {
      execArgv: ['--import', shim],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      ...(env ? { env } : {}),
    })
    return new UtilityProcess(child)
  },
}
