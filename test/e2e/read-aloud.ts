// What a screen reader is given of the page as it is now: Chromium's own tree of accessibility, and what is asked of it beside axe.
import type { Page } from 'playwright-core'

/** What must say what it is. */
const named = new Set(
  (
    'button checkbox combobox link listbox menu menuitem radio radiogroup searchbox slider spinbutton splitter switch tab textbox ' +
    'img image table grid dialog region navigation progressbar application'
  ).split(' '),
)

export interface ReadNode {
  readonly role: string
  readonly name: string
}

export async function treeOf(page: Page): Promise<ReadNode[]> {
  const client = await page.context().newCDPSession(page)
  const { nodes } = await client.send('Accessibility.getFullAXTree')
  await client.detach()
  const text = (value: { value?: unknown } | undefined) => (typeof value?.value === 'string' ? value.value.trim() : '')
  return nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => ({ role: text(role), name: text(name) }))
}

export const nameless = async (page: Page): Promise<ReadNode[]> =>
  (await treeOf(page)).filter(({ role, name }) => named.has(role) && name === '')

/** Of what is shown now, in a dialog of the dialog: headings that skip a level, canvases that neither are hidden nor belong to something with a name, tables without a head. */
export const faultsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const top = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body
    const shown = <E extends Element>(selector: string) =>
      [...top.querySelectorAll<E>(selector)].filter((one) => one.checkVisibility())
    const headings = shown('h1, h2, h3, h4, h5, h6')
    const level = (one: Element | undefined) => Number(one?.tagName[1] ?? 0)
    const skipped = headings.filter((one, i) => level(one) > level(headings[i - 1]) + 1)
    const bare = shown('canvas').filter((one) => !one.closest('[aria-hidden=true], [aria-label], label, button'))
    const headless = shown('table').filter((one) => one.querySelector('th') === null)
    return [
      ...skipped.map((one) => `a heading that skips a level: ${one.textContent}`),
      ...bare.map((one) => `a canvas without a name: ${one.parentElement?.outerHTML.slice(0, 120)}`),
      ...headless.map((one) => `a table without a head: ${one.outerHTML.slice(0, 80)}`),
    ]
  })
