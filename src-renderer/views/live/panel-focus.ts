// What the button of a panel of the live screen does, and which key does it too.
import type { PanelFocus } from '#renderer/charts/shell/panel-focus.ts'
import { livePanels, type LiveLayout, type LivePanel } from '#renderer/state/live/live-layout.svelte.ts'

/** The keys are the panels' places: curves, errors, layer map, batch. */
export const keyOf = (panel: LivePanel): string => String(livePanels.indexOf(panel) + 1)

export const focusOf = (layout: LiveLayout, panel: LivePanel): PanelFocus => ({
  key: keyOf(panel),
  get large() {
    return layout.focused === panel
  },
  toggle: () => layout.focus(panel),
})
