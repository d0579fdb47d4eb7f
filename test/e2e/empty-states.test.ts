// Every view with nothing in it, in both languages: each says in a sentence what it is for, and the button that leads on does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApi, chromiumPath, englishLeft, openApp, shoot, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const languages = ['en', 'de'] as const
type Language = (typeof languages)[number]

/** Names of views, buttons and fields that lead to an empty place. */
const ways = {
  live: ['Live', 'Live'],
  history: ['History', 'Verlauf'],
  archived: ['Archived', 'Archiviert'],
  deleted: ['Deleted', 'Gelöscht'],
  runs: ['Runs', 'Läufe'],
  search: [/^Search names/, /^Namen, Eingaben/],
  sweeps: ['Sweeps', 'Sweeps'],
  models: ['Models', 'Modelle'],
  webcam: ['Webcam', 'Webcam'],
  settings: ['Settings', 'Einstellungen'],
  storage: ['Storage', 'Speicher'],
  log: ['Log', 'Protokoll'],
  filterLog: ['Filter the log', 'Protokoll filtern'],
  queue: [/^Queue of runs/, /^Schlange der Läufe/],
  choose: ['Choose a file…', 'Datei auswählen…'],
} as const

interface Place {
  readonly name: string
  /** What the sentence says, and its button. */
  readonly says: readonly [RegExp, RegExp]
  readonly button: readonly [string, string] | null
  go(): Promise<void>
  /** Where the button leads to. */
  leads?(at: 0 | 1): Promise<void>
}

