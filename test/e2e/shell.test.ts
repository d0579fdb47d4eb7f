// The shell around the views, over the real web host, store and session: the tour of a newcomer, the palette, settings that last and that two pages share,
// German at once, the data folder moved and followed, log, report and about.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '#store/store.ts'
import { callApi, chromiumPath, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('the shell around the views', () => {
  let app: RunningApp
  let root: string
  let data: string

  const open = (args: readonly string[] = [], tour = false) =>
    openApp(executable as string, ['--data', data, ...args], {
      tour,
      permissions: ['clipboard-read', 'clipboard-write'],
      env: { TF_NUM_INTRAOP_THREADS: undefined }, // the settings say how many, or nobody
    })
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'palm-shell-'))
    data = join(root, 'data')
    app = await open([], true)
  })
  afterAll(async () => {
    await app?.close()
    rmSync(root, { recursive: true, force: true })
  })

  const fits = (page: Page) => page.evaluate('document.documentElement.scrollWidth <= innerWidth')
  /** `run`: it is under way, and waits meanwhile; its steps and their pictures would take the processor. */
  const looks = async (name: string, run: number | null = null) => {
    if (run !== null) await callApi(app.page, 'runs.pause', { run })
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme })
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        await expect.poll(() => fits(app.page), { message: `${name} ${width}` }).toBe(true)
        if (width === 1024) expect(await violationsOf(app.page, theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
    await app.page.emulateMedia({ colorScheme: 'light' })
    if (run !== null) await callApi(app.page, 'runs.continue', { run })
  }
  const tour = () => app.page.getByRole('dialog', { name: /./ }).filter({ hasText: 'Tour,' })
  const palette = async (query: string) => {
    await app.page.keyboard.press('Control+k')
    await app.page.getByRole('combobox', { name: 'Type a command' }).fill(query)
  }
  const section = (name: string) => app.page.getByRole('region', { name, exact: true })
  const go = (name: string) =>
    app.page.getByRole('navigation', { name: 'Settings' }).getByRole('button', { name, exact: true }).click()

  test('a newcomer is shown around while the sample runs, and not again', async () => {
    const { page } = app
    await tour().waitFor()
    await expect.poll(() => tour().innerText()).toContain('Tour, 1 of 6')
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Next')
    await looks('tour', 1)
    const before = await page.title()
    expect(before).toMatch(/^\d+ % PALM Studio$/)
    for (const at of [2, 3]) {
      await page.keyboard.press('Enter')
      await expect.poll(() => tour().innerText()).toContain(`Tour, ${at} of 6`)
    }
    await tour().getByRole('button', { name: 'Back' }).click()
    await expect.poll(() => tour().innerText()).toContain('Tour, 2 of 6')
    for (const at of [3, 4, 5, 6]) {
      await tour().getByRole('button', { name: 'Next' }).click()
      await expect.poll(() => tour().innerText()).toContain(`Tour, ${at} of 6`)
      await shoot(page, `tour-${at}.png`)
    }
    await page.keyboard.press('Escape')
    await tour().waitFor({ state: 'detached' })
    await page.reload()
    await page.locator('.area-accuracy').waitFor()
    await expect.poll(() => tour().count()).toBe(0)
    await expect.poll(() => page.getByRole('button', { name: 'Stop', exact: true }).isVisible()).toBe(true) // the run went on
  })

  test('the palette finds commands, runs and settings by a few letters, runs them, and remembers', async () => {
    const { page } = app
    // On a fast machine the first run may be over by now.
    if ((await page.getByRole('button', { name: 'Stop', exact: true }).count()) === 0)
      await page.getByRole('button', { name: 'Run the sample' }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor()
    await palette('tour')
    await page.keyboard.press('Enter')
    await tour().waitFor()
    await page.keyboard.press('Escape')
    await palette('')
    const options = page.getByRole('listbox', { name: 'Commands' }).getByRole('option')
    await expect.poll(() => options.first().innerText()).toContain('Tour: show me around')
    await expect.poll(() => options.filter({ hasText: 'Stop the run' }).innerText()).toMatch(/S$/)
    await expect.poll(() => options.filter({ hasText: 'Open run 1:' }).count()).toBe(1)
    await looks('palette', Number(await page.getByRole('combobox', { name: 'Run', exact: true }).inputValue()))
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => options.nth(1).getAttribute('aria-selected')).toBe('true')
    await expect
      .poll(() => page.getByRole('combobox', { name: 'Type a command' }).getAttribute('aria-activedescendant'))
      .toBe(await options.nth(1).getAttribute('id'))
    await page.getByRole('combobox', { name: 'Type a command' }).fill('zzzz')
    await page.getByText('Nothing fits.').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => options.count()).toBe(0)
    await palette('stop run')
    await page.keyboard.press('Enter')
    await page.getByText('Stopped; it can be resumed').waitFor()
    await expect.poll(() => page.title()).toBe('PALM Studio')
    await palette('theme dark')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await palette('theme system')
    await page.keyboard.press('Enter')
  })

  test('settings are taken, checked, and last over a restart', async () => {
    const { page } = app
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    await page.keyboard.press(',')
    await section('General').waitFor()
    await looks('settings-general')
    await go('Computing')
    await page.getByText('GFLOP/s').waitFor()
    await looks('settings-computing')
    const threads = page.getByLabel('Threads per operation')
    await threads.fill('1')
    await threads.press('Tab')
    await threads.fill('0')
    await threads.press('Tab')
    expect(
      await threads.evaluate((input) => (input as unknown as { validity: { valid: boolean } }).validity.valid),
    ).toBe(false)
    await page.getByLabel('Workers for images').fill('2')
    await page.getByLabel('Workers for images').press('Tab')
    // Written, before the program is ended: a page's last message may still be on its way.
    const store = openStore(join(data, 'palm.sqlite'))
    try {
      await expect.poll(() => store.settings.get('settings')).toMatchObject({ threads: 1, workers: 2 })
    } finally {
      store.close()
    }
    await app.close()
    app = await open(['--no-demo'])
    await app.page.getByRole('button', { name: 'Settings' }).click()
    await go('Computing')
    await expect.poll(() => app.page.getByLabel('Threads per operation').inputValue()).toBe('1')
    await expect.poll(() => app.page.getByLabel('Workers for images').inputValue()).toBe('2')
  })

  test('they are what the next run is computed with, and are recorded with it', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.getByRole('button', { name: 'Run the sample' }).click()
    await expect.poll(() => page.title()).toMatch(/^\d+ % /)
    await expect.poll(() => page.locator('.progress').innerText()).toMatch(/Step \d+/)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('Stopped; it can be resumed').waitFor()
    const store = openStore(join(data, 'palm.sqlite'))
    try {
      expect(store.runs.plan(1)?.versions).toMatchObject({
        threadSetting: 'auto',
        precision: 'float32',
        workers: 'auto',
      })
      expect(store.runs.plan(2)?.versions).toMatchObject({
        threads: '1',
        threadSetting: '1',
        precision: 'float32',
        workers: '2',
      })
    } finally {
      store.close()
    }
  })

  test('German is there at once, in both pages that are open; the header fits; English again', async () => {
    const { page } = app
    const other = await page.context().newPage()
    await other.goto(app.address)
    await other.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Settings' }).click()
    await go('General')
    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('region', { name: 'Allgemein' }).waitFor()
    await other.getByRole('region', { name: 'Allgemein' }).waitFor()
    await expect.poll(() => page.evaluate('document.documentElement.lang')).toBe('de')
    await looks('settings-german')
    await page.locator('header.top nav button').first().click()
    await looks('live-german')
    await other.locator('#settings-theme').selectOption('dark')
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await other.locator('#settings-theme').selectOption('system')
    await other.locator('#settings-language').selectOption('en')
    await page.getByRole('button', { name: 'Live', exact: true }).waitFor()
    await other.close()
  })

  test('two pages follow the same run', async () => {
    const { page } = app
    const other = await page.context().newPage()
    await other.goto(app.address)
    await other.locator('.progress').waitFor()
    await page.getByRole('button', { name: 'Settings' }).click()
    await go('Computing')
    await page.getByLabel('Threads per operation').fill('')
    await page.getByLabel('Threads per operation').press('Tab')
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.getByRole('button', { name: 'Resume' }).click()
    const stepOf = async (one: Page) =>
      Number(/Step (\d+) \//.exec(await one.locator('.progress').innerText())?.[1] ?? -1)
    const before = await stepOf(page)
    for (const one of [page, other]) await expect.poll(() => stepOf(one)).toBeGreaterThan(before + 1)
    await other.getByRole('button', { name: 'Stop', exact: true }).click()
    for (const one of [page, other]) await one.getByText('Stopped; it can be resumed').waitFor()
    await expect.poll(async () => (await stepOf(page)) === (await stepOf(other))).toBe(true)
    await other.close()
    const store = openStore(join(data, 'palm.sqlite'))
    expect(store.runs.plan(2)?.versions.threadSetting).toBe('1') // as it began, whatever the settings say now
    store.close()
  })

  test('the log tells of runs and settings, is filtered, and copied', async () => {
    const { page } = app
    await palette('log')
    await page.keyboard.press('Enter')
    await section('Log').waitFor()
    const rows = section('Log').locator('tbody tr')
    await expect.poll(() => rows.filter({ hasText: 'Run 2: stopped' }).count()).toBeGreaterThan(0)
    await expect.poll(() => rows.filter({ hasText: 'Changed: language.' }).count()).toBeGreaterThan(0)
    await looks('settings-log')
    await page.getByRole('searchbox', { name: 'Filter the log' }).fill('threads')
    await expect.poll(() => rows.count()).toBe(2)
    await page.getByRole('button', { name: 'Copy what is shown' }).click()
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toMatch(/info settings: Changed: threads\./)
    await page.getByRole('button', { name: 'Information' }).click()
    await page.getByText('No entry matches the filter.').waitFor()
    await page.getByRole('searchbox', { name: 'Filter the log' }).fill('')
    await page.getByRole('button', { name: 'Information' }).click()
  })

  test('the report is made without names of folders, and with them when asked; about has the licences', async () => {
    const { page } = app
    await go('System report')
    await page.getByRole('button', { name: 'Make the report' }).click()
    const report = page.getByRole('textbox', { name: 'The report' })
    await report.waitFor()
    await expect.poll(() => report.inputValue()).toMatch(/PALM Studio \d.*\(web\)[\s\S]*threads auto[\s\S]*Last errors/)
    await expect.poll(() => report.inputValue()).not.toContain(root)
    await looks('settings-report')
    await page.getByLabel('With the names of folders').check()
    await expect.poll(() => report.inputValue()).toContain(data)
    await go('About')
    await page.getByRole('button', { name: 'Copy BibTeX' }).click()
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toMatch(/^@inproceedings\{maharana2025palm/)
    await section('About').getByText('In a browser the program runs from its checkout').waitFor()
    await section('About').getByText('What is new').click()
    await section('About').getByRole('heading', { name: '0.1.0', exact: false }).waitFor()
    await page.getByRole('searchbox', { name: 'Filter by name or licence' }).fill('svelte')
    await section('About').getByRole('button', { name: 'svelte', exact: true }).click()
    await expect.poll(() => section('About').locator('table pre').innerText()).toMatch(/Permission is hereby granted/)
    await page.getByRole('searchbox', { name: 'Filter by name or licence' }).fill('')
    for (const name of ['TensorFlow', 'EuroSAT (2,000 tiles of it)', 'uplot', 'zod', 'd3-scale', 'better-sqlite3'])
      await expect
        .poll(() => section('About').getByRole('button', { name, exact: true }).count(), { message: name })
        .toBe(1)
    await looks('settings-about')
  })

  test('the data folder is moved; the page goes on in the new one, a restart finds it, the old one goes when it may', async () => {
    const { page } = app
    await go('Data folder')
    const target = join(root, 'elsewhere', 'palm')
    await page.getByLabel('New folder').fill(join(data, 'inside'))
    await page.getByText('is inside the data folder').waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Move', exact: true }).isDisabled()).toBe(true)
    await page.getByLabel('New folder').fill(target)
    await page.getByText(/Needs .* are free there/).waitFor()
    await looks('settings-data')
    await page.getByRole('button', { name: 'Move', exact: true }).click()
    await page.getByText('Moved. Everything is in the new folder now.').waitFor()
    await expect.poll(() => section('Data folder').locator('code').innerText()).toBe(target)
    await page.getByText('The old folder is still there').waitFor()
    await shoot(page, 'settings-data-moved.png')
    expect(existsSync(join(data, 'palm.sqlite'))).toBe(true)
    await page.getByRole('button', { name: 'Delete the old copy' }).click()
    await page.getByRole('button', { name: 'Yes, delete it for good' }).click()
    await page.getByText('The old folder is still there').waitFor({ state: 'detached' })
    expect(existsSync(join(data, 'palm.sqlite'))).toBe(false)
    expect(JSON.parse(readFileSync(join(data, 'moved-to.json'), 'utf8'))).toEqual({ folder: target })
    const { faults } = app
    await app.close()
    app = await open(['--no-demo'])
    await app.page.getByRole('combobox', { name: 'Run' }).waitFor()
    await expect.poll(() => app.page.getByRole('combobox', { name: 'Run' }).locator('option').count()).toBe(2)
    expect(faults.filter((fault) => !/WebSocket|ERR_/.test(fault))).toEqual([])
  })

  test('what was done last is taken back from anywhere, by Ctrl Z too', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Settings' }).click()
    await go('General')
    await page.getByLabel('Theme').last().selectOption('dark')
    await page.getByRole('button', { name: 'Reset all settings' }).click()
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('light')
    await page.getByText('All settings are back to their defaults.').waitFor()
    await looks('undo')
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.keyboard.press('Control+z')
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    expect(app.faults).toEqual([])
  })

  test('a fault of our own is shown, not called a lost connection, and tried again when somebody asks for it', async () => {
    const other = await app.page.context().newPage()
    // What the program answers first does not fit, until it is mended.
    await other.addInitScript(`
      window.mended = false
      const Real = WebSocket
      window.WebSocket = class extends Real {
        addEventListener(type, listener) {
          const bent = (event) => listener(mended ? event : { data: event.data.replace('"version"', '"edition"') })
          super.addEventListener(type, type === 'message' ? bent : listener)
        }
      }`)
    await other.goto(app.address)
    await other.getByRole('alert').filter({ hasText: 'This window has a fault' }).waitFor()
    await expect.poll(() => other.getByRole('alert').innerText()).toContain('app.info does not fit its schema')
    for (const colorScheme of ['light', 'dark'] as const) {
      await other.emulateMedia({ colorScheme })
      await shoot(other, `fault-${colorScheme}.png`)
    }
    expect(await violationsOf(other)).toEqual([])
    await other.evaluate('mended = true')
    await other.getByRole('button', { name: 'Try again' }).click()
    await other.getByRole('combobox', { name: 'Run' }).waitFor()
    await expect.poll(() => other.getByRole('alert').count()).toBe(0)
    await other.close()
  })
})
