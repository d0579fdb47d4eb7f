// Images without any label, from a folder to an adapted model taken home, as a user sees it over the real web host.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const sample = fileURLToPath(new URL('../../resources/sample/images', import.meta.url))

describe.skipIf(!executable)('images without labels', () => {
  let app: RunningApp
  const folder = mkdtempSync(join(tmpdir(), 'palm-flat-'))

  beforeAll(async () => {
    for (const [index, name] of readdirSync(sample).toSorted().entries()) {
      for (const [at, file] of readdirSync(join(sample, name)).toSorted().slice(0, 2).entries())
        copyFileSync(join(sample, name, file), join(folder, `tile-${at}-${index}.jpg`))
    }
    writeFileSync(join(folder, 'broken.jpg'), 'no picture')
    app = await openApp(executable as string, ['--no-demo'])
  })
  afterAll(async () => {
    await app?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const violations = (theme: 'light' | 'dark' = 'light') => violationsOf(app.page, theme)
  const looks = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme })
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}.png`)
        if (width === 1024) expect(await violations(theme), `${name}, ${theme}`).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }

  test('run to the end: numbers that need no label, what was left out and why', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'New run…' }).first().click()
    await page.getByLabel('Images of my own').check()
    await page.getByRole('textbox', { name: /Images: Path/ }).fill(folder)
    await page.getByLabel('Batch size').fill('10')
    await page.getByRole('button', { name: 'Start run' }).click()
    await expect.poll(() => page.locator('.progress').innerText()).toContain('No image has a label')
    await expect.poll(() => page.locator('.progress').innerText()).toContain('Done')

    const table = page.getByRole('region', { name: /^Table: (Confidence|Estimate).* per domain/ })
    await expect.poll(() => table.locator('tbody td').allInnerTexts()).not.toContain('–')
    for (const [measure, title] of [
      ['entropy', 'Entropy, nats, per domain'],
      ['agreement', 'Agreement with the unadapted model per domain, %'],
      ['confidence', 'Confidence per domain, %'],
    ] as const) {
      await page.getByRole('combobox', { name: /^Show/ }).selectOption(measure)
      const cells = await page
        .getByRole('region', { name: `Table: ${title}` })
        .locator('tbody tr')
        .first()
        .locator('td')
        .allInnerTexts()
      for (const cell of cells.slice(1)) expect(Number(cell), `${title}: ${cell}`).toBeGreaterThan(0)
    }
    const histogram = page.getByRole('region', { name: 'Predictions', exact: true })
    await histogram.getByRole('button', { name: 'Show as table' }).click()
    const counts = (await histogram.locator('tbody tr').allInnerTexts()).map((row) =>
      row.split('\t').slice(1).map(Number),
    )
    for (const lane of counts[0]!.keys()) expect(counts.reduce((sum, row) => sum + row[lane]!, 0)).toBe(15 * 20)
    await histogram.getByRole('button', { name: 'Show as picture' }).click()
    await looks('unlabelled')

    await page.getByRole('button', { name: '1 file could not be read and was left out' }).click()
    await expect.poll(() => page.getByRole('dialog').innerText()).toContain('broken.jpg')
    await looks('skipped')
    await page.keyboard.press('Escape')
  })

  test('the adapted model is exported from the dialog, and is there', async () => {
    const { page } = app
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog', { name: 'Export an adapted model' })
    await dialog.getByLabel('Format').selectOption('onnx')
    await dialog.getByText('as many as you say').click()
    await dialog.getByRole('spinbutton', { name: 'Batches' }).fill('3')
    const path = await dialog.getByLabel('Write to').inputValue()
    expect(path).toMatch(/exports.run1-palm\.onnx$/)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await expect.poll(() => dialog.innerText()).toContain('Written and verified')
    await expect.poll(() => dialog.innerText()).toMatch(/run on \d+ images?: the logits differ by at most/)
    expect(statSync(path).size).toBeGreaterThan(80_000)
    expect(existsSync(/Model card: (\S+)/.exec(await dialog.innerText())![1]!)).toBe(true)
    await looks('export')

    await dialog.getByLabel('Write to').fill(join(folder, 'not-there', 'model.onnx'))
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await expect.poll(() => dialog.getByRole('alert').innerText()).toContain('does not exist')
    expect(app.faults).toEqual([])
  })
})
