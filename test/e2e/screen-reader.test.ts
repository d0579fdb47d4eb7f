// What a screen reader is given, by Chromium's own tree of accessibility and by axe (WCAG 2.2 AA and its best practice), on every screen and in every dialog, in both languages and themes.
import { rmSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApi, chromiumPath, englishLeft, openApp, wcagViolationsOf, type RunningApp } from './app-in-browser.ts'
import { button, pressed, runName, tabTo, walkedData, walkedDialogs, walkedScreens } from './walked-screens.ts'

const executable = chromiumPath()

/** What must say what it is. */
const named = new Set(
  (
    'button checkbox combobox link listbox menu menuitem radio radiogroup searchbox slider spinbutton splitter switch tab textbox ' +
    'img image table grid dialog region navigation progressbar application'
  ).split(' '),
)
const landmarks = ['banner', 'main']

interface Node {
  readonly role: string
  readonly name: string
}

async function treeOf(page: Page): Promise<Node[]> {
  const client = await page.context().newCDPSession(page)
  const { nodes } = await client.send('Accessibility.getFullAXTree')
  await client.detach()
  const text = (value: { value?: unknown } | undefined) => (typeof value?.value === 'string' ? value.value.trim() : '')
  return nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => ({ role: text(role), name: text(name) }))
}

/** Levels of the headings that are shown now, in a dialog those of the dialog: none is skipped. */
const skippedHeadings = (page: Page) =>
  page.evaluate(() => {
    const top = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body
    const all = [...top.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter((one) => one.checkVisibility())
    return all
      .filter((one, i) => Number(one.tagName[1]) > Number(all[i - 1]?.tagName[1] ?? 0) + 1)
      .map((one) => one.textContent)
  })
/** Canvases that neither are hidden nor belong to something with a name. */
const bareCanvases = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('canvas')]
      .filter((one) => one.checkVisibility() && !one.closest('[aria-hidden=true], [aria-label], label, button'))
      .map((one) => one.parentElement?.outerHTML.slice(0, 120)),
  )
/** Tables without a head. */
const headless = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('table')]
      .filter((one) => one.checkVisibility() && one.querySelector('th') === null)
      .map((one) => one.getAttribute('aria-label') ?? one.outerHTML.slice(0, 80)),
  )

describe.skipIf(!executable)('with a screen reader', () => {
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

  async function put(language: 'en' | 'de', theme: 'light' | 'dark'): Promise<void> {
    await callApi(app.page, 'settings.change', { changes: { language, theme } })
    const here = () =>
      app.page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dataset.theme}`)
    await expect.poll(here).toBe(`${language} ${theme}`)
  }
  /** Whatever is on the screen. */
  async function heard(name: string): Promise<void> {
    const { page } = app
    const nameless = async () => (await treeOf(page)).filter((one) => named.has(one.role) && one.name === '')
    for (const [language, theme] of [
      ['en', 'dark'],
      ['de', 'light'],
    ] as const) {
      await put(language, theme)
      const where = `${name}, ${language}`
      await expect.poll(async () => [where, ...(await nameless())]).toEqual([where])
      expect.soft([where, ...(await skippedHeadings(page))]).toEqual([where])
      expect.soft([where, ...(await headless(page))]).toEqual([where])
      expect.soft([where, ...(await bareCanvases(page))]).toEqual([where])
      expect.soft([where, ...(await wcagViolationsOf(page))]).toEqual([where])
      if (language === 'de')
        expect.soft([where, ...(await englishLeft(page)).filter((text) => !text.includes(runName))]).toEqual([where])
    }
    await put('en', 'light')
  }

  test('every screen names what is on it, in its language, in order, and with enough contrast', async () => {
    const { page } = app
    for (const { name, go } of walkedScreens) {
      await go(page)
      await heard(name)
      const roles = new Set((await treeOf(page)).map(({ role }) => role))
      expect.soft([name, landmarks.filter((role) => !roles.has(role))]).toEqual([name, []])
    }
    expect(app.faults).toEqual([])
  })

  test('every dialog, too', async () => {
    const { page } = app
    for (const { name, in: place, opener } of walkedDialogs) {
      await pressed(page, button(page, place))
      if (name === 'Tensor') {
        await tabTo(page, opener(page))
        for (const key of ['ArrowLeft', 'ArrowDown']) await page.keyboard.press(key)
      }
      await pressed(page, opener(page))
      const modal = page.locator('dialog:modal')
      await modal.waitFor()
      await heard(name)
      await page.keyboard.press('Escape')
      await modal.waitFor({ state: 'detached' })
    }
    expect(app.faults).toEqual([])
  })

  test('what is wrong with a field is said beside it and belongs to it', async () => {
    const { page } = app
    await pressed(page, button(page, 'Live'))
    await pressed(page, button(page, 'New run…'))
    const size = page.getByRole('dialog').getByLabel('Batch size')
    await size.fill('0')
    await page.keyboard.press('Tab')
    await expect.poll(() => size.getAttribute('aria-invalid')).toBe('true')
    const said = () =>
      size.evaluate((field) => document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent ?? '')
    await expect.poll(said).toMatch(/\w+ \w+/)
    await size.fill('10')
    await expect.poll(() => size.getAttribute('aria-invalid')).toBe(null)
    await page.keyboard.press('Escape')
  })

  test('charts tell their numbers', async () => {
    const { page } = app
    await pressed(page, button(page, 'Live'))
    const images = async () =>
      (await treeOf(page)).filter(({ role, name }) => /^ima?ge?$/.test(role) && name.length > 20)
    await expect.poll(async () => (await images()).length).toBeGreaterThan(1)
    for (const { name } of await images()) expect.soft(name).toMatch(/\d/)
  })
})
