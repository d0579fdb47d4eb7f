// How long a newcomer waits on a prepared machine: from `npm start` to the page, to a run under way, to curves that move, in a real Chromium.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromiumPath, sharedBrowser } from '#test/e2e/app-in-browser.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface FirstLaunchRow {
  readonly what: string
  /** Since the command was given. */
  readonly ms: number
  readonly load: number
  /** Of the processor, by the command and all that it started: what a busy machine does not change. NaN where there is no /proc. */
  readonly processorMs: number
}

const ticksPerSecond = 100

/** Of a process and all below it, those that ended among them. */
function processorMs(root: number): number {
  try {
    const fields = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
          return [[name, ...stat.slice(stat.lastIndexOf(')') + 2).split(' ')]]
        } catch {
          return [] // it has just ended
        }
      })
    const own = new Set([String(root)])
    for (let before = 0; before !== own.size;) {
      before = own.size
      for (const [pid = '', , parent = ''] of fields) if (own.has(parent)) own.add(pid)
    }
    // utime, stime, cutime, cstime: fields 14 to 17 of proc(5).
    const ticks = fields
      .filter(([pid = '']) => own.has(pid))
      .reduce((sum, one) => sum + one.slice(12, 16).reduce((all, value) => all + Number(value), 0), 0)
    return (1000 * ticks) / ticksPerSecond
  } catch {
    return Number.NaN
  }
}

/** With a data folder that never was; a browser's own start is not counted, as it is not where one is open. `toTheEnd`: until the first run is done. */
export async function benchFirstLaunch(
  toTheEnd: boolean,
  tell: (row: FirstLaunchRow) => void,
): Promise<FirstLaunchRow[]> {
  const executable = chromiumPath()
  if (!executable) return []
  const browser = await sharedBrowser(executable)
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  page.setDefaultTimeout(600_000)
  const data = mkdtempSync(join(tmpdir(), 'palm-bench-launch-'))
  const rows: FirstLaunchRow[] = []
  const began = performance.now()
  const at = (what: string): void => {
    const row = {
      what,
      ms: performance.now() - began,
      load: loadavg()[0] ?? Number.NaN,
      processorMs: processorMs(started.pid ?? -1),
    }
    rows.push(row)
    tell(row)
  }
  const started = spawn(process.execPath, [join(root, 'build/start.mjs'), '--web', '--no-open', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    for await (const line of createInterface({ input: started.stdout })) {
      const address = /http:\/\/\S+/.exec(line)?.[0]
      if (!address) continue
      at('the address is printed')
      await page.goto(address)
      break
    }
    await page.locator('header.top').waitFor()
    at('the page is there')
    await page.locator('.progress').waitFor()
    at('the run is on the screen')
    for (const [steps, text] of [
      [1, /Step [1-9]\d* \//],
      [3, /Step ([3-9]|\d\d+) \//],
    ] as const) {
      await page.locator('.progress').getByText(text).first().waitFor()
      at(`${steps === 1 ? 'the first step is' : `${steps} steps are`} in the curves`)
    }
    if (toTheEnd) {
      await page.locator('.progress').getByText('Done').first().waitFor()
      at('the first run is done')
    }
  } finally {
    await page.context().close()
    await browser.close()
    const gone = new Promise((resolve) => started.once('exit', resolve))
    started.kill('SIGTERM')
    await gone
    rmSync(data, { recursive: true, force: true })
  }
  return rows
}
