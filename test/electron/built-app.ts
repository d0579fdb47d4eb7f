// The built Electron program (out/main, out/preload, out/renderer) over the stand-in, each of its windows a page in Chromium: the preload runs in the page, and what it sends
// over ipc goes to the main process as a structured clone.
import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { quitChoices, type QuitChoice } from '#app/hosts/quitting.ts'
import type { Desktop } from './flows.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** What a test asks of the main process. */
export type Ask =
  | { readonly ask: 'fetch'; readonly url: string }
  | { readonly ask: 'receive'; readonly window: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly ask: 'click'; readonly labels: readonly string[] }
  | { readonly ask: 'labels' | 'quit' | 'again' | 'seen' }
  | { readonly ask: 'choose'; readonly paths: readonly string[] }
  | { readonly ask: 'answer'; readonly button: number }
  | { readonly ask: 'open'; readonly window: number; readonly url: string }
  | { readonly ask: 'close'; readonly window: number }

/** What the main process tells. */
export type Told =
  | { readonly told: 'window'; readonly window: number; readonly preload: string }
  | { readonly told: 'closed'; readonly window: number }
  | { readonly told: 'sent'; readonly window: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly told: 'exit'; readonly code: number }
  | { readonly told: 'answer'; readonly id: number; readonly result?: unknown; readonly error?: string }

export interface Seen {
  readonly windows: number
  readonly openedOutside: readonly string[]
  readonly notified: readonly string[]
  readonly errors: readonly string[]
  readonly sandboxed: boolean
}

/** An answer of the page's own protocol. */
interface Served {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where a page believes to be: an address that no server has; every request goes to the program's own protocol. */
const origin = 'https://palm.invalid'

/** Bytes in a message, for the way between Chromium and the test. */
interface Packed {
  readonly palmBytes: string
}
const pack = (value: unknown): unknown =>
  value instanceof Uint8Array ? ({ palmBytes: Buffer.from(value).toString('base64') } satisfies Packed) : value
const unpack = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'palmBytes' in value
    ? new Uint8Array(Buffer.from(String(value.palmBytes), 'base64'))
    : value

/** `ipcRenderer`, `contextBridge` and `webUtils` of the preload, in the page. */
const preloadStandIn = (preload: string): string => `
(() => {
  const heard = new Map()
  const pack = (value) => {
    if (!(value instanceof Uint8Array)) return value
    let text = ''
    for (let i = 0; i < value.length; i += 4096) text += String.fromCharCode(...value.subarray(i, i + 4096))
    return { palmBytes: btoa(text) }
  }
  const unpack = (value) =>
    value && value.palmBytes !== undefined ? Uint8Array.from(atob(value.palmBytes), (c) => c.charCodeAt(0)) : value
  window.standInHeard = (channel, args) => {
    for (const listener of heard.get(channel) ?? []) listener({}, ...args.map(unpack))
  }
  window.open = (url) => {
    void window.standInOpen(String(url))
    return null
  }
  const electron = {
    ipcRenderer: {
      send: (channel, ...args) => void window.standInSend(channel, args.map(pack)),
      on: (channel, listener) => void heard.set(channel, [...(heard.get(channel) ?? []), listener]),
    },
    contextBridge: { exposeInMainWorld: (name, api) => (window[name] = Object.freeze(api)) },
    webUtils: { getPathForFile: (file) => window.standInPaths?.[file.name] ?? '' },
  }
  const require = (name) => {
    if (name !== 'electron') throw new Error('a sandboxed preload has no ' + name)
    return electron
  }
  const module = { exports: {} }
  ;(function (require, module, exports) {
${preload}
  })(require, module, module.exports)
})()
`

export class BuiltApp implements Desktop {
  readonly faults: string[] = []
  private readonly child: ChildProcess
  private readonly context: BrowserContext
  private readonly pages = new Map<number, Promise<Page>>()
  private readonly waiting = new Map<number, (told: Extract<Told, { told: 'answer' }>) => void>()
  private asked = 0
  private stderr = ''
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>

