// The commands that divide the live screen: one panel alone, and everything back in its place.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import { livePanels } from '#renderer/state/live/live-layout.svelte.ts'
import type { Command } from './commands.svelte.ts'

export function panelCommands({ layout, navigation, run }: AppState): Command[] {
  const text = strings.layout
  const shown = navigation.view === 'live' && run.live?.plan != null
  return [
    ...livePanels.map((panel, i): Command => ({
      id: `focus:${panel}`,
      title: text.focus[panel],
      key: String(i + 1),
      menu: 'view',
      enabled: shown,
      run: () => layout.focus(panel),
    })),
    {
      id: 'resetLayout',
      title: text.reset,
      key: null,
      menu: 'view',
      enabled: shown && layout.changed,
      run: () => layout.reset(),
    },
  ]
}
