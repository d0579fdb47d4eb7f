// The screens that are photographed, in an order in which one leads to the next; how one gets to each, in English, and leaves it again.
import type { Locator, Page } from 'playwright-core'
import { callApi, framesOf, type RunningApp } from '#test/e2e/app-in-browser.ts'
import { ownImages } from './seed.ts'

export interface Place {
  readonly app: RunningApp
  /** Where data, images and model of one's own lie. */
  readonly folder: string
}

export interface Screen {
  readonly name: string
  /** Of a data folder in which nothing is yet. */
  readonly empty?: boolean
  /** One of the user's guide's pictures. */
  readonly inGuide?: boolean
  go(place: Place): Promise<void>
  leave?(place: Place): Promise<void>
}

const button = (of: Page | Locator, name: string | RegExp) =>
  of.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).first()
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog').last()
const view = async (page: Page, name: string): Promise<void> => button(page, name).click()
/** Keys are the window's when nothing has the focus. */
const press = async (page: Page, key: string): Promise<void> => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press(key)
}
const escape = async ({ app }: Place): Promise<void> => app.page.keyboard.press('Escape')
const showRun = async (page: Page, name: string): Promise<void> => {
  await view(page, 'Live')
  const runs = page.getByRole('combobox', { name: 'Run', exact: true })
  const option = runs.locator('option', { hasText: name }).first()
  await runs.selectOption((await option.getAttribute('value')) ?? '')
  await page.locator('.area-map canvas').first().waitFor()
}
const panelOf = async (page: Page, name: string): Promise<void> =>
  page.locator('.area-batch .choice').getByRole('button', { name, exact: true }).click()

