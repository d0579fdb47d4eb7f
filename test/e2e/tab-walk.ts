// A screen, walked through by the Tab key alone: what it reaches, whether one sees where one is, and what it does not reach.
import type { Page } from 'playwright-core'

/** Everything that answers to a key and can be reached now: in the part that is named, else in the dialog on top, else in the page. Of a group of radio buttons the one that Tab comes to. */
const listControls = `((part) => {
  const top = part ? document.querySelector(part) : ([...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body)
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert]') && e.getClientRects().length > 0
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true], [tabindex]'
  const all = [...top.querySelectorAll(wanted)].filter((e) => shown(e) && e.tabIndex >= 0 && !e.disabled && !e.closest('fieldset:disabled'))
  const group = (e) => (e.type === 'radio' && e.name ? [...top.querySelectorAll('input[type=radio]')].filter((o) => o.name === e.name && o.form === e.form) : [e])
  const stop = (e) => { const g = group(e); return g.length < 2 || (g.find((o) => o.checked) ?? e) === e || (!g.some((o) => o.checked) && g[0] === e) }
  return all.filter(stop)
})`

export interface Walk {
  /** In the order in which they came. */
  readonly order: readonly string[]
  readonly missed: readonly string[]
  /** Has no ring, lies outside of the window, or under something. */
  readonly unseen: readonly string[]
}

const install = `window.palmWalk ??= {
  controls: ${listControls},
  named: (e) => {
    const text = (e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText ?? '').trim().replaceAll(/\\s+/g, ' ').slice(0, 50)
    return e.tagName.toLowerCase() + (e.getAttribute('role') ? '[' + e.getAttribute('role') + ']' : '') + ' “' + (text || e.id || e.className) + '”'
  },
  seen: (e) => {
    const style = getComputedStyle(e)
    const rings = (one) => { const { outlineStyle, outlineWidth } = getComputedStyle(one); return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 }
    const ring = [e, ...e.querySelectorAll('*')].some(rings) || (e.namespaceURI.endsWith('svg') && parseFloat(style.strokeWidth) >= 2)
    const box = e.getBoundingClientRect()
    const left = Math.max(0, box.left), right = Math.min(innerWidth, box.right), top = Math.max(0, box.top), bottom = Math.min(innerHeight, box.bottom)
    if (right - left < 1 || bottom - top < 1) return 'outside'
    if (!ring) return 'no ring'
    const at = (x, y) => { const hit = document.elementFromPoint(x, y); return hit && (e.contains(hit) || hit.contains(e) || [...(e.labels ?? [])].some((l) => l.contains(hit))) }
    for (const fx of [0.5, 0.1, 0.9]) for (const fy of [0.5, 0.1, 0.9]) if (at(left + (right - left) * fx, top + (bottom - top) * fy)) return ''
    return 'covered'
  },
}; undefined`

interface Walking {
  palmWalk: {
    controls(part: string | null): HTMLElement[]
    named(element: Element): string
    seen(element: Element): string
  }
  palmReached: Set<Element>
}

/** Begins before the first control, or before `part` and ends behind it. What opens or goes on the way counts as it is at the end. */
export async function walk(page: Page, part: string | null = null): Promise<Walk> {
  await page.evaluate(install)
  const expected = await page.evaluate((within) => {
    const w = window as unknown as Walking
    ;(document.activeElement as HTMLElement | null)?.blur()
    getSelection()?.removeAllRanges()
    const start = within === null ? null : document.querySelector<HTMLElement>(within)
    if (start && !start.hasAttribute('tabindex')) {
      // Where Tab begins.
      start.tabIndex = -1
      start.focus({ preventScroll: true })
      start.removeAttribute('tabindex')
    }
    w.palmReached = new Set()
    return w.palmWalk.controls(within).length
  }, part)
  const order: string[] = []
  const unseen: string[] = []
  let gone = 0
  let round = 0
  for (let presses = 0; presses < 600; presses++) {
    await page.keyboard.press('Tab')
    const now = await page.evaluate(
      ([within, count]) => {
        const w = window as unknown as Walking
        const element = document.activeElement
        if (!element || element === document.body || element.tagName === 'DIALOG') return null
        if (within !== null && !element.closest(within)) return 'behind'
        const again = w.palmReached.has(element)
        // Looked for where it may be the last one only: it takes as long as all the rest.
        const mayBeLast = again || w.palmReached.size + 1 >= count
        const left = !mayBeLast || w.palmWalk.controls(within).some((one) => !w.palmReached.has(one) && one !== element)
        w.palmReached.add(element)
        return { name: w.palmWalk.named(element), problem: again ? '' : w.palmWalk.seen(element), again, left }
      },
      [part, expected] as const,
    )
    if (now === 'behind') break
    if (now === null) {
      if (++gone > 2) break // the browser's own buttons
      continue
    }
    if (now.again) {
      if (!now.left || ++round > 60) break
      continue
    }
    round = 0
    order.push(now.name)
    if (now.problem) unseen.push(`${now.name}: ${now.problem}`)
    if (!now.left) break
  }
  const missed = await page.evaluate((within) => {
    const w = window as unknown as Walking
    return w.palmWalk
      .controls(within)
      .filter((element) => !w.palmReached.has(element))
      .map((element) => w.palmWalk.named(element))
  }, part)
  return { order, missed, unseen }
}
