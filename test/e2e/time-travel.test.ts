// Going back and changing one's mind, over the real web host, session process and store: single steps, options changed by hand, the timeline, branches,
// comparison, disk use.
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

describe.skipIf(!executable)('time travel', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await openApp(executable as string, ['--no-demo'], {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await startRun(app.page, smallSample)
    await app.page.getByRole('button', { name: 'Pause' }).waitFor()
  })
  afterAll(() => app?.close())

  const step = async () => Number(/Step (\d+) \//.exec(await app.page.locator('.progress').innerText())?.[1] ?? -1)
  const untilStep = (at: number) => expect.poll(step).toBeGreaterThanOrEqual(at)
  const timeline = () => app.page.getByRole('region', { name: 'Timeline', exact: true })
  const strip = () => timeline().getByRole('slider')
  const status = () => app.page.locator('.progress strong').innerText()
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
    await app.page.emulateMedia({ colorScheme: 'light' })
  }

  test('a paused run makes one batch a step, by button and by key', async () => {
    const { page } = app
    await untilStep(11)
    await page.getByRole('button', { name: 'Pause' }).click()
    await expect.poll(status).toBe('Paused')
    const held = await step()
    await page.getByRole('button', { name: 'Step', exact: true }).click()
    await expect.poll(step).toBe(held + 1)
    await expect.poll(status).toBe('Paused')
    await page.locator('.progress').click()
    await page.locator('body').press('.')
    await expect.poll(step).toBe(held + 2)
    await expect.poll(status).toBe('Paused')
  })

  test('kappa changes from the next step on, is listed, and is taken back', async () => {
    const { page } = app
    const now = await step()
    await timeline()
      .getByRole('button', { name: /^Change options/ })
      .click()
    const panel = page.getByRole('region', { name: 'Options of the run' })
    const kappa = panel.getByLabel('PALM: kappa')
    const before = Number(await kappa.inputValue())
    await kappa.fill('7')
    await expect.poll(() => panel.getByRole('alert').innerText()).toContain('kappa cannot be 7')
    await kappa.fill('0.004')
    await panel.locator('form', { hasText: 'PALM' }).getByRole('button', { name: 'Apply' }).click()
    await expect.poll(() => panel.getByRole('listitem').first().innerText()).toContain(`from step ${now + 1}`)
    await page.getByRole('button', { name: 'Step', exact: true }).click()
    await expect.poll(step).toBe(now + 1)
    await looks('timeline-options')
    await expect.poll(status).toBe('Paused')
    await panel
      .getByRole('button', { name: /^Undo: kappa of PALM/ })
      .first()
      .click()
    await expect.poll(() => panel.getByRole('listitem').count()).toBe(2)
    await expect.poll(async () => Number(await kappa.inputValue())).toBe(before)
    await expect.poll(() => panel.getByRole('listitem').first().innerText()).toContain(`from step ${now + 2}`)
    await panel.getByRole('button', { name: 'Close' }).click()
  })

  test('the keys go along the checkpoints, and what is chosen is told', async () => {
    const { page } = app
    await strip().focus()
    await page.keyboard.press('ArrowLeft')
    const last = await strip().getAttribute('aria-valuetext')
    expect(last).toMatch(/^PALM after step \d+, /)
    await page.keyboard.press('Home')
    await expect.poll(() => strip().getAttribute('aria-valuetext')).toMatch(/^PALM after step 5, /)
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => strip().getAttribute('aria-valuetext')).toMatch(/^TENT after step 5, /)
    await page.keyboard.press('ArrowDown')
    await timeline()
      .getByText(/this domain \d+\.\d % error, mean so far \d+\.\d % error/)
      .waitFor()
    await timeline().getByRole('button', { name: 'Show as table' }).click()
    await expect.poll(() => timeline().locator('tbody tr').count()).toBeGreaterThanOrEqual(4)
    await timeline().getByRole('button', { name: 'Show as picture' }).click()
  })

  test('two checkpoints are compared tensor by tensor', async () => {
    const { page } = app
    await timeline().getByRole('button', { name: 'Compare…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/\d+ of \d+ tensors differ; the most /).waitFor()
    await dialog.getByRole('button', { name: /^‖a−b‖/ }).click()
    await expect.poll(() => dialog.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending')
    await dialog.getByRole('img').focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => dialog.locator('.readout').innerText()).toMatch(/^conv1\.weight \(conv\): /)
    await looks('timeline-compare')
    await dialog.getByRole('searchbox').fill('bn1 weight')
    await expect
      .poll(async () =>
        (await dialog.locator('tbody tr td:nth-child(2)').allInnerTexts()).every((name) => name.includes('bn1.weight')),
      )
      .toBe(true)
    await dialog.getByRole('button', { name: 'Copy as CSV' }).click()
    await dialog.getByText('Copied.').waitFor()
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toMatch(/^order,name,kind,block,elements,relative,largest,cosine,changedShare\n\d+,\S*bn1\.weight,bn-weight,/)
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  test('a branch with another kappa begins with the history of the run that it comes from', async () => {
    const { page } = app
    await strip().focus()
    await page.keyboard.press('Home')
    await timeline().getByRole('button', { name: 'Export…' }).click()
    await expect
      .poll(() => page.getByRole('dialog').getByLabel('Checkpoint').locator('option:checked').innerText())
      .toMatch(/^after step 5 /)
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await timeline().getByRole('button', { name: 'Branch with other options…' }).click()
    const dialog = page.getByRole('dialog')
    await expect.poll(() => dialog.getByRole('button', { name: 'Start when run 1 ends' }).isDisabled()).toBe(true)
    await dialog.getByLabel('PALM: kappa').fill('0.004')
    await dialog.getByLabel('PALM: eta').fill('0.2')
    await dialog.getByLabel('Name').fill('A bolder kappa')
    await looks('timeline-branch')
    await dialog.getByRole('button', { name: 'Stop run 1 and start' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'continues run 1 from step 5' }).count()).toBe(1)
    await untilStep(11)
    await page.getByRole('button', { name: 'Pause' }).click()
    await expect.poll(status).toBe('Paused')
    const curve = page.getByRole('region', { name: 'Accuracy over the stream', exact: true })
    await curve.getByRole('button', { name: 'Show as table' }).click()
    expect((await curve.locator('tbody tr td:first-child').allInnerTexts()).map(Number).slice(0, 7)).toEqual([
      1, 2, 3, 4, 5, 6, 7,
    ])
    await curve.getByRole('button', { name: 'Show as picture' }).click()
    await strip().focus()
    await page.keyboard.press('ArrowLeft')
    await looks('timeline-timeline')
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('Stopped; it can be resumed').waitFor()
    await page.getByRole('button', { name: 'continues run 1 from step 5' }).click()
    await expect.poll(() => page.getByRole('combobox', { name: 'Run' }).inputValue()).toBe('1')
  })

  test('disk use is told, and what goes is said before it goes', async () => {
    const { page } = app
    await timeline().getByRole('button', { name: 'Storage…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/The database takes [\d.]+ (KiB|MiB)/).waitFor()
    await expect.poll(() => dialog.getByRole('region', { name: 'What runs take' }).locator('tbody tr').count()).toBe(2)
    await dialog.getByLabel('only the last of each method').check()
    await dialog.getByText(/Applied to the runs that there are, \d+ checkpoints? of \d runs? would go/).waitFor()
    await dialog.getByRole('button', { name: 'Keep so from now on' }).click()
    await dialog.getByText('This is the rule now.').waitFor()
    await dialog.getByRole('button', { name: 'Delete them…' }).click()
    await dialog.getByText(/Delete \d+ checkpoints? \(.*\) for good\?/).waitFor()
    await looks('timeline-storage')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog.getByText(/checkpoints? (is|are) gone/).waitFor()
    await dialog.getByText('Applied to the runs that there are, nothing would go.').waitFor()
    await dialog.getByRole('button', { name: 'Shrink the file' }).click()
    await dialog.getByText(/The file was .* and is .* now\./).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    // The one that the branch comes from is still there, and so is the last one.
    await strip().focus()
    await page.keyboard.press('Home')
    await expect.poll(() => strip().getAttribute('aria-valuetext')).toMatch(/after step 5, /)
    await page.keyboard.press('ArrowRight')
    expect(Number(/after step (\d+)/.exec((await strip().getAttribute('aria-valuetext')) ?? '')?.[1])).toBeGreaterThan(
      5,
    )
  })

  test('nothing failed behind the scenes', () => {
    expect(app.faults).toEqual([])
  })
})