const live = {
  name: 'Live',
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  batchSize: 20,
  limit: 100,
  lanes: [
    { id: 'source', label: 'Source', options: { method: 'source' } },
    { id: 'norm', label: 'BN-1', options: { method: 'norm' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm', kappa: 2e-3, eta: 0.05 } },
  ],
}
const until = async (page: Page, holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await framesOf(page, 5)
}
const steps = async (page: Page): Promise<number> =>
  Number(/Step (\d+) \//.exec(await page.locator('.progress').innerText())?.[1] ?? -1)

const beginnings: readonly Screen[] = [
  ...['History', 'Sweeps', 'Models'].map((title): Screen => ({
    name: `${title.toLowerCase()}-empty`,
    empty: true,
    go: ({ app }) => view(app.page, title),
  })),
  { name: 'live-empty', empty: true, go: ({ app }) => view(app.page, 'Live') },
]

const liveScreens: readonly Screen[] = [
  {
    name: 'live',
    inGuide: true,
    async go({ app: { page } }) {
      await callApi(page, 'runs.start', live)
      await showRun(page, ': Live')
      await until(page, async () => (await steps(page)) >= 52)
      await button(page, 'Pause').click()
      await page.getByText('Paused').waitFor()
    },
  },
  {
    name: 'curves',
    inGuide: true,
    go: ({ app }) => panelOf(app.page, 'Losses and shares'),
  },
  { name: 'predictions', go: ({ app }) => panelOf(app.page, 'Predictions') },
  {
    name: 'confusion',
    inGuide: true,
    go: ({ app }) => panelOf(app.page, 'Confusion'),
  },
  {
    name: 'timeline',
    inGuide: true,
    async go({ app: { page } }) {
      await panelOf(page, 'Current batch')
      await region(page, 'Timeline').getByRole('slider').focus()
      await page.keyboard.press('Home')
    },
  },
  {
    name: 'options',
    inGuide: true,
    go: ({ app: { page } }) => button(region(page, 'Timeline'), /^Change options/).click(),
    leave: ({ app: { page } }) => button(region(page, 'Options of the run'), 'Close').click(),
  },
  {
    name: 'layer-map',
    inGuide: true,
    async go({ app: { page } }) {
      await button(region(page, 'Layer map'), 'Enlarge').click()
      await page.getByRole('img', { name: /^Layer map/ }).focus()
      for (const key of ['ArrowLeft', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key)
    },
  },
  { name: 'layer-table', go: ({ app: { page } }) => button(region(page, 'Layer map'), 'Table').click() },
  {
    name: 'layer-network',
    inGuide: true,
    go: ({ app: { page } }) => button(region(page, 'Layer map'), 'Network').click(),
    leave: ({ app: { page } }) => button(region(page, 'Layer map'), 'Matrix').click(),
  },
  {
    name: 'tensor',
    inGuide: true,
    async go({ app: { page } }) {
      await page.getByRole('img', { name: /^Layer map/ }).focus()
      await page.keyboard.press('Enter')
      await dialog(page)
        .getByRole('img', { name: /^Values of / })
        .waitFor()
    },
    async leave(place) {
      await escape(place)
      await button(region(place.app.page, 'Layer map'), 'Back to the overview').click()
    },
  },
  {
    name: 'live-done',
    async go({ app: { page } }) {
      await button(page, 'Stop').click()
      await page.getByText('Stopped; it can be resumed').waitFor()
      await showRun(page, 'Four methods, seed 2')
    },
  },
  {
    name: 'images',
    inGuide: true,
    async go({ app: { page } }) {
      await press(page, 'i')
      await dialog(page).locator('figure canvas').nth(10).waitFor()
    },
  },
  {
    name: 'image',
    go: ({ app: { page } }) => button(dialog(page), /^Enlarge /).click(),
    async leave(place) {
      await escape(place)
      await escape(place)
    },
  },
  {
    name: 'export',
    inGuide: true,
    go: ({ app: { page } }) => button(page, 'Export…').click(),
    leave: escape,
  },
  {
    name: 'branch',
    async go({ app: { page } }) {
      await region(page, 'Timeline').getByRole('slider').focus()
      await page.keyboard.press('Home')
      await button(region(page, 'Timeline'), /^Branch/).click()
    },
    leave: escape,
  },
  {
    name: 'checkpoints',
    async go({ app: { page } }) {
      await button(region(page, 'Timeline'), 'Compare…').click()
      await dialog(page)
        .getByText(/tensors differ/)
        .waitFor()
    },
    leave: escape,
  },
  {
    name: 'storage',
    go: ({ app: { page } }) => button(region(page, 'Timeline'), 'Storage…').click(),
    leave: escape,
  },
  {
    name: 'palette',
    async go({ app: { page } }) {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Type a command' }).fill('run')
    },
    leave: escape,
  },
  { name: 'keys', go: ({ app: { page } }) => press(page, '?'), leave: escape },
]

const formScreens: readonly Screen[] = [
  {
    name: 'new-run',
    inGuide: true,
    async go({ app: { page }, folder }) {
      await view(page, 'Live')
      await page.getByRole('combobox', { name: 'Run', exact: true }).waitFor()
      await press(page, 'n')
      await dialog(page).getByLabel('Images of my own').check()
      await dialog(page).getByLabel('Images: Path').fill(ownImages(folder))
      await page.keyboard.press('Tab')
      await dialog(page).getByText('60 images in 3 classes').waitFor()
      const models = dialog(page).getByLabel('Model', { exact: true })
      await models.selectOption((await models.locator('option', { hasText: 'Tiles' }).getAttribute('value')) ?? '')
      await dialog(page).getByLabel('Class of the model for Woodland').fill('Forest')
      await page.keyboard.press('Tab')
      await dialog(page).getByRole('group', { name: 'What will be scored' }).getByRole('listitem').first().waitFor()
      await dialog(page).locator('#run-input-path').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'new-run-corruptions',
    inGuide: true,
    async go({ app: { page } }) {
      // Weather and below: what the first picture of the form does not show.
      const cell = dialog(page).locator('canvas[data-cell="fog 5"]')
      await cell.evaluate((element) => element.scrollIntoView({ block: 'center' }))
      await cell.waitFor()
    },
    leave: escape,
  },
  {
    name: 'models',
    inGuide: true,
    async go({ app: { page } }) {
      await view(page, 'Models')
      await button(region(page, 'Models'), /^Tiles, my training/).click()
      await region(page, 'The chosen model').getByText('tensors (').waitFor()
    },
  },
  {
    name: 'history',
    inGuide: true,
    async go({ app: { page } }) {
      await view(page, 'History')
      await button(page, 'Four methods, seed 2').click()
      await view(page, 'History')
    },
  },
  {
    name: 'compare',
    inGuide: true,
    async go({ app: { page } }) {
      for (const name of ['Four methods, seed 0', 'Four methods, seed 1', 'Four methods, seed 2'])
        await page.locator('tr', { hasText: name }).getByRole('checkbox').first().check()
      await press(page, 'v')
      await page.locator('main .plot canvas').first().waitFor()
    },
  },
  {
    name: 'sweeps',
    inGuide: true,
    async go({ app: { page } }) {
      await view(page, 'Sweeps')
      await button(page, /^How much consistency/).click()
      await page
        .getByRole('img', { name: /^PALM, lambda/ })
        .first()
        .waitFor()
    },
  },
  {
    name: 'sweep-table',
    inGuide: true,
    async go({ app: { page } }) {
      await page.getByLabel('Show').selectOption('errors')
      await page.locator('article tbody tr').first().waitFor()
    },
  },
  {
    name: 'sweep-layers',
    go: async ({ app: { page } }) => void (await page.getByLabel('Show').selectOption('importance')),
  },
  { name: 'sweep-form', go: ({ app: { page } }) => button(page, 'New sweep…').click(), leave: escape },
  {
    name: 'settings',
    inGuide: true,
    go: ({ app: { page } }) => view(page, 'Settings'),
  },
  ...['Computing', 'Data folder', 'Storage', 'Log', 'System report', 'About'].map((title): Screen => ({
    name: `settings-${title.toLowerCase().replaceAll(' ', '-')}`,
    async go({ app: { page } }) {
      await button(page.getByRole('navigation', { name: 'Settings' }), title).click()
      if (title === 'Computing') await page.getByText('GFLOP/s').waitFor()
    },
  })),
]

const webcamScreens: readonly Screen[] = [
  { name: 'webcam-start', go: ({ app: { page } }) => view(page, 'Webcam') },
  {
    name: 'webcam',
    inGuide: true,
    async go({ app: { page } }) {
      await view(page, 'Webcam')
      await page.getByLabel('Model').selectOption({ label: 'Bundled ResNet-20: satellite pictures only' })
      await page.getByLabel('Window, frames').fill('8')
      await button(page, 'Start the camera').click()
      await page.getByLabel('Corruption').selectOption('fog')
      const adapted = async () => Number(/(\d+) adaptation/.exec(await page.locator('.numbers').innerText())?.[1] ?? 0)
      await until(page, async () => (await adapted()) > 20)
    },
  },
  {
    name: 'stage',
    inGuide: true,
    async go({ app: { page } }) {
      await button(page, 'On stage').click()
      await page.getByRole('dialog', { name: 'Stage' }).locator('[role="radio"] canvas').nth(7).waitFor()
      await page.getByRole('radio', { name: 'Fog', exact: true }).click()
      const caption = page.getByRole('dialog', { name: 'Stage' }).locator('.caption')
      await until(page, async () => /\d+ steps/.test(await caption.innerText()))
    },
    async leave({ app: { page } }) {
      await page.keyboard.press('Escape')
      await page.keyboard.press('Escape')
      await button(page, 'Stop').click()
      await button(page, 'Start the camera').waitFor()
    },
  },
]

export const screens: readonly Screen[] = [...beginnings, ...liveScreens, ...formScreens, ...webcamScreens]
