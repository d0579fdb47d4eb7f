// How long the interface's main thread is held, in a real Chromium over the real host: a run of ten thousand steps is opened, its live tail followed, and its
// layer map used in every way. What takes more than 50 ms of the processor is marked; nothing fails.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumPath, framesOf, openApp, type RunningApp } from '#test/e2e/app-in-browser.ts'
import { longRun, writeLongRun } from '#test/helpers/long-run.ts'
import { longLayers, useLayerMap, writeLongLayers } from '#test/helpers/long-layers.ts'
import { longestTasks, startTrace } from '#test/helpers/main-thread.ts'
import { processorMs } from '#test/helpers/processor.ts'

export interface ScreenRow {
  readonly what: string
  /** By the clock, until the page has drawn. */
  readonly ms: number
  /** Of the longest task of the page's main thread. */
  readonly longestMs: number
  readonly longestProcessorMs: number
  /** Of the whole work: the page's main thread, and the host. */
  readonly pageProcessorMs: number
  readonly hostProcessorMs: number
  /** Processes that wanted a processor meanwhile: the clock means little without. */
  readonly load: number
}

/** Longest task by processor time that one does not notice. */
export const unnoticedMs = 50

async function measured(app: RunningApp, what: string, work: () => Promise<unknown>): Promise<ScreenRow> {
  const trace = await startTrace(app.page)
  const host = processorMs(app.pid)
  const began = performance.now()
  await work()
  await framesOf(app.page, 2)
  const ms = performance.now() - began
  const hostProcessorMs = processorMs(app.pid) - host
  const { longest, processor, total } = longestTasks(await trace.stop())
  return {
    what,
    ms,
    longestMs: longest,
    longestProcessorMs: processor,
    pageProcessorMs: total,
    hostProcessorMs,
    load: loadavg()[0] ?? Number.NaN,
  }
}

async function withApp(write: (data: string) => void, work: (app: RunningApp) => Promise<void>): Promise<void> {
  const executable = chromiumPath('browser')
  if (!executable) return
  const data = mkdtempSync(join(tmpdir(), 'palm-bench-screens-'))
  try {
    write(data)
    const app = await openApp(executable, ['--no-demo', '--data', data], { env: {} })
    try {
      await work(app)
    } finally {
      await app.close()
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

export async function benchScreens(tell: (row: ScreenRow) => void): Promise<ScreenRow[]> {
  const rows: ScreenRow[] = []
  const add = async (app: RunningApp, what: string, work: () => Promise<unknown>) => {
    const row = await measured(app, what, work)
    rows.push(row)
    tell(row)
  }
  let whole = 0
  let short = 0
  await withApp(
    (data) => {
      whole = writeLongRun(data, longRun)
      short = writeLongRun(data, { steps: 20, tensors: 6, domains: 2, name: 'A short run' })
    },
    async (app) => {
      const { page } = app
      const open = async (run: number, steps: number) => {
        await page.getByRole('combobox', { name: 'Run', exact: true }).selectOption(String(run))
        await page.locator('.progress').getByText(`Step ${steps} /`).first().waitFor()
      }
      await page.locator('.progress').getByText('Step 20 / 20').first().waitFor()
      for (const label of ['cold', 'again']) {
        await open(short, 20)
        await add(app, `open ${longRun.steps} steps (${label})`, () => open(whole, longRun.steps))
      }
    },
  )
  await withApp(writeLongLayers, async (app) => {
    const panel = app.page.getByRole('region', { name: 'Layer map', exact: true })
    await panel.waitFor()
    const name = `layer map of ${longLayers.steps} steps x ${longLayers.tensors} tensors`
    await add(app, `${name}: enlarge`, () => panel.getByRole('button', { name: 'Enlarge' }).click())
    await useLayerMap(app.page, (what, work) => add(app, `${name}: ${what}`, work))
    for (const what of ['Table', 'Network'])
      await add(app, `${name}: ${what.toLowerCase()}`, () => panel.getByRole('button', { name: what }).click())
  })
  return rows
}
