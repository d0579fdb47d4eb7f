// One small real run, two stored ones to compare it with, and the screens over them: what the walks by keyboard and by screen reader go through.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore } from '#store/store.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'
import { smallSample } from './app-in-browser.ts'

export const runName = 'A small run'

/** @returns a data folder of one's own */
export async function walkedData(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'palm-walk-'))
  const store = openStore(join(data, 'palm.sqlite'))
  storeRun(store, { options: { name: 'Seed 1', seed: 1 } })
  storeRun(store, { options: { name: 'Seed 2', seed: 2 }, createdAt: 1.71e12 })
  const runs = openRuns({
    program: 'test',
    store,
    dataFolder: data,
    resourcesFolder: fileURLToPath(new URL('../../resources', import.meta.url)),
    startSession: forkedProcesses().session,
    workers: 1,
    preview: true,
    now: Date.now,
  })
  const run = runs.sessions.start(
    runOptionsSchema.parse({ ...smallSample, name: runName, corruptions: ['gaussian_noise', 'fog'], limit: 20 }),
  )
  await runs.sessions.over(run)
  const { status } = store.runs.get(run)
  store.close()
  if (status !== 'done') throw new Error(`The run that is shown is ${status}.`)
  return data
}

export const button = (of: Page | Locator, name: string | RegExp): Locator =>
  of.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).first()
export const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })

/** Tab until `wanted` has the focus. @throws Error where it never comes to it */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor()
  for (let presses = 0; presses < 300; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not come to ${String(wanted)}.`)
}
/** As one without a pointer does it. */
export async function pressed(page: Page, wanted: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, wanted)
  await page.keyboard.press(key)
}

export interface WalkedScreen {
  readonly name: string
  /** With keys alone. */
  readonly go: (page: Page) => Promise<void>
}

const view = (name: string, shows: (page: Page) => Locator): WalkedScreen => ({
  name,
  async go(page) {
    await pressed(page, button(page, name))
    await shows(page).waitFor()
  },
})
const panel = (name: string, shows: (page: Page) => Locator): WalkedScreen => ({
  name: `Live, ${name}`,
  async go(page) {
    await pressed(page, button(page.locator('.area-batch .choice'), name))
    await shows(page).first().waitFor()
  },
})
const inMap = (name: string, shows: (page: Page) => Locator): WalkedScreen => ({
  name: `Layer map, ${name}`,
  async go(page) {
    await pressed(page, button(region(page, 'Layer map'), name))
    await shows(page).first().waitFor()
  },
})

export const walkedScreens: readonly WalkedScreen[] = [
  view('Live', (page) => page.getByRole('img', { name: /^Layer map/ })),
  panel('Predictions', (page) => region(page, 'Predictions')),
  panel('Losses and shares', (page) => page.getByRole('combobox', { name: 'Show' })),
  panel('Confusion', (page) => page.getByRole('application', { name: /^Confusion/ })),
  inMap('Table', (page) => region(page, 'Layer map').locator('tbody tr')),
  inMap('Network', (page) => region(page, 'Layer map').locator('[role=button]')),
  inMap('Matrix', (page) => page.getByRole('img', { name: /^Layer map/ })),
  view('History', (page) => page.locator('tbody tr', { hasText: runName })),
  {
    name: 'Compare',
    async go(page) {
      for (const name of ['Seed 1', 'Seed 2'])
        await pressed(page, page.locator('tr', { hasText: name }).getByRole('checkbox').first(), 'Space')
      await pressed(page, button(page, /^Compare/))
      await page.getByRole('heading', { name: 'Results' }).waitFor()
    },
  },
  view('Sweeps', (page) => button(page, 'New sweep…')),
  view('Models', (page) => region(page, 'Models')),
  view('Webcam', (page) => button(page, 'Start the camera')),
  view('Settings', (page) => page.getByRole('navigation', { name: 'Settings' })),
  ...['Computing', 'Data folder', 'Storage', 'Log', 'System report', 'About'].map((title): WalkedScreen => ({
    name: `Settings, ${title}`,
    async go(page) {
      await pressed(page, button(page.getByRole('navigation', { name: 'Settings' }), title))
      await region(page, title).getByRole('heading', { level: 1 }).waitFor()
    },
  })),
]

export interface WalkedDialog {
  readonly name: string
  /** What opens it, in the view of that name, or in the dialog before it in the list. */
  readonly in: 'Live' | 'Sweeps' | 'Models'
  readonly opener: (page: Page) => Locator
  readonly key?: string
}

const timeline = (page: Page) => region(page, 'Timeline')
export const walkedDialogs: readonly WalkedDialog[] = [
  { name: 'New run', in: 'Live', opener: (page) => button(page, 'New run…') },
  { name: 'Export', in: 'Live', opener: (page) => button(page, 'Export…') },
  { name: 'Queue', in: 'Live', opener: (page) => button(page, /^Queue of runs/) },
  { name: 'Keys', in: 'Live', opener: (page) => button(page, 'Keyboard shortcuts') },
  { name: 'Checkpoints', in: 'Live', opener: (page) => button(timeline(page), 'Compare…') },
  { name: 'Storage', in: 'Live', opener: (page) => button(timeline(page), 'Storage…') },
  { name: 'Tensor', in: 'Live', opener: (page) => page.getByRole('img', { name: /^Layer map/ }) },
  { name: 'Images', in: 'Live', opener: (page) => button(page, 'Images of fog 5') },
  { name: 'New sweep', in: 'Sweeps', opener: (page) => button(page, 'New sweep…') },
  { name: 'Choose a model', in: 'Models', opener: (page) => button(page, 'Choose a file…') },
]
