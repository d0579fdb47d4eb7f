// A researcher's way through sweeps, over the real web host, session process and store: pick rows, see size and time, compute, look, copy.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, englishLeft, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('the sweeps screen', () => {
  let app: RunningApp
  const dialog = () => app.page.getByRole('dialog')
  const shots = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.getByLabel('Theme').selectOption(theme)
      await expect.poll(() => app.page.evaluate('document.documentElement.dataset.theme')).toBe(theme)
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        if (width === 1024) expect(await violations(theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }
  const violations = (theme: 'light' | 'dark' = 'light') => violationsOf(app.page, theme)

  beforeAll(async () => {
    app = await openApp(executable as string, ['--no-demo'])
    await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  })
  afterAll(() => app?.close())

  test('is empty at first, and says what it is for', async () => {
    await app.page.getByRole('button', { name: 'Sweeps', exact: true }).click()
    await app.page.getByRole('heading', { level: 1, name: 'The paper’s tables, for your data and model' }).waitFor()
    await shots('sweeps-empty')
  })

  test('a grid of one’s own: size and time are said before it starts', async () => {
    await app.page.getByRole('button', { name: 'New sweep…' }).first().click()
    await dialog().getByLabel('What to compute').selectOption('own')
    await dialog().getByRole('checkbox', { name: 'TENT', exact: true }).uncheck()
    await dialog().getByLabel('Vary an option of').selectOption('palm')
    await dialog()
      .locator('label', { hasText: /^Option/ })
      .locator('select')
      .selectOption('lambda')
    await dialog().getByLabel('Its values').fill('0, 0.01')
    await dialog().getByLabel('Seeds').fill('0, x')
    await dialog().getByRole('button', { name: 'Create sweep' }).click()
    await expect.poll(() => dialog().getByRole('alert').innerText()).toContain('“x” in the seeds is no number')
    await dialog().getByLabel('Seeds').fill('0, 1')
    await dialog().getByLabel('Images per domain').fill('10')
    await dialog().getByRole('textbox', { name: 'Name' }).fill('lambda')
    await shoot(app.page, 'sweep-form.png')
    expect(await violations()).toEqual([])
    await dialog().getByRole('button', { name: 'Create sweep' }).click()
    await expect
      .poll(() => app.page.getByText(/8 cells to compute in 2 runs: 1,200 image passes\. About .* s\./).count())
      .toBe(1)
  })

  test('it runs, can be stopped and gone on with, and ends with a curve and a table', async () => {
    await app.page.getByRole('button', { name: 'Start', exact: true }).click()
    await app.page.getByRole('button', { name: /Watch run/ }).click()
    await expect.poll(() => app.page.locator('.progress').innerText()).toMatch(/Step [1-9]/)
    await app.page.getByRole('button', { name: 'Sweeps', exact: true }).click()
    await app.page.getByRole('button', { name: 'Stop', exact: true }).click()
    await expect.poll(() => app.page.getByRole('button', { name: /Go on|Start/ }).count()).toBe(1)
    await app.page.getByRole('button', { name: /Go on|Start/ }).click()
    await expect.poll(() => app.page.getByText('done, 8 of 8 cells').count()).toBe(1)
    await expect.poll(() => app.page.getByRole('img', { name: /^PALM, lambda: 0: .* %, 0\.01: .* %/ }).count()).toBe(1)
    await shots('sweep-curve')
    await app.page.getByLabel('Show').selectOption('errors')
    const rows = await app.page.locator('article tbody tr').allInnerTexts()
    expect(rows.map((row) => row.split('\t')[0])).toEqual(['Source', 'BN-1', 'PALM, lambda 0', 'PALM, lambda 0.01'])
    await app.page.getByLabel('Methods as columns').check()
    expect((await app.page.locator('article thead th').allInnerTexts()).slice(1)).toEqual([
      'Source',
      'BN-1',
      'PALM, lambda 0',
      'PALM, lambda 0.01',
    ])
    await app.page.getByLabel('Methods as columns').uncheck()
    await app.page.getByRole('button', { name: 'Copy LaTeX' }).click()
    await expect.poll(() => app.page.getByText('LaTeX copied.').count()).toBe(1)
    const copied = await app.page.evaluate<string>('navigator.clipboard.readText()')
    expect(copied).toContain('\\toprule')
    expect(copied).toContain('PALM, lambda 0.01')
    await shots('sweep-errors')
    await app.page.getByLabel('Show').selectOption('importance')
    await expect
      .poll(() => app.page.locator('section[aria-label="Importance of the layers: PALM, lambda 0"] rect').count())
      .toBeGreaterThan(100)
    await shots('sweep-importance')
    for (const kind of ['adapted', 'costs']) {
      await app.page.getByLabel('Show').selectOption(kind)
      await expect.poll(() => app.page.locator('article tbody tr').count()).toBe(4)
    }
    // Judged without labels: PALM's settings alone.
    await app.page.getByLabel('Show').selectOption('risk')
    await expect.poll(() => app.page.locator('article tbody tr').count()).toBe(2)
    await expect
      .poll(() =>
        app.page
          .getByText(/^(Least risk: PALM, lambda 0(\.01)?|All settings have the same risk), over 300 images\.$/)
          .count(),
      )
      .toBe(1)
    await shots('sweep-risk')
    expect(app.faults).toEqual([])
  })

  test('a table of the paper: a new sweep of it knows what is computed already, and the paper’s own numbers stand apart', async () => {
    await app.page.getByRole('button', { name: 'New sweep…' }).first().click()
    await dialog().getByLabel('What to compute').selectOption('table8')
    await dialog().getByLabel('Seeds').fill('0, 1')
    await dialog().getByLabel('Images per domain').fill('10')
    await dialog().getByRole('button', { name: 'Create sweep' }).click()
    await expect.poll(() => app.page.getByText('4 of 12 cells').count()).toBeGreaterThan(0)
    await expect.poll(() => app.page.locator('article.foreign h3').innerText()).toMatch(/^The paper’s own: /)
    await shots('sweep-paper')
    await app.page.getByRole('button', { name: 'Remove from list' }).click()
    await expect.poll(() => app.page.getByText('4 of 12 cells').count()).toBe(0)
    await app.page.reload()
    await app.page.getByRole('button', { name: 'Sweeps', exact: true }).click()
    await expect.poll(() => app.page.getByText('done, 8 of 8 cells').count()).toBe(1)
  })

  test('in German nothing is left in English: views, notes of runs and tables, help of options, three errors', async () => {
    const { page } = app
    const alert = (text: string) => page.getByRole('alert').filter({ hasText: text }).first().waitFor()
    const german = async (what: string) => {
      await expect.poll(() => englishLeft(page), { message: what }).toEqual([])
      await shoot(page, `german-${what}.png`)
    }
    // Heads and first columns of tables are words of the program, too: what stays as it is (a method's name, a corruption's) is marked as English.
    const heads = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('thead th, tbody th, article tbody td:first-child')]
          .filter((cell) => cell.checkVisibility() && cell.closest('body [lang="en"]') === null)
          .map((cell) => {
            const own = cell.cloneNode(true) as Element
            for (const marked of own.querySelectorAll('[lang="en"]')) marked.remove()
            return own.textContent?.trim() ?? ''
          })
          .filter((text) => /[a-z]{2}/i.test(text)),
      )
    const kinds = ['errors', 'adapted', 'costs', 'curve'] as const
    const english = new Set<string>()
    const keep = async () => {
      await expect.poll(async () => (await heads()).length).toBeGreaterThan(0)
      for (const text of await heads()) english.add(text)
    }
    for (const kind of kinds) {
      await page.getByLabel('Show').selectOption(kind)
      await keep()
    }
    await page.getByRole('button', { name: 'History', exact: true }).click()
    for (const box of await page.locator('tbody tr').getByRole('checkbox').all()) await box.check()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await page.getByText('Online error in %').first().waitFor()
    await keep()
    expect([...english]).toEqual(expect.arrayContaining(['setting', 'gaussian noise', 'PALM, lambda 0.01', 'mean']))
    const sameHeads = async (what: string) =>
      expect.soft([what, ...(await heads()).filter((text) => english.has(text))]).toEqual([what])
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('region', { name: 'Allgemein' }).waitFor()
    await expect.poll(() => page.evaluate('document.documentElement.lang')).toBe('de')
    for (const name of ['Allgemein', 'Rechnen', 'Datenordner', 'Protokoll', 'Systembericht', 'Über']) {
      await page.getByRole('navigation', { name: 'Einstellungen' }).getByRole('button', { name, exact: true }).click()
      await page.getByRole('region', { name, exact: true }).waitFor()
      if (name === 'Rechnen') await page.getByText('GFLOP/s').waitFor()
      await german(name)
    }

    await page.getByRole('button', { name: 'Sweeps', exact: true }).click()
    await page.getByText('fertig, 8 von 8 Zellen').first().waitFor()
    for (const kind of ['errors', 'adapted', 'costs', 'importance', 'curve']) {
      await page.getByLabel('Anzeigen').selectOption(kind)
      await german(`sweep-${kind}`)
      await sameHeads(`sweep-${kind}`)
    }
    await page.getByRole('button', { name: 'Neuer Sweep…' }).first().click()
    await dialog().getByLabel('Was berechnet wird').selectOption('table8')
    await dialog().getByLabel('Bilder je Domäne').fill('10')
    await dialog().getByLabel('Seeds').fill('-1')
    await dialog().getByRole('button', { name: 'Sweep anlegen' }).click()
    await alert('seeds.0: Zu klein: muss mindestens 0 sein')
    await german('sweep-error')
    await dialog().getByLabel('Seeds').fill('0, 1')
    await dialog().getByRole('button', { name: 'Sweep anlegen' }).click()
    await page.locator('article.foreign h3').filter({ hasText: 'Die des Papers: ' }).waitFor()
    await page.getByText('Anders als im Paper: ').first().waitFor()
    await page.getByText('Online-Fehler in %, Mittel über die Domänen.').first().waitFor()
    await german('sweep-paper')

    await page.getByRole('button', { name: 'Modelle', exact: true }).click()
    const path = page.getByPlaceholder('Pfad der Datei')
    await path.fill('/etc/model.pth')
    await page.getByRole('button', { name: 'Hinzufügen', exact: true }).click()
    await alert('Dieses Fenster darf /etc/model.pth nicht öffnen. Eine Seite darf den persönlichen Ordner öffnen')
    await path.fill(join(tmpdir(), 'palm-nothing-here.pth'))
    await page.getByRole('button', { name: 'Hinzufügen', exact: true }).click()
    await alert('lässt sich nicht lesen. Gibt es sie, und darf sie geöffnet werden?')
    await german('models')

    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.locator('.progress').waitFor()
    await german('live')
    await page.getByRole('button', { name: 'Verlauf', exact: true }).click()
    const rows = page.getByRole('region', { name: 'Läufe', exact: true }).locator('tbody tr')
    await rows.first().locator('.name button').click()
    await page.getByText('Alle Optionen seiner Methoden').waitFor()
    await german('history')
    for (const row of await rows.all()) await row.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Vergleichen', exact: true }).click()
    await page.getByText('Online-Fehler in %').waitFor()
    await german('compare')
    await sameHeads('compare')

    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await page.getByRole('button', { name: 'Neuer Lauf…' }).click()
    await dialog().getByText('Optionen', { exact: true }).click()
    await dialog().locator('details summary').filter({ hasText: /^PALM/ }).click()
    await dialog().getByText('Tensoren mit höchstens diesem Score passen sich an, der Rest ist eingefroren.').waitFor()
    await dialog()
      .getByText(/^\d+ weitere Methoden/)
      .click()
    await german('new-run')
    await dialog().getByLabel('Eigene Bilder').check()
    await dialog().getByPlaceholder('Pfad eines Ordners oder einer Datei').fill(join(tmpdir(), 'palm-no-folder'))
    await page.keyboard.press('Tab')
    await dialog().getByText('lässt sich nicht öffnen. Gibt es ihn, und darf er gelesen werden?').first().waitFor()
    await german('new-run-error')
    await page.keyboard.press('Escape')
    expect(await violations()).toEqual([])
    expect(app.faults).toEqual([])
  })
})
