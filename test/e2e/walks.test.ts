// Without a pointer and with a screen reader, on every screen and in every dialog: Tab comes to everything, one sees where one is, the focus is never lost, everything says what it is, in
// both languages and themes. The running webcam and the stage are walked in their own tests.
import { rmSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { callApi, chromiumPath, openApp, smallSample, type RunningApp } from './app-in-browser.ts'
import { treeOf } from './read-aloud.ts'
import { walkedData, type WalkedData } from './walked-data.ts'
import { button, pressed, region, tabTo, walkedDialogs, walkedScreens } from './walked-screens.ts'
import { tabbed, walked } from './walked.ts'

const executable = chromiumPath()
const landmarks = ['banner', 'main']

describe.skipIf(!executable)('without a pointer, and with a screen reader', () => {
  let app: RunningApp
  let made: WalkedData

  beforeAll(async () => {
    made = await walkedData()
    app = await openApp(executable as string, ['--no-demo', '--data', made.data])
  })
  afterAll(async () => {
    await app?.close()
    if (made) rmSync(made.folder, { recursive: true, force: true })
  })

  // One test that fails takes no other with it.
  beforeEach(async () => {
    while ((await modal(app.page).count()) > 0) await app.page.keyboard.press('Escape')
  })

  const focused = (page: Page) =>
    page.evaluate(() => {
      const { activeElement } = document
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim() ?? ''
    })
  const has = (wanted: Locator) => wanted.evaluate((element) => element === document.activeElement)
  const nowhere = (page: Page) => page.evaluate(() => document.activeElement === document.body)
  const modal = (page: Page) => page.locator('dialog:modal')
  const live = async () => {
    await pressed(app.page, button(app.page, 'Live'))
    await app.page.getByRole('img', { name: /^Layer map/ }).waitFor()
  }
  const showRun = async (name: string) => {
    const runs = app.page.getByRole('combobox', { name: 'Run', exact: true })
    const option = runs.locator('option', { hasText: name })
    await option.waitFor({ state: 'attached' })
    await runs.selectOption((await option.getAttribute('value')) ?? '')
  }
  /** Opened by `opener`: takes the focus, keeps it, shows it, says what is in it, and gives it back. */
  async function throughDialog(name: string, opener: Locator, within: () => Promise<void> = async () => undefined) {
    const { page } = app
    const before = await modal(page).count()
    await pressed(page, opener)
    await expect.poll(() => modal(page).count()).toBe(before + 1)
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
    await walked(page, name, before === 0 ? 'dialog:modal' : null)
    await within()
    await page.keyboard.press('Escape')
    await expect.poll(() => modal(page).count()).toBe(before)
    await expect.poll(async () => [name, await has(opener)]).toEqual([name, true])
  }

  test('every screen: Tab comes to every control, none of them unseen, and round again; each is named, in its language, with enough contrast', async () => {
    const { page } = app
    for (const { name, go, part } of walkedScreens) {
      await go(page)
      const stops = await walked(page, name, part ?? null, part ? 1 : 12)
      if (part) continue
      expect.soft([name, stops.includes('a “Skip to the content”')]).toEqual([name, true])
      const roles = new Set((await treeOf(page)).map(({ role }) => role))
      expect.soft([name, landmarks.filter((role) => !roles.has(role))]).toEqual([name, []])
    }
    expect(app.faults).toEqual([])
  })

  test('each dialog takes the focus, keeps it, shows it, and gives it back to what opened it', async () => {
    const { page } = app
    for (const dialog of walkedDialogs) {
      await pressed(page, button(page, dialog.in))
      await dialog.first?.(page)
      await throughDialog(dialog.name, dialog.opener(page))
    }
    expect(app.faults).toEqual([])
  })

  test('the form of a new run, its picker of files, and what is wrong with a field', async () => {
    const { page } = app
    await live()
    const form = page.getByRole('dialog', { name: 'New run' })
    await throughDialog('New run', button(page, 'New run…'), async () => {
      const size = form.getByLabel('Batch size')
      await size.fill('0')
      await page.keyboard.press('Tab')
      await expect.poll(() => size.getAttribute('aria-invalid')).toBe('true')
      const said = () =>
        size.evaluate(
          (field) => document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent ?? '',
        )
      await expect.poll(said).toMatch(/\w+ \w+/)
      await size.fill('10')
      await expect.poll(() => size.getAttribute('aria-invalid')).toBe(null)
      // The grid of corruptions is one stop; arrows go through it.
      const place = () => page.evaluate(() => document.activeElement?.getAttribute('data-at') ?? '')
      await tabTo(page, form.locator('[data-at][tabindex="0"]'))
      const from = (await place()).split(' ').map(Number)
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowRight')
      await expect.poll(place).toBe(from.map((at) => at + 1).join(' '))
      const own = form.getByRole('radio', { name: 'Images of my own' })
      await tabTo(page, form.locator('input[type=radio]:checked').first())
      for (let presses = 0; presses < 5 && !(await own.isChecked()); presses++) await page.keyboard.press('ArrowDown')
      await expect.poll(() => own.isChecked()).toBe(true)
      const path = form.getByLabel('Images: Path')
      await path.fill(made.images)
      const list = page.getByRole('listbox', { name: 'What lies here' })
      await throughDialog('Choose images', button(form, 'Choose…'), async () => {
        await tabTo(page, list)
        await expect.poll(() => list.getAttribute('aria-activedescendant')).toBe('file-0')
        await page.keyboard.press('ArrowDown')
        await expect.poll(() => list.getAttribute('aria-activedescendant')).toBe('file-1')
      })
    })
  })

  test('a run under way: its buttons hand the focus on, its options take it and give it back, what is lined up moves by keys', async () => {
    const { page } = app
    await live()
    await callApi(page, 'runs.start', { ...smallSample, name: 'Lauf 9', limit: 250 })
    await showRun('Lauf 9')
    await pressed(page, button(page, 'Pause'))
    await button(page, 'Continue').waitFor()
    await expect.poll(() => focused(page)).toBe('Continue')
    await walked(page, 'Live, under way', null, 30)

    const change = button(region(page, 'Timeline'), /^Change options/)
    const panel = region(page, 'Options of the run')
    for (const close of [() => page.keyboard.press('Escape'), () => pressed(page, button(panel, 'Close'))]) {
      await pressed(page, change)
      await expect.poll(() => has(panel)).toBe(true)
      await page.keyboard.press('Tab')
      await expect.poll(() => panel.evaluate((one) => one.contains(document.activeElement))).toBe(true)
      await close()
      await panel.waitFor({ state: 'detached' })
      await expect.poll(() => has(change)).toBe(true)
    }
    await pressed(page, change)
    await walked(page, 'Options of the run', '.panel.over')
    await page.keyboard.press('Escape')

    for (const name of ['eins', 'zwei', 'drei'])
      await callApi(page, 'queue.add', { work: { kind: 'start', options: { ...smallSample, name } } })
    await throughDialog('Queue', button(page, /^Queue of runs/), async () => {
      const rows = page.getByRole('list', { name: 'Queue of runs' })
      const names = () => rows.locator('strong').allInnerTexts()
      await tabTo(page, rows.getByRole('button').first())
      await page.keyboard.press('ArrowDown')
      await expect.poll(() => focused(page)).toContain('zwei')
      await page.keyboard.press('Alt+ArrowUp')
      await expect.poll(names).toEqual(['zwei', 'eins', 'drei'])
      await expect.poll(() => focused(page)).toContain('zwei')
      for (const left of [2, 1]) {
        await page.keyboard.press('Delete')
        await expect.poll(async () => [(await names()).length, await nowhere(page)]).toEqual([left, false])
      }
      await page.keyboard.press('Delete')
      await expect.poll(() => rows.locator('strong').count()).toBe(0)
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
    })
    await pressed(page, button(page, 'Stop'))
    await page.getByText('Stopped; it can be resumed').waitFor()
    await expect.poll(() => nowhere(page)).toBe(false)
    expect(app.faults).toEqual([])
  })

  test('the first-run tour is walked by keys, and gives the focus back', async () => {
    const { page } = app
    await live()
    const help = button(page, 'Keyboard shortcuts')
    await tabTo(page, help)
    await page.keyboard.press('Control+k')
    const command = page.getByRole('combobox', { name: 'Type a command' })
    await command.fill('tour')
    await page.keyboard.press('Enter')
    const card = page.locator('[aria-labelledby="tour-title"]')
    await expect.poll(() => focused(page)).toBe('Next')
    await walked(page, 'Tour', '[aria-labelledby="tour-title"]')
    await tabTo(page, button(card, 'Next'))
    await page.keyboard.press('Enter')
    await expect.poll(() => card.innerText()).toContain('2 of 6')
    await expect.poll(() => focused(page)).toBe('Next')
    await tabbed(page, 'Tour, second', '[aria-labelledby="tour-title"]', 3)
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    await expect.poll(() => nowhere(page)).toBe(false)
  })

  test('where arrow keys move, they move', async () => {
    const { page } = app
    await live()
    await showRun('A small run')
    await button(page, 'Images of fog 5').waitFor()
    const moves = async (what: Locator, keys: readonly string[], read: () => Promise<string | null>) => {
      await tabTo(page, what)
      for (const key of keys) {
        const before = await read()
        await page.keyboard.press(key)
        await expect.poll(async () => [String(what), key, (await read()) !== before]).toEqual([String(what), key, true])
      }
    }
    const value = (of: Locator) => () => of.getAttribute('aria-valuenow')
    const readout = (of: Locator) => () => of.locator('.readout').innerText()
    const map = region(page, 'Layer map')
    await moves(page.getByRole('img', { name: /^Layer map/ }), ['ArrowLeft', 'ArrowDown', 'ArrowUp'], readout(map))
    await pressed(page, button(map, 'Network'))
    await moves(map.getByRole('button', { name: /stem|conv1/ }).first(), ['ArrowRight', 'ArrowLeft', 'End'], () =>
      focused(page),
    )
    await pressed(page, button(map, 'Matrix'))
    await pressed(page, button(page.locator('.area-batch .choice'), 'Confusion'))
    const confusion = page.getByRole('application', { name: /^Confusion/ })
    const batch = page.locator('.area-batch')
    await moves(confusion, ['ArrowRight', 'ArrowDown', 'ArrowRight'], readout(batch))
    const accuracy = page.locator('.area-accuracy')
    await moves(accuracy.locator('.plot'), ['ArrowLeft', 'Home'], () => accuracy.locator('.where').innerText())
    const timeline = region(page, 'Timeline').getByRole('slider')
    await pressed(page, timeline, 'Home')
    await moves(timeline, ['ArrowRight', 'Home'], value(timeline))
    const splitter = page.locator('[role=separator][aria-orientation=vertical]').first()
    await moves(splitter, ['ArrowRight', 'ArrowLeft'], value(splitter))
    await pressed(page, button(page, 'History'))
    await moves(page.locator('tbody .name button').first(), ['ArrowDown', 'ArrowUp'], () => focused(page))
  })

  test('the first Tab offers to skip the header', async () => {
    const { page } = app
    await live()
    await page.keyboard.press('Shift+Tab') // Live is the first view's button
    await expect.poll(() => focused(page)).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
    await page.keyboard.press('Tab')
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
  })

  test('Escape closes the top-most of two dialogs, and the focus goes back one after the other', async () => {
    const { page } = app
    await live()
    await pressed(page, button(page, 'Images of fog 5'))
    const dialogs = page.locator('dialog[open]')
    await pressed(page, button(dialogs, /^Enlarge /))
    await expect.poll(() => dialogs.count()).toBe(2)
    await page.keyboard.press('Escape')
    await expect.poll(() => dialogs.count()).toBe(1)
    await expect.poll(() => focused(page)).toMatch(/^Enlarge /)
    await page.keyboard.press('Escape')
    await expect.poll(() => dialogs.count()).toBe(0)
    await expect.poll(() => focused(page)).toBe('Images of fog 5')
  })

  test('what goes while it has the focus hands it on', async () => {
    const { page } = app
    await live()
    await pressed(page, button(region(page, 'Layer map'), 'Enlarge'))
    await pressed(page, button(region(page, 'Layer map'), 'Back to the overview'))
    await expect.poll(() => nowhere(page)).toBe(false)
    await pressed(page, button(page, 'History'))
    const row = page.locator('tr', { hasText: 'Seed 2' })
    const mark = row.getByRole('checkbox').first()
    if (!(await mark.isChecked())) await pressed(page, mark, 'Space')
    await pressed(page, button(page, 'Delete…'))
    await expect.poll(() => focused(page)).toMatch(/^Delete \d run/) // in the place of what asked
    await page.keyboard.press('Enter')
    await row.waitFor({ state: 'detached' })
    await expect.poll(() => nowhere(page)).toBe(false)
    await pressed(page, button(page, 'Undo'))
    await row.waitFor()
    await expect.poll(() => nowhere(page)).toBe(false)
  })

  test('a menu opens, closes by Escape, and has its button focused again', async () => {
    const { page } = app
    await live()
    const save = button(region(page, 'Error per domain, %'), 'Save…')
    await pressed(page, save)
    await expect.poll(() => save.getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('Tab')
    await expect.poll(() => focused(page)).not.toBe('Save…')
    await page.keyboard.press('Escape')
    await expect.poll(() => save.getAttribute('aria-expanded')).toBe('false')
    await expect.poll(() => focused(page)).toBe('Save…')
  })

  test('the language may change meanwhile', async () => {
    const { page } = app
    await live()
    await tabTo(page, button(page, 'New run…'))
    await callApi(page, 'settings.change', { changes: { language: 'de' } })
    await expect.poll(() => focused(page)).toBe('Neuer Lauf…')
    await callApi(page, 'settings.change', { changes: { language: 'en' } })
    await expect.poll(() => focused(page)).toBe('New run…')
  })

  test('charts tell their numbers', async () => {
    const { page } = app
    await live()
    const images = async () =>
      (await treeOf(page)).filter(({ role, name }) => /^ima?ge?$/.test(role) && name.length > 20)
    await expect.poll(async () => (await images()).length).toBeGreaterThan(1)
    for (const { name } of await images()) expect.soft(name).toMatch(/\d/)
  })
})
