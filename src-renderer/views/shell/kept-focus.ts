// Whoever works with keys stays where they are: if what has the focus goes from the page (a run ends and takes its Stop button with it, a row is removed, a dialog's opener is gone), the
// focus goes to what came in its place, else to its neighbour. Without this it falls to the page's beginning. Does nothing for a pointer, and nothing while the focus is somewhere.

const controls = [
  'a[href]',
  ...['button', 'input', 'select', 'textarea'].map((name) => `${name}:enabled`),
  'summary',
  '[tabindex]:not([tabindex^="-"])',
].join()

const chainOf = (element: Element | null): Element[] => {
  const chain: Element[] = []
  for (let one = element; one; one = one.parentElement) chain.push(one)
  return chain
}
const isElement = (node: Node): node is Element => node.nodeType === Node.ELEMENT_NODE

/** @returns what ends it */
export function keepFocus(page: Document): () => void {
  let byKeys = false
  let last: HTMLElement | null = null
  /** Of `last`, with itself, as it was when it got the focus. */
  let chain: Element[] = []
  /** What had the focus when a dialog opened, and what that lay in. */
  const openers = new WeakMap<Element, Element[]>()
  const nowhere = () => page.activeElement === null || page.activeElement === page.body

  function came(event: FocusEvent): void {
    const to = event.target as HTMLElement
    const dialog = to.closest('dialog')
    if (dialog && !openers.has(dialog)) openers.set(dialog, chain)
    last = to
    chain = chainOf(to)
  }
  /** Left of one's own will: a disabled button has lost it against that. */
  function left(event: FocusEvent): void {
    const from = event.target as HTMLElement
    queueMicrotask(() => {
      if (last !== from || !nowhere() || !from.isConnected || from.matches(':disabled')) return
      last = null
      chain = []
    })
  }

  function shownIn(around: Element): HTMLElement[] {
    return [...around.querySelectorAll<HTMLElement>(controls)].filter(
      (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert], [aria-hidden="true"]'),
    )
  }
  function next(records: readonly MutationRecord[]): HTMLElement | null {
    const gone = chain.findLast((one) => one.matches('dialog') && !one.isConnected)
    const around = (gone ? (openers.get(gone) ?? []) : chain).filter((one) => one.isConnected)
    const added = records.flatMap(({ addedNodes }) => [...addedNodes].filter(isElement))
    const taken = records.find(({ removedNodes }) => [...removedNodes].some((node) => chain.includes(node as Element)))
    for (const one of around) {
      if (one === page.body || one.matches('main')) break
      if (gone && one === around[0] && one.matches(controls)) return one as HTMLElement
      const own = shownIn(one)
      const marker = gone ? null : (taken?.nextSibling ?? null)
      const found =
        own.find((control) => added.some((node) => node.contains(control))) ??
        (marker
          ? own.find((control) => marker.contains(control) || marker.compareDocumentPosition(control) & 4)
          : undefined) ??
        own.at(gone ? 0 : -1)
      if (found) return found
    }
    return around.length > 0 ? page.querySelector('main') : null
  }

  const observer = new MutationObserver((records) => {
    if (!last || !byKeys || !nowhere()) return
    if (last.isConnected) {
      if (!last.matches(':disabled')) last.focus({ preventScroll: true }) // it can be pressed again
      return
    }
    const to = next(records)
    if (to?.matches('main')) to.tabIndex = -1
    to?.focus({ preventScroll: true })
  })
  const keys = () => (byKeys = true)
  const pointer = () => (byKeys = false)
  page.addEventListener('keydown', keys, true)
  page.addEventListener('pointerdown', pointer, true)
  page.addEventListener('focusin', came)
  page.addEventListener('focusout', left)
  observer.observe(page.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] })
  return () => {
    observer.disconnect()
    page.removeEventListener('keydown', keys, true)
    page.removeEventListener('pointerdown', pointer, true)
    page.removeEventListener('focusin', came)
    page.removeEventListener('focusout', left)
  }
}
