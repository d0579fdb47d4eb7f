// The real web host with a data folder of its own, and a real Chromium looking at it. The host is in this process, which loads the program once for all its files and keeps its
// sessions from one to the next; where a test gives an environment it is a process of its own, as `npm start` makes it.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { webArguments } from '#app/hosts/web-arguments.ts'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { openWebApp } from '#app/wiring/web-app.ts'
import { findChromium } from '#build/setup/chromium.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const outputFolder = join(root, 'test/e2e/output')

/** In milliseconds, for a machine that is busy with other work: as `expect.poll` in vitest.config.ts. */
const patience = Number(process.env.PALM_PATIENCE ?? 240_000)

/** Null, with a line saying so, where there is no Chromium. `browser`: one with a camera, and all else that a browser has. */
export function chromiumPath(wanted?: 'browser'): string | null {
  const path = findChromium(wanted)
  if (!path) console.log('skipped: there is no Chromium on this machine (apt-get install chromium)')
  return path
}

export interface RunningApp {
  readonly page: Page
  readonly address: string
  /** The host's process, which may be this one. */
  readonly pid: number
  /** Faults that the page reported. */
  readonly faults: string[]
  close(): Promise<void>
}

export interface BrowserOptions {
  /** Of Chromium, which is then one of its own. */
  readonly args?: readonly string[]
  readonly permissions?: readonly string[]
  /** The page moves as little as it can be asked to: sixty pictures a second of what only breathes, beside a camera's, take a quarter of the processor. */
  readonly still?: boolean
  /** Show the newcomer around, as on a real first launch. */
  readonly tour?: boolean
  /** Of the host's process, which is then one of its own: beside or in place of this one's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const launch = (executablePath: string, args: readonly string[] = []) =>
  chromium.launch({ executablePath, args: ['--no-sandbox', ...args] })

/** One for all files of a worker (they share their modules); it ends with the process. */
let shared: Promise<Browser> | null = null
export const sharedBrowser = (executablePath: string) => (shared ??= launch(executablePath))

export async function openApp(
  executablePath: string,
  args: readonly string[] = [],
  browserOptions: BrowserOptions = {},
): Promise<RunningApp> {
  const data = mkdtempSync(join(tmpdir(), 'palm-e2e-'))
  const all = ['--no-open', '--allow', tmpdir(), ...(browserOptions.tour ? [] : ['--no-tour']), '--data', data, ...args]
  const host = await (browserOptions.env ? hostProcess(all, browserOptions.env) : hostHere(all))
  const own = browserOptions.args !== undefined
  const browser = await (own ? launch(executablePath, browserOptions.args) : sharedBrowser(executablePath))
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: [...(browserOptions.permissions ?? [])],
    ...(browserOptions.still ? { reducedMotion: 'reduce' as const } : {}),
  })
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  page.setDefaultNavigationTimeout(patience)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(host.address)
  await page.waitForURL(({ search }) => search === '') // let in, and led on
  return {
    page,
    address: host.address,
    pid: host.pid,
    faults,
    async close() {
      await (own ? browser.close() : context.close())
      await host.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

interface Host {
  readonly address: string
  readonly pid: number
  close(): Promise<void>
}

async function hostHere(args: readonly string[]): Promise<Host> {
  const parsed = webArguments(args)
  if (parsed === 'help') throw new Error('Help needs no host')
  const opened = await openWebApp(parsed, forkedProcesses())
  return { address: opened.host.address, pid: process.pid, close: () => opened.close() }
}

async function hostProcess(args: readonly string[], env: BrowserOptions['env']): Promise<Host> {
  const host = spawn(process.execPath, [join(root, 'src-main/entry/web.ts'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  return {
    address: await addressOf(host),
    pid: host.pid ?? 0,
    async close() {
      const gone = new Promise((resolve) => host.once('exit', resolve))
      host.kill('SIGTERM')
      await gone
    },
  }
}

/** The sample with the first run's lanes and small batches: many steps soon. */
export const smallSample = {
  name: 'The sample in small batches',
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  batchSize: 10,
  limit: 50,
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'norm', label: 'BN-1', options: { method: 'norm' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', kappa: 2e-3, eta: 0.05 } },
  ],
}

/** A call of the api over a socket of the page's own, as the page makes them. */
export async function callApi(page: Page, method: string, request: object): Promise<void> {
  await page.evaluate(
    (call) =>
      new Promise((done, failed) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/socket`)
        const over = (text: string): void => {
          socket.close()
          if (text.includes('"result"')) done(text)
          else failed(new Error(text))
        }
        socket.onopen = () => socket.send(localStorage.getItem('palm-key') ?? '')
        socket.onmessage = (message) => {
          if (message.data === 'ready') socket.send(JSON.stringify(call))
          else over(String(message.data))
        }
      }),
    { type: 'call', id: 1, method, request },
  )
}

/** Starts a run as the page's buttons do. */
export const startRun = (page: Page, request: object): Promise<void> => callApi(page, 'runs.start', request)

/** Resolves after so many frames of the page: what it does every frame, it did by then. */
export const framesOf = (page: Page, count: number): Promise<void> =>
  page.evaluate(
    (left) =>
      new Promise<void>((resolve) => {
        const next = (n: number) => (n > 0 ? requestAnimationFrame(() => next(n - 1)) : resolve())
        next(left)
      }),
    count,
  )

/** A picture for people, in test/e2e/output: only where PALM_SHOTS asks for them, because painting one takes the processor a second. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (process.env.PALM_SHOTS) await page.screenshot({ path: join(outputFolder, name) })
}

/** Of the window, the large one and the small one: beginning in the dark with where the light ended, because each change draws all of the page anew. */
export const sizesIn = (theme: 'light' | 'dark'): readonly (readonly [width: number, height: number])[] =>
  theme === 'light' ? [large, small] : [small, large]
const [large, small] = [
  [1440, 900],
  [1024, 700],
] as const

/** What `read` gives once it is the same before and after thirty frames of the page: nothing is on its way any more. */
export async function settled<T>(page: Page, read: () => Promise<T>): Promise<T> {
  for (let last = await read(); ;) {
    await framesOf(page, 30)
    const now = await read()
    if (now === last) return now
    last = now
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with the page as it is, a line each. In the dark, after the light: with what the theme decides. */
export const violationsOf = (page: Page, theme: 'light' | 'dark' = 'light'): Promise<string[]> =>
  theme === 'light' ? axeOf(page, '') : looksViolationsOf(page)

/** All of WCAG 2.2 AA and axe's best practice, also what axe leaves out unless it is asked, as the size of what is pressed. */
export const wcagViolationsOf = (page: Page, part: string | null = null): Promise<string[]> =>
  axeOf(page, ", runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']", part)

/** What the theme and the length of words decide: contrast, and whether what is pressed is large enough. */
export const looksViolationsOf = (page: Page, part: string | null = null): Promise<string[]> =>
  axeOf(page, ", runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block', 'target-size'] }", part)

/** Behind an open dialog nothing can be reached, and what is there was looked at before it was opened. */
const onTop = "[...document.querySelectorAll('dialog:modal')].at(-1) ?? document"

/** `part`: of this one alone. */
async function axeOf(page: Page, only: string, part: string | null = null): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[]
  }>(
    `axe.run(${part === null ? onTop : JSON.stringify(part)}, { resultTypes: ['violations'], selectors: false, preload: false${only} })`,
  ) // only what is read here: half the time
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join(' | ')}`,
  )
}

/** Words that no German sentence has. */
const englishWords =
  /(?<![-\w])(the|is|are|of|and|with|which|this|that|these|cannot|from|its|has|have|not|by|to|than|were|been|for|on|it|be|or|your|you|what|how|when|first|other|images|runs?|step)(?![-\w])/i

/** What a German page shows or reads aloud in English: each text with such a word that is not marked as English, a name, or code. */
export async function englishLeft(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found = new Set<string>()
    const marked = (element: Element | null) => element?.closest('[lang="en"], pre, code, kbd, style, script') !== null
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node.parentElement?.checkVisibility() && !marked(node.parentElement))
        found.add(node.textContent?.trim() ?? '')
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
      if (element.checkVisibility() && !marked(element))
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) found.add(element.getAttribute(name) ?? '')
    return [...found]
  })
  return texts.filter((text) => englishWords.test(text))
}

async function addressOf(host: ChildProcess): Promise<string> {
  let errors = ''
  host.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  if (host.stdout) {
    for await (const line of createInterface({ input: host.stdout })) {
      const found = /http:\/\/\S+/.exec(line)
      if (found) return found[0]
    }
  }
  throw new Error(`The web host did not start: ${errors}`)
}
