// Where on a panel of the live screen a pointer takes the panel up: by the grip, or by the head where it has no control. Pure but for the page that is asked.
import { livePanels, type LivePanel } from '#renderer/state/live/live-layout.svelte.ts'

const controls = 'button, select, input, label, a, [role=group], [tabindex]'

/** The element that then has the pointer, of `area` or in it; null = nothing is taken up. A finger scrolls by the head and carries by the grip. */
export function takenBy({ button, pointerType, target }: PointerEvent, area: Element): Element | null {
  if (button !== 0 || !(target instanceof Element)) return null
  const grip = target.closest('[data-grip] button')
  if (grip) return grip
  return pointerType !== 'touch' && target.closest('header, .head') && !target.closest(controls) ? area : null
}

/** The panel below a point of the window. */
export function panelAt(x: number, y: number): LivePanel | null {
  const areas = document.elementsFromPoint(x, y).map((element) => element.closest<HTMLElement>('[data-panel]'))
  const name = areas.find((area) => area !== null)?.dataset['panel']
  return livePanels.find((panel) => panel === name) ?? null
}
