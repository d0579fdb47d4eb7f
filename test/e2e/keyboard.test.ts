// Without a pointer: Tab comes to everything, one sees where one is, and the focus is never lost.
import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApi, chromiumPath, openApp, type RunningApp } from './app-in-browser.ts'
import { walk } from './tab-walk.ts'
import { button, pressed, region, tabTo, walkedData, walkedDialogs, walkedScreens } from './walked-screens.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('by keyboard alone', () => {
  let app: RunningApp
  let data: string

  beforeAll(async () => {
    data = await walkedData()
    app = await openApp(executable as string, ['--no-demo', '--data', data])
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const focused = (page: Page) =>
    page.evaluate(() => {
      const { activeElement } = document
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim() ?? ''
    })
  /** Once all of it is there: what comes while it is walked through is missed that time. */
  const walked = (name: string, fits: (order: readonly string[]) => boolean) =>
    expect
      .poll(async () => {
        const { order, missed, unseen } = await walk(app.page)
        return { name, missed, unseen, fits: fits(order) }
      })
      .toEqual({ name, missed: [], unseen: [], fits: true })
  const nowhere = (page: Page) => page.evaluate(() => document.activeElement === document.body)
  const live = async () => {
    await pressed(app.page, button(app.page, 'Live'))
    await app.page.getByRole('img', { name: /^Layer map/ }).waitFor()
  }

  test('Tab comes to every control of every screen, none of them unseen, and round again', async () => {
    const { page } = app
    for (const { name, go } of walkedScreens) {
      await go(page)
      await walked(name, (order) => order.length > 12 && order.includes('a “Skip to the content”'))
    }
    expect(app.faults).toEqual([])
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

  test('each dialog takes the focus, keeps it, shows it, and gives it back to what opened it', async () => {
    const { page } = app
    for (const dialog of walkedDialogs) {
      const { name } = dialog
      await pressed(page, button(page, dialog.in))
      if (name === 'Tensor') {
        await tabTo(page, dialog.opener(page))
        for (const key of ['ArrowLeft', 'ArrowDown']) await page.keyboard.press(key)
      }
      await pressed(page, dialog.opener(page))
      const modal = page.locator('dialog:modal')
      await modal.waitFor()
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true)
      await walked(name, (order) => order.length > 0)
      await page.keyboard.press('Escape')
      await modal.waitFor({ state: 'detached' })
      const back = () => dialog.opener(page).evaluate((element) => element === document.activeElement)
      await expect.poll(async () => [name, await back()]).toEqual([name, true])
    }
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
    await tabTo(page, button(page, 'Pause').or(button(page, 'New run…')))
    await callApi(page, 'settings.change', { changes: { language: 'de' } })
    await expect.poll(() => focused(page)).toBe('Neuer Lauf…')
    await callApi(page, 'settings.change', { changes: { language: 'en' } })
    await expect.poll(() => focused(page)).toBe('New run…')
  })
})
