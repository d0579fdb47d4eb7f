// Wheel, mouse, pen and fingers over a curve: the wheel zooms around the pointer and moves sideways, dragging moves where the view or the shift key
// say so, and else the pointer is the cursor. Marking a stretch to zoom to is the plot's own. Works on any element.
import type { ChartView } from './chart-view.ts'

/** Until the element is gone. `focus`: somebody begins to work with it. */
export function watchPointer(over: HTMLElement, view: ChartView, focus: () => void): void {
  let from: number | null = null
  const steps = (pixels: number) => (pixels / Math.max(1, over.clientWidth)) * (view.range.to - view.range.from)
  const stepAt = (clientX: number) => view.range.from + steps(clientX - over.getBoundingClientRect().left)
  const wheel = (event: WheelEvent): void => {
    event.preventDefault()
    const pixels = event.deltaMode === 1 ? 16 : 1 // of a line
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      return view.panBy(steps((event.deltaX || event.deltaY) * pixels))
    const turned = Math.max(-240, Math.min(240, event.deltaY * pixels))
    view.zoomAround(Math.exp(turned / (event.ctrlKey ? 80 : 400)), stepAt(event.clientX)) // two fingers drawn apart come as small turns with Ctrl
  }
  over.addEventListener('wheel', wheel, { passive: false })
  over.addEventListener('pointerdown', (event) => {
    focus()
    if (event.button !== 1 && !(event.button === 0 && (event.shiftKey || view.panning))) return
    event.preventDefault()
    from = event.clientX
    over.setPointerCapture(event.pointerId)
  })
  over.addEventListener('pointermove', (event) => {
    if (from === null) return view.moveCursor(stepAt(event.clientX))
    view.panBy(steps(from - event.clientX))
    from = event.clientX
  })
  const end = () => (from = null)
  over.addEventListener('pointerup', end)
  over.addEventListener('pointercancel', end)
  over.addEventListener('pointerleave', () => from === null && view.moveCursor(null))
}
