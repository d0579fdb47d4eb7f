// What keys do on the layer map: the cursor in time and through the tensors, zoom and pan, opening a tensor.
import { spanOf } from '#renderer/lib/charts/time-view.ts'
import type { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'

/** @returns whether the key means something there */
export function pressOnLayers(map: LayerMap, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const page = Math.max(1, Math.round(spanOf(map.view) / 10))
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const by = event.key === 'ArrowLeft' ? -1 : 1
      if (event.shiftKey) map.pan(by * page)
      else map.move(by)
      break
    }
    case 'ArrowUp':
      map.moveTensor(-1)
      break
    case 'ArrowDown':
      map.moveTensor(1)
      break
    case 'PageUp':
      map.move(-page)
      break
    case 'PageDown':
      map.move(page)
      break
    case 'Home':
      map.goTo(0)
      break
    case 'End':
      map.setFollow(true)
      break
    case '+':
    case '=':
      map.zoom(0.5)
      break
    case '-':
      map.zoom(2)
      break
    case '0':
      map.showAll()
      break
    case 'Enter':
      if (map.tensor !== null) map.open(map.tensor)
      break
    default:
      return false
  }
  if (map.tensor === null) map.moveTensor(0)
  return true
}
