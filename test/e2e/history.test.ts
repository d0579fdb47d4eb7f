// The history of runs over the real web host and store: found, named, deleted with undo, opened; and ten thousand runs of it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore } from '#store/store.ts'
import { chromiumPath, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const many = 10_000

describe.skipIf(!executable)('the history', () => {
  let app: RunningApp
  let data: string

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'palm-many-'))
    const store = openStore(join(data, 'palm.sqlite'))
    const methods = ['source', 'norm', 'tent', 'palm'] as const
    store.transaction(() => {
      for (let i = 0; i < many; i++) {
        const options = runOptionsSchema.parse({
          name: i % 3 === 0 ? '' : `Roof camera, night ${i}`,
          input: { kind: 'sample' },
          model: { kind: 'sample' },
          seed: i,
          corruptions: ['fog', 'snow'],
          lanes: methods.map((method) => ({ id: method, label: method.toUpperCase(), options: { method } })),
        })
        const run = store.runs.createRun(options, 1.7e12 + i * 3.6e6)
        store.runs.setStatus(run, i % 50 === 7 ? 'stopped' : 'done', null, 1.7e12 + i * 3.6e6 + 60_000)
        for (const [lane, method] of methods.entries())
          for (const domain of [0, 1])
            store.steps.insertDomain(run, {
              lane: method,
              domain,
              images: 100,
              labelled: 100,
              correct: 50 + lane * 8 + (i % 7),
              confidence: null,
              entropy: null,
              agreement: null,
              estimate: null,
            })
        if (i % 40 === 0) store.runs.change(run, { tags: ['demo'] })
      }
    })
    store.close()
    app = await openApp(executable as string, ['--no-demo', '--data', data])
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const region = () => app.page.getByRole('region', { name: 'Runs', exact: true })
  const firstName = () => region().locator('tbody tr').first().locator('.name button').innerText()
  const count = () => region().locator('[role=status]').first().innerText()
  const looks = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme })
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        await expect.poll(() => app.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        if (width === 1024) expect(await violationsOf(app.page, theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }

  test('the key h opens ten thousand runs, newest first; typing finds among them without lag', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'History' }).waitFor()
    await expect.poll(() => page.getByRole('combobox', { name: 'Run' }).locator('option').count()).toBe(100)
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    await page.evaluate(
      `new PerformanceObserver((list) => (window.longest = Math.max(window.longest ?? 0, ...list.getEntries().map(({ duration }) => duration)))).observe({ type: 'longtask' })`,
    )
    await page.keyboard.press('h')
    await expect.poll(count).toBe('10,000 runs')
    await expect.poll(() => region().locator('tbody tr').count()).toBe(200)
    await page.getByRole('searchbox').pressSequentially('night 4321')
    await expect.poll(count).toBe('1 run')
    await expect.poll(() => firstName()).toBe('Roof camera, night 4321')
    await page.getByRole('searchbox').fill('')
    await page.getByRole('button', { name: 'Best, mean error %' }).click()
    await expect.poll(count).toBe('10,000 runs')
    await page.getByRole('button', { name: 'Add a filter' }).click()
    await page.getByRole('combobox', { name: 'Filters' }).selectOption('error')
    await page.getByLabel('to', { exact: true }).fill('20')
    await page.getByRole('button', { name: 'Set filter' }).click()
    await expect.poll(count).toBe('1,428 runs')
    await page.getByRole('button', { name: /^Remove the filter/ }).click()
    await expect.poll(count).toBe('10,000 runs')
    await region().locator('tbody tr').first().locator('.name button').focus()
    await page.keyboard.press('Control+a')
    await region().getByText('10,000 marked').waitFor()
    await page.keyboard.press('Escape')
    await region().getByText('10,000 marked').waitFor({ state: 'detached' })
    await page.keyboard.press('Shift+ArrowDown')
    await region().getByText('2 marked').waitFor()
    await page.keyboard.press('Escape')
    console.log(
      `history of ${many} runs: longest task ${await page.evaluate<number>('Math.round(window.longest ?? 0)')} ms`,
    )
  })

  test('a run is chosen, named and tagged, and what was done last is taken back', async () => {
    const { page } = app
    await page.getByRole('searchbox').fill('night 4321')
    await region().getByRole('button', { name: 'Roof camera, night 4321' }).click()
    const details = page.getByRole('region', { name: 'The chosen run' })
    await details.getByLabel('Tags').fill('roof, best of May')
    await details.getByLabel('Tags').press('Tab')
    await expect.poll(() => region().locator('.tag').allInnerTexts()).toEqual(['roof', 'best of May'])
    await details.getByLabel('Name').fill('The bus at night')
    await details.getByLabel('Name').press('Tab')
    await page.getByRole('searchbox').fill('bus')
    await expect.poll(firstName).toBe('The bus at night')
    await page.getByRole('searchbox').fill('')
    await looks('history')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('searchbox').fill('bus')
    await region().getByText('No run contains all of these words.').waitFor()
  })

  test('several are deleted after a question, brought back, and archived', async () => {
    const { page } = app
    await page.getByRole('searchbox').fill('demo')
    await expect.poll(count).toBe('250 runs')
    await page.getByRole('checkbox', { name: 'Mark all that are found' }).check()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('button', { name: 'Delete 250 runs' }).click()
    await region().getByText('No run contains all of these words.').waitFor()
    await page.keyboard.press('Tab') // out of the search
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(count).toBe('250 runs')
    await page.getByRole('checkbox', { name: 'Mark all that are found' }).check()
    await page.getByRole('button', { name: 'Archive', exact: true }).click()
    await expect.poll(count).toBe('0 runs')
    await page.getByRole('button', { name: 'Archived', exact: true }).click()
    await expect.poll(count).toBe('250 runs')
  })

  test('the chosen one opens on the Live screen', async () => {
    const { page } = app
    await region().locator('tbody tr').first().locator('.name button').click()
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await expect.poll(() => page.locator('.progress').innerText()).toMatch(/Done|Stopped/)
    expect(app.faults).toEqual([])
  })

  test('a damaged run is named with its reason, saved as far as it can be read, and removed; all others are there', async () => {
    const { page } = app
    const db = new Database(join(data, 'palm.sqlite'))
    db.exec(`UPDATE runs SET options = '{' WHERE id = 12`)
    db.close()
    await page.reload()
    await page.getByText('One entry of the database is damaged').waitFor()
    await page.getByRole('button', { name: 'History', exact: true }).click()
    await expect.poll(count).toMatch(/[1-9][\d,]* runs/)
    await page.getByRole('button', { name: 'Show…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Damaged entries' })
    const entry = dialog.getByRole('group', { name: 'Run 12 (Roof camera, night 11)' })
    await expect
      .poll(() => entry.innerText())
      .toContain('The database holds a row that is not JSON (options of run 12).')
    await shoot(page, 'damaged-entries.png')
    expect(await violationsOf(page)).toEqual([])
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      entry.getByRole('button', { name: 'Save…' }).click(),
    ])
    expect(saved.suggestedFilename()).toBe('runs-12.json')
    expect(readFileSync(await saved.path(), 'utf8')).toContain('Roof camera, night 11')
    await entry.getByRole('button', { name: 'Remove…' }).click()
    await entry.getByRole('button', { name: 'Remove for good' }).click()
    await dialog.getByText('None is left.').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByText('is damaged').count()).toBe(0)
    expect(app.faults).toEqual([])
  })
})
