// The screens and dialogs that are walked through, in an order in which one leads to the next; how one gets to each with keys alone.
import type { Locator, Page } from 'playwright-core'
import { runName } from './walked-data.ts'

export const button = (of: Page | Locator, name: string | RegExp): Locator =>
  of.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).first()
export const region = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })

/** Once it is there and can be pressed: a run that starts has no Pause yet. */
const enabled = (wanted: Locator) => wanted.and(wanted.page().locator(':not(:disabled)')).waitFor()

/** Tab until `wanted` has the focus. @throws Error where it never comes to it */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await enabled(wanted)
  // Looked for once, which takes the page longer than a Tab; again where it was drawn anew, and now and then.
  let element = await wanted.elementHandle()
  for (let presses = 0; presses < 300; presses++) {
    const found = await element?.evaluate((one) => (one.isConnected ? one === document.activeElement : null))
    if (found === true) return
    if (found !== false || presses % 20 === 19) element = await wanted.elementHandle()
    if (found === false) await page.keyboard.press('Tab')
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
  /** What of it was not there on the screen before: it alone is walked. */
  readonly part?: string
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
  part: '.area-batch',
  async go(page) {
    await pressed(page, button(page.locator('.area-batch .choice'), name))
    await shows(page).first().waitFor()
  },
})
const inMap = (name: string, shows: (page: Page) => Locator): WalkedScreen => ({
  name: `Layer map, ${name}`,
  part: '.area-map',
  async go(page) {
    await pressed(page, button(region(page, 'Layer map'), name))
    await shows(page).first().waitFor()
  },
})
const results = (name: string, kind: string, shows: (page: Page) => Locator): WalkedScreen => ({
  name: `Sweeps, ${name}`,
  part: 'main',
  async go(page) {
    const chosen = page.getByRole('main').getByLabel('Show')
    await tabTo(page, chosen)
    await chosen.selectOption(kind)
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
  view('Sweeps', (page) => page.getByRole('img', { name: /^PALM, lambda: 0: / })),
  results('errors', 'errors', (page) => page.locator('article tbody tr')),
  results('importance', 'importance', (page) => page.locator('section rect')),
  view('Models', (page) => region(page, 'Models')),
  view('Webcam', (page) => button(page, 'Start the camera')),
  view('Settings', (page) => page.getByRole('navigation', { name: 'Settings' })),
  ...['Computing', 'Data folder', 'Storage', 'Log', 'System report', 'About'].map((title): WalkedScreen => ({
    name: `Settings, ${title}`,
    part: 'main',
    async go(page) {
      await pressed(page, button(page.getByRole('navigation', { name: 'Settings' }), title))
      await region(page, title).getByRole('heading', { level: 1 }).waitFor()
    },
  })),
]

export interface WalkedDialog {
  readonly name: string
  /** The view of what opens it. */
  readonly in: 'Live' | 'Sweeps' | 'Models'
  readonly opener: (page: Page) => Locator
  /** Before it is opened. */
  readonly first?: (page: Page) => Promise<void>
}

const timeline = (page: Page) => region(page, 'Timeline')
export const walkedDialogs: readonly WalkedDialog[] = [
  { name: 'Export', in: 'Live', opener: (page) => button(page, 'Export…') },
  { name: 'Keys', in: 'Live', opener: (page) => button(page, 'Keyboard shortcuts') },
  { name: 'Checkpoints', in: 'Live', opener: (page) => button(timeline(page), 'Compare…') },
  { name: 'Storage', in: 'Live', opener: (page) => button(timeline(page), 'Storage…') },
  {
    name: 'Branch',
    in: 'Live',
    opener: (page) => button(timeline(page), 'Branch with other options…'),
    async first(page) {
      await pressed(page, timeline(page).getByRole('slider'), 'Home')
    },
  },
  {
    name: 'Tensor',
    in: 'Live',
    opener: (page) => page.getByRole('img', { name: /^Layer map/ }),
    async first(page) {
      await tabTo(page, page.getByRole('img', { name: /^Layer map/ }))
      for (const key of ['ArrowLeft', 'ArrowDown']) await page.keyboard.press(key)
    },
  },
  { name: 'Images', in: 'Live', opener: (page) => button(page, 'Images of fog 5') },
  { name: 'New sweep', in: 'Sweeps', opener: (page) => button(page, 'New sweep…') },
  { name: 'Lab', in: 'Sweeps', opener: (page) => button(page, /^Lab…/) },
  { name: 'Choose a model', in: 'Models', opener: (page) => button(page, 'Choose a file…') },
]
