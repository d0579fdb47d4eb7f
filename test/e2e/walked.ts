// One place of the program, walked through by Tab, then read as a screen reader does: in English and dark with all that axe knows (WCAG 2.2 AA and its best practice), in German and
// light with what other words and another theme can change.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { callApi, englishLeft, looksViolationsOf, wcagViolationsOf } from './app-in-browser.ts'
import { faultsOf, nameless } from './read-aloud.ts'
import { walk } from './tab-walk.ts'
import { runName } from './walked-data.ts'

/** Once all of it is there: what comes while it is walked through is missed that time. `part`: of this alone; `least`: stops at least. @returns the stops in their order */
export async function tabbed(
  page: Page,
  name: string,
  part: string | null = null,
  least = 1,
): Promise<readonly string[]> {
  let stops: readonly string[] = []
  await expect
    .poll(async () => {
      const { order, missed, unseen } = await walk(page, part)
      stops = order
      return { name, missed, unseen, few: order.length < least ? order : [] }
    })
    .toEqual({ name, missed: [], unseen: [], few: [] })
  return stops
}

export async function put(page: Page, language: 'en' | 'de', theme: 'light' | 'dark'): Promise<void> {
  await callApi(page, 'settings.change', { changes: { language, theme } })
  const here = () => page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dataset.theme}`)
  await expect.poll(here).toBe(`${language} ${theme}`)
}

export async function heard(page: Page, name: string, part: string | null = null): Promise<void> {
  for (const [language, theme] of [
    ['en', 'dark'],
    ['de', 'light'],
  ] as const) {
    await put(page, language, theme)
    const where = `${name}, ${language}`
    await expect.poll(async () => [where, ...(await nameless(page))]).toEqual([where])
    expect.soft([where, ...(await faultsOf(page))]).toEqual([where])
    const violations = language === 'en' ? wcagViolationsOf(page, part) : looksViolationsOf(page, part)
    expect.soft([where, ...(await violations)]).toEqual([where])
    if (language === 'de')
      // What is told with the next frame is told in German then.
      await expect
        .poll(async () => [where, ...(await englishLeft(page)).filter((text) => !text.includes(runName))])
        .toEqual([where])
  }
  await put(page, 'en', 'light')
}

/** Both. @returns the stops in their order */
export async function walked(
  page: Page,
  name: string,
  part: string | null = null,
  least = 1,
): Promise<readonly string[]> {
  const stops = await tabbed(page, name, part, least)
  await heard(page, name, part)
  return stops
}
