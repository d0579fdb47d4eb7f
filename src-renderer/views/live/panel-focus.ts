// What the buttons of a panel of the live screen do, and which key does it too.
import type { PanelFocus, PanelMove } from '#renderer/charts/shell/panel-focus.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { livePanels, type LiveLayout, type LivePanel } from '#renderer/state/live/live-layout.svelte.ts'

/** The keys are the panels', wherever they stand: curves, errors, layer map, batch. */
export const keyOf = (panel: LivePanel): string => String(livePanels.indexOf(panel) + 1)

export const focusOf = (layout: LiveLayout, panel: LivePanel): PanelFocus => ({
  key: keyOf(panel),
  get large() {
    return layout.focused === panel
  },
  toggle: () => layout.focus(panel),
  get move(): PanelMove {
    const text = strings.layout
    return {
      title: text.move(text.panels[panel]),
      help: text.moveHelp,
      exchangeWith: text.exchangeWith,
      others: livePanels.filter((one) => one !== panel).map((id) => ({ id, title: text.panels[id] })),
      step: (direction) => layout.move(panel, direction),
      exchange: (id) => {
        const other = livePanels.find((one) => one === id)
        if (other) layout.exchange(panel, other)
      },
    }
  },
})
