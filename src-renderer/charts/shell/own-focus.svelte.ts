// The way to all of the room of a panel that no view gives one: it alone grows.
import type { PanelFocus } from './panel-focus.ts'

export function ownFocus(): PanelFocus {
  let large = $state(false)
  return {
    key: '',
    get large() {
      return large
    },
    toggle: () => void (large = !large),
  }
}