  private constructor(child: ChildProcess, context: BrowserContext) {
    this.child = child
    this.context = context
    this.ended = new Promise((resolve) => child.once('exit', resolve))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr = (this.stderr + text).slice(-4000)))
    child.on('message', (told: Told) => this.hear(told))
    void this.ended.then((code) => {
      for (const answer of this.waiting.values())
        answer({ told: 'answer', id: 0, error: `the program ended with ${code}: ${this.stderr}` })
    })
  }

  /** `folder`: where `out` lies. `env` is added to this process's own. */
  static async open(
    browser: Browser,
    args: readonly string[],
    { folder = root, env = {} }: { readonly folder?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<BuiltApp> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const hooks = new URL('./run-built.ts', import.meta.url).href
    const child = fork(join(folder, 'out/main/main.js'), [...args], {
      env: { ...process.env, ...env },
      execArgv: ['--import', hooks],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    return new BuiltApp(child, context)
  }

  async ask<T = unknown>(ask: Ask): Promise<T> {
    const id = (this.asked += 1)
    const told = await new Promise<Extract<Told, { told: 'answer' }>>((resolve) => {
      this.waiting.set(id, resolve)
      const gone = (): void => resolve({ told: 'answer', id, error: `the program has ended: ${this.stderr}` })
      if (this.child.connected) this.child.send({ id, ask }, (error) => error && gone())
      else gone()
    })
    this.waiting.delete(id)
    if (told.error !== undefined) throw new Error(told.error)
    return told.result as T
  }

  seen(): Promise<Seen> {
    return this.ask<Seen>({ ask: 'seen' })
  }

  /** The page of window `number`, the first is 1; null while there is none. */
  page(number: number): Promise<Page> | null {
    return this.pages.get(number) ?? null
  }

  async windows(): Promise<number> {
    return (await this.seen()).windows
  }

  async click(...labels: readonly string[]): Promise<void> {
    await this.ask({ ask: 'click', labels })
  }

  async choose(path: string): Promise<void> {
    await this.ask({ ask: 'choose', paths: [path] })
  }

  async answer(button: QuitChoice): Promise<void> {
    await this.ask({ ask: 'answer', button: quitChoices.indexOf(button) })
  }

  async quit(): Promise<void> {
    await this.ask({ ask: 'quit' })
  }

  async close(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
    await this.context.close()
  }

  private hear(told: Told): void {
    switch (told.told) {
      case 'answer':
        return this.waiting.get(told.id)?.(told)
      case 'window':
        return void this.pages.set(told.window, this.show(told.window, told.preload))
      case 'closed':
        return void this.pages.get(told.window)?.then((page) => page.close())
      case 'sent':
        return void this.pages.get(told.window)?.then((page) => this.deliver(page, told.channel, told.args))
      case 'exit':
    }
  }

  private async deliver(page: Page, channel: string, args: readonly unknown[]): Promise<void> {
    if (page.isClosed()) return
    await page
      .evaluate(
        ([to, what]) =>
          (window as unknown as { standInHeard: (c: string, a: unknown[]) => void }).standInHeard(to, what),
        [channel, args.map(pack)] as const,
      )
      .catch(() => undefined) // the page went meanwhile
  }

  private async show(number: number, preload: string): Promise<Page> {
    const page = await this.context.newPage()
    page.on('pageerror', (error) => this.faults.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && this.faults.push(message.text()))
    await page.exposeFunction('standInSend', (channel: string, args: readonly unknown[]) =>
      this.ask({ ask: 'receive', window: number, channel, args: args.map(unpack) }).catch(() => undefined),
    )
    await page.exposeFunction('standInOpen', (url: string) =>
      this.ask({ ask: 'open', window: number, url: url.replace(origin, 'palm://app') }).catch(() => null),
    )
    await page.addInitScript(preloadStandIn(readFileSync(preload, 'utf8')))
    await page.route('**/*', async (route) => {
      const url = new URL(route.request().url())
      if (url.origin !== origin) return route.abort()
      const answer = await this.ask<Served>({ ask: 'fetch', url: `palm://app${url.pathname}` }).catch(() => null)
      if (!answer) return route.abort() // the program ended meanwhile
      await route.fulfill({ ...answer, body: Buffer.from(answer.body) })
    })
    await page.goto(`${origin}/`)
    return page
  }
}
