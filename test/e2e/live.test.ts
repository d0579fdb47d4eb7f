// The first launch as a newcomer sees it, over the real web host, session process and store.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  chromiumPath,
  openApp,
  shoot,
  sizesIn,
  smallSample,
  startRun,
  violationsOf,
  type RunningApp,
} from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('the live screen', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await openApp(executable as string, ['--no-demo'])
  })
  afterAll(() => app?.close())

  const step = async ({ page } = app) => {
    const text = await page.locator('.progress').innerText()
    return Number(/Step (\d+) \//.exec(text)?.[1] ?? -1)
  }
  const untilStep = async (at: number) => {
    await expect.poll(() => step()).toBeGreaterThanOrEqual(at)
  }
  const violations = (theme: 'light' | 'dark' = 'light') => violationsOf(app.page, theme)

  test('on the first launch the sample runs by itself, with Stop in view', async () => {
    // The bundled one itself.
    const first = await openApp(executable as string, [], { env: { PALM_RESOURCES: undefined } })
    await expect.poll(() => step(first)).toBeGreaterThanOrEqual(3)
    await expect.poll(() => first.page.getByRole('button', { name: 'Stop', exact: true }).isVisible()).toBe(true)
    await expect.poll(() => first.page.getByRole('button', { name: 'Pause' }).isEnabled()).toBe(true)
    await first.page.getByRole('button', { name: 'Stop', exact: true }).click()
    await first.page.getByText('Stopped; it can be resumed').waitFor()
    expect(first.faults).toEqual([])
    await first.close()
  })

  test('screenshots in both themes and two sizes, and axe finds nothing', async () => {
    await startRun(app.page, { ...smallSample, limit: 250 })
    await app.page.getByRole('combobox', { name: 'Run' }).selectOption('1')
    await app.page.getByRole('button', { name: 'Pause' }).waitFor()
    await untilStep(28) // in the second domain
    for (const theme of ['light', 'dark'] as const) {
      await app.page.getByLabel('Theme').selectOption(theme)
      await expect.poll(() => app.page.evaluate('document.documentElement.dataset.theme')).toBe(theme)
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await untilStep((await step()) + 1)
        await shoot(app.page, `live-${theme}-${width}x${height}.png`)
        if (width === 1024) expect(await violations(theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  })

  test('arrow keys in the layer map tell a tensor’s name, score and learning rate', async () => {
    const map = app.page.getByRole('img', { name: /^Layer map/ })
    await map.focus()
    await app.page.keyboard.press('ArrowLeft')
    const first = await app.page.locator('.readout').innerText()
    expect(first).toMatch(/^conv1\.weight \(conv\), step \d+, .*: .*; score .+, importance .+, learning rate .+/)
    await app.page.keyboard.press('ArrowDown')
    await expect.poll(() => app.page.locator('.readout').innerText()).toMatch(/^bn1\.weight /)
  })

  test('a reload in the middle loses nothing', async () => {
    const before = await step()
    await app.page.reload()
    await untilStep(before)
    await app.page
      .getByRole('region', { name: 'Accuracy over the stream', exact: true })
      .getByRole('button', { name: 'Show as table' })
      .click()
    const steps = await app.page
      .getByRole('region', { name: 'Accuracy over the stream', exact: true })
      .locator('tbody tr td:first-child')
      .allInnerTexts()
    expect(steps.map(Number)).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1))
    expect(steps.length).toBeGreaterThanOrEqual(before)
    await app.page.getByRole('button', { name: 'Show as picture' }).click()
  })

  test('pause holds the run, continue goes on, stop ends it, resume takes it up again', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused').waitFor()
    const held = await step()
    await page.getByRole('button', { name: 'Continue' }).click()
    await untilStep(held + 2)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('Stopped; it can be resumed').waitFor()
    const stopped = await step()
    await page.getByRole('button', { name: 'Resume' }).click()
    await untilStep(stopped + 2)
  })

  test('a run of one’s own says what is wrong with the folder before it starts', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'New run…' }).click()
    await page.getByLabel('Images of my own').check()
    await page.getByLabel('Images: Path').fill(join(tmpdir(), 'no-such-folder'))
    expect(await violations()).toEqual([])
    await shoot(page, 'new-run.png')
    await page.getByRole('button', { name: 'Start run' }).click()
    await expect
      .poll(() => page.getByRole('dialog').getByRole('alert').innerText())
      .toContain('no-such-folder cannot be opened')
    await page.getByRole('button', { name: 'Cancel' }).click()
  })

  test('nothing failed behind the scenes', () => {
    expect(app.faults).toEqual([])
  })
})
