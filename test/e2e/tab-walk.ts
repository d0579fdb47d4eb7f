// A screen, walked through by the Tab key alone: what it reaches, whether one sees where one is, and what it does not reach.
import type { Page } from 'playwright-core'
import { pressTab } from './tab-keys.ts'

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

export const installWalk = `window.palmWalk ??= {
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
  /** What has the focus now, and whether anything is left. */
  look: () => {
    const w = palmWalk, e = document.activeElement
    if (!e || e === document.body || e.tagName === 'DIALOG') return null
    if (w.part !== null && !e.closest(w.part)) return 'behind'
    const again = w.reached.has(e)
    // Looked for where it may be the last one only: it takes as long as all the rest.
    const left = !(again || w.reached.size + 1 >= w.count) || w.controls(w.part).some((one) => !w.reached.has(one) && one !== e)
    w.reached.add(e)
    return { name: w.named(e), problem: again ? '' : w.seen(e), again, left }
  },
  /** Before the first control, or before the part. */
  begin: (part) => {
    const w = palmWalk
    document.activeElement?.blur()
    getSelection()?.removeAllRanges()
    const start = part === null ? null : document.querySelector(part)
    if (start && !start.hasAttribute('tabindex')) {
      // Where Tab begins.
      start.tabIndex = -1
      start.focus({ preventScroll: true })
      start.removeAttribute('tabindex')
    }
    Object.assign(w, { part, reached: new Set(), looks: [], before: true, count: w.controls(part).length })
    addEventListener('keydown', w.pressed, true)
    return w.count
  },
  /** What one press led to is looked at when the next one comes, before it does anything. */
  pressed: (event) => {
    if (event.key !== 'Tab') return
    if (!palmWalk.before) palmWalk.looks.push(palmWalk.look())
    palmWalk.before = false
  },
  taken: () => {
    palmWalk.before = true
    return [...palmWalk.looks.splice(0), palmWalk.look()]
  },
  /** How many stops it is away, less than 0 behind; null where it was drawn anew. What is no stop (yet) is one further on. */
  stopsTo: (wanted) => {
    if (!wanted.isConnected) return null
    const at = document.activeElement
    if (wanted === at) return 0
    const all = palmWalk.controls(null), to = all.indexOf(wanted)
    if (to < 0) return 1
    const from = all.indexOf(at)
    if (from >= 0) return to - from
    const next = at === null || at === document.body ? 0 : all.findIndex((one) => at.compareDocumentPosition(one) & 4)
    return next < 0 ? to - all.length : to < next ? to - next : to - next + 1
  },
  missed: () => {
    const w = palmWalk
    removeEventListener('keydown', w.pressed, true)
    return w.controls(w.part).filter((e) => !w.reached.has(e)).map(w.named)
  },
}; undefined`

/** As `installWalk` puts it there. */
export interface Walking {
  palmWalk: { stopsTo(wanted: Node): number | null }
}

/** A stop, null outside of the page, or `behind` the part. */
type Look = { name: string; problem: string; again: boolean; left: boolean } | 'behind' | null

/** Begins before the first control, or before `part` and ends behind it. What opens or goes on the way counts as it is at the end. */
export async function walk(page: Page, part: string | null = null): Promise<Walk> {
  await page.evaluate(installWalk)
  const order: string[] = []
  const unseen: string[] = []
  let gone = 0
  let round = 0
  /** @returns whether the walk goes on */
  const goesOn = (now: Look): boolean => {
    if (now === 'behind') return false
    if (now === null) return ++gone <= 2 // the browser's own buttons
    if (now.again) return now.left && ++round <= 60
    round = 0
    order.push(now.name)
    if (now.problem) unseen.push(`${now.name}: ${now.problem}`)
    return now.left
  }
  let presses = Math.max(1, await page.evaluate<number>(`palmWalk.begin(${JSON.stringify(part)})`))
  for (let all = 0; all < 600; all += presses, presses = 8) {
    await pressTab(page, presses)
    if (!(await page.evaluate<Look[]>('palmWalk.taken()')).every(goesOn)) break
  }
  const missed = await page.evaluate<string[]>('palmWalk.missed()')
  return { order, missed, unseen }
}