describe.skipIf(!executable)('views with nothing in them', () => {
  let app: RunningApp
  let nothing: string

  beforeAll(async () => {
    nothing = mkdtempSync(join(tmpdir(), 'palm-nothing-'))
    app = await openApp(executable as string, ['--no-demo'])
  })
  afterAll(async () => {
    await app?.close()
    rmSync(nothing, { recursive: true, force: true })
  })

  let at: 0 | 1 = 0
  const button = (name: string | RegExp, of: Locator = app.page.locator('body')) =>
    typeof name === 'string'
      ? of.getByRole('button', { name, exact: true }).first()
      : of.getByRole('button', { name }).first()
  const press = (way: keyof typeof ways) => button(ways[way][at]).click()
  const show =
    (...all: readonly (keyof typeof ways)[]) =>
    async () => {
      for (const way of all) await press(way)
    }
  const seen = (name: string) => app.page.getByRole('button', { name, exact: true }).first().waitFor()

  const places: readonly Place[] = [
    {
      name: 'live',
      says: [/Watch a classifier adapt/, /Zusehen, wie sich ein Klassifikator/],
      button: ['Run the sample', 'Beispiel starten'],
      go: show('live'),
    },
    {
      name: 'archived',
      says: [/Runs that you archive/, /Archivierte Läufe/],
      button: ['To the runs', 'Zu den Läufen'],
      go: show('history', 'archived'),
      leads: () => app.page.locator('[data-empty]').filter({ hasText: history.says[at] }).waitFor(),
    },
    {
      name: 'deleted',
      says: [/can be brought back from here/, /von hier eine Woche lang zurückholen/],
      button: ['To the runs', 'Zu den Läufen'],
      go: show('history', 'deleted'),
    },
    {
      name: 'filtered',
      says: [/No run contains all of these words/, /Kein Lauf enthält alle diese Wörter/],
      button: ['Show all runs', 'Alle Läufe zeigen'],
      async go() {
        await show('history', 'runs')()
        await app.page.getByRole('searchbox', { name: ways.search[at] }).fill('no such run')
      },
      leads: () => app.page.locator('[data-empty]').filter({ hasText: history.says[at] }).waitFor(),
    },
    {
      name: 'compare',
      says: [/Here runs stand side by side/, /Hier stehen Läufe nebeneinander/],
      button: ['To the history', 'Zum Verlauf'],
      go: () => app.page.evaluate(() => void (location.hash = '#compare=999')),
      leads: () => app.page.locator('[data-empty]').filter({ hasText: history.says[at] }).waitFor(),
    },
    {
      name: 'sweeps',
      says: [/A sweep computes every combination/, /Ein Sweep berechnet jede Kombination/],
      button: ['New sweep…', 'Neuer Sweep…'],
      go: show('sweeps'),
      leads: () => dialog(['New sweep', 'Neuer Sweep']),
    },
    {
      name: 'models',
      says: [/Models of your own stand here/, /Hier stehen eigene Modelle/],
      button: ways.choose,
      go: show('models'),
      leads: () => dialog([/^Choose a model/, /Modell.* auswählen/]),
    },
    {
      name: 'queue',
      says: [/begins by itself when the device/, /beginnt von selbst/],
      button: ['New run…', 'Neuer Lauf…'],
      go: show('queue'),
      leads: () => dialog(['New run', 'Neuer Lauf']),
    },
    {
      name: 'storage',
      says: [/What each run takes on the disk/, /wie viel Platz jeder Lauf belegt/],
      button: ['Run the sample', 'Beispiel starten'],
      go: show('settings', 'storage'),
    },
    {
      name: 'log',
      says: [/No entry matches the filter/, /Kein Eintrag passt/],
      button: ['Show all entries', 'Alle Einträge zeigen'],
      async go() {
        await show('settings', 'log')()
        await app.page.getByRole('searchbox', { name: ways.filterLog[at] }).fill('qqqq')
      },
      leads: () => expect.poll(() => app.page.getByRole('searchbox').inputValue()).toBe(''),
    },
  ]
  const history: Place = {
    name: 'history',
    says: [/Every run is kept here/, /Hier wird jeder Lauf/],
    button: ['Run the sample', 'Beispiel starten'],
    go: show('history', 'runs'),
  }
  async function dialog(names: readonly [string | RegExp, string | RegExp]): Promise<void> {
    const opened = app.page.getByRole('dialog', { name: names[at] })
    await opened.waitFor()
    await app.page.keyboard.press('Escape')
    await opened.waitFor({ state: 'detached' })
  }
  async function speak(language: Language): Promise<void> {
    at = language === 'en' ? 0 : 1
    await callApi(app.page, 'settings.change', { changes: { language } })
    await expect.poll(() => app.page.evaluate(() => document.documentElement.lang)).toBe(language)
  }

  test.each(languages)('%s: each says what it is for, and offers what to do next', async (language) => {
    const { page } = app
    /** A dialog stands over a view that may be empty as well. */
    const top = () => page.locator('dialog[open], body:not(:has(dialog[open]))').first()
    await speak(language)
    for (const place of [history, ...places]) {
      await place.go()
      const empty = page.locator('[data-empty]').filter({ hasText: place.says[at] })
      await empty.waitFor()
      expect.soft([place.name, await top().locator('[data-empty]').count()]).toEqual([place.name, 1])
      await shoot(page, `empty-${place.name}-${language}.png`)
      if (language === 'de')
        await expect.poll(async () => [place.name, ...(await englishLeft(page))]).toEqual([place.name])
      expect.soft([place.name, ...(await violationsOf(page))]).toEqual([place.name])
      const next = button(place.button?.[at] ?? '', empty)
      expect.soft([place.name, await next.isEnabled()]).toEqual([place.name, true])
      if (place.leads) {
        await next.click()
        await place.leads(at)
      }
      if (await page.locator('dialog[open]').count()) await page.keyboard.press('Escape')
    }
  })

  test.each(languages)('%s: a folder with nothing in it says so, and one gets out of it', async (language) => {
    const { page } = app
    await speak(language)
    await press('models')
    await page.getByPlaceholder(language === 'en' ? 'Path of the file' : 'Pfad der Datei').fill(join(nothing, 'x.pth'))
    await button(['Choose…', 'Auswählen…'][at] ?? '').click()
    const picker = page.locator('dialog[open]')
    await picker.locator('[data-empty]').filter({ hasText: '.safetensors' }).waitFor()
    await picker.getByRole('button', { name: [/Up$/, /Nach oben$/][at] ?? '' }).click()
    await picker.locator('[data-empty]').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await page.getByPlaceholder(language === 'en' ? 'Path of the file' : 'Pfad der Datei').fill('')
  })

  test.each(languages)(
    '%s: the webcam and the parts of the settings, which are never empty, begin with a sentence or a choice',
    async (language) => {
      const { page } = app
      await speak(language)
      await press('webcam')
      await seen(language === 'en' ? 'Start the camera' : 'Kamera starten')
      await press('settings')
      const parts = page.getByRole('navigation', { name: ways.settings[at] }).getByRole('button')
      await expect.poll(() => parts.count()).toBe(7)
      for (const part of await parts.all()) {
        await part.click()
        const region = page.getByRole('region', { name: await part.innerText(), exact: true })
        await region.getByRole('heading', { level: 1 }).waitFor()
        await expect
          .poll(() => region.locator('button:enabled, select:enabled, input:enabled').count())
          .toBeGreaterThan(0)
      }
      expect(app.faults).toEqual([])
    },
  )
})
