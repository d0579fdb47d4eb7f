// Lining up runs, over the real web host, session and store: from the form while a run goes on, in the panel by mouse and keys, over a reload and a restart; and the
// keys that must work on every screen.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openApp, shoot, smallSample, startRun, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('lining up runs', () => {
  let app: RunningApp
  let data: string
  const open = () => openApp(executable as string, ['--data', data, '--no-demo'])
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'palm-queue-e2e-'))
    app = await open()
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const button = (name: string | RegExp) => app.page.getByRole('button', { name, exact: true }).first()
  const panel = () => app.page.getByRole('dialog', { name: 'Queue of runs' })
  const rows = () => panel().getByRole('list', { name: 'Queue of runs' }).getByRole('listitem')
  const names = () => rows().locator('strong').allInnerTexts()
  const lineUp = async (name: string) => {
    const { page } = app
    await button('New run…').click()
    const form = page.getByRole('dialog', { name: 'New run' })
    await form.getByRole('radio', { name: 'Bundled sample' }).check()
    await form.getByLabel('Name').fill(name)
    await form.getByLabel('Images per domain').fill('20')
    await form.getByRole('button', { name: 'Start when run 1 ends' }).click()
    await form.waitFor({ state: 'detached' })
    await page.getByText(`“${name}” is lined up`).first().waitFor()
  }

  test('on every screen the comma opens the settings and N a new run, also with the focus on the button that led there', async () => {
    const { page } = app
    const nav = page.getByRole('navigation', { name: 'PALM Studio' }).getByRole('button')
    const views = await nav.allInnerTexts()
    expect(views.length).toBeGreaterThanOrEqual(5)
    for (const view of views) {
      await nav.filter({ hasText: view }).click()
      await expect
        .poll(() => page.getByRole('button', { name: 'New run…' }).first().isEnabled(), { message: view })
        .toBe(true)
      await page.keyboard.press('n')
      await page.getByRole('dialog', { name: 'New run' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog', { name: 'New run' }).waitFor({ state: 'detached' })
      await nav.filter({ hasText: view }).click()
      await page.keyboard.press(',')
      await page.getByRole('navigation', { name: 'Settings' }).waitFor()
      await page.keyboard.press('q')
      await panel().getByText('Nothing is lined up.').waitFor()
      await page.keyboard.press('Escape')
    }
  })

  test('while a run goes on the form lines up, and what takes its place is offered beside', async () => {
    const { page } = app
    await button('Live').click()
    await startRun(page, { ...smallSample, limit: 250 })
    await button('Pause').waitFor()
    await button('Pause').click() // it shall not end meanwhile
    await page.keyboard.press('n')
    await expect.poll(() => page.getByRole('button', { name: 'Stop run 1 and start' }).isVisible()).toBe(true)
    await shoot(page, 'new-run-while-one-goes-on.png')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'New run' }).waitFor({ state: 'detached' })
    for (const name of ['one', 'two', 'three']) await lineUp(name)
    await expect.poll(() => page.getByRole('button', { name: 'Queue of runs: 3 lined up' }).innerText()).toContain('3')
  })

  test('in the panel rows are moved by keys, buttons and dragging, held, removed, and come back', async () => {
    const { page } = app
    await page.keyboard.press('q')
    await expect.poll(names).toEqual(['one', 'two', 'three'])
    await expect.poll(() => panel().innerText()).toContain('Run 1 (')
    await expect.poll(() => panel().innerText()).toMatch(/All of it: |have no estimate|has no estimate/)
    await rows().nth(2).getByRole('button').first().focus()
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(names).toEqual(['one', 'three', 'two'])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Alt+ArrowUp') // the focus went along
    await expect.poll(names).toEqual(['one', 'two', 'three'])
    await panel().getByRole('button', { name: 'Earlier: two' }).click()
    await expect.poll(names).toEqual(['two', 'one', 'three'])
    await rows()
      .nth(2)
      .dragTo(rows().nth(0), { targetPosition: { x: 40, y: 3 } })
    await expect.poll(names).toEqual(['three', 'two', 'one'])
    await panel().getByRole('button', { name: 'Hold: two' }).click()
    await panel().getByText('Held: it is passed over.').waitFor()
    await rows().nth(0).getByRole('button').first().focus()
    await page.keyboard.press('Delete')
    await expect.poll(names).toEqual(['two', 'one'])
    await panel().getByRole('button', { name: 'Undo' }).click()
    await expect.poll(names).toEqual(['three', 'two', 'one'])
    for (const theme of ['light', 'dark'] as const) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      await shoot(page, `queue-${theme}.png`)
      expect(await violationsOf(page, theme), theme).toEqual([])
    }
  })

  test('a reload loses nothing; the next one begins when the run ends, past the one that is held', async () => {
    const { page } = app
    await page.reload()
    await button('Stop').click()
    await expect
      .poll(() => page.getByRole('button', { name: /^Queue of runs: / }).getAttribute('aria-label'))
      .toContain('2 lined up')
    await page.keyboard.press('q')
    await expect.poll(() => panel().innerText()).toContain('Run 2 (three) is under way')
    await panel().getByRole('button', { name: 'Show' }).click()
    await expect
      .poll(() => page.getByRole('combobox', { name: 'Run' }).locator('option:checked').innerText())
      .toContain('2: three')
  })

  test('after a restart it is there, says why it does not begin by itself, and begins when told', async () => {
    await app.close()
    app = await open()
    const { page } = app
    await page.getByRole('button', { name: 'Queue of runs: ' }).click()
    await panel().getByText('Lined up before the program was closed.').waitFor()
    const before = await names()
    expect(before).toContain('two')
    await panel().getByRole('button', { name: 'Release: two' }).click()
    await panel().getByRole('button', { name: 'Go on' }).click()
    await expect.poll(() => panel().innerText()).toContain('(two) is under way')
    expect(app.faults).toEqual([])
  })
})
