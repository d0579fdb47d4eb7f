// All commands of the window: those of the run, one for each view, those of a view alone, and the rest, in the order of palette and list of keys.
import { language } from '#renderer/lib/strings/strings.svelte.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import type { Command } from '#renderer/state/app/commands/commands.svelte.ts'
import { runCommands } from '#renderer/state/app/commands/run-commands.ts'
import { generalCommands, helpCommands } from '#renderer/state/app/commands/shell-commands.ts'
import { openView, views } from '#renderer/views/views.ts'

/** One for each view that stands in the row of views, or at the right of the header. */
const goTo = (app: AppState, where: 'row' | 'right'): Command[] =>
  views.flatMap((view) => {
    const { id, entry, possible } = view
    if (!entry || (entry.icon === null) !== (where === 'row')) return []
    const { command, key, keys, menu } = entry
    return {
      id,
      title: command[language()],
      key,
      keys,
      menu,
      enabled: possible?.(app) ?? true,
      run: () => openView(app, view),
    }
  })

/** What asks the program waits for the connection, like the buttons for it. */
const connected = (app: AppState, commands: readonly Command[]): Command[] =>
  commands.map((command) => ({ ...command, enabled: command.enabled && app.connection.isOpen }))

export const allCommands = (app: AppState): Command[] => [
  ...connected(app, runCommands(app)),
  ...goTo(app, 'row'),
  ...connected(
    app,
    views.flatMap(({ commands }) => commands?.(app) ?? []),
  ),
  ...generalCommands(app),
  ...goTo(app, 'right'),
  ...helpCommands(app, () => void window.open(location.href)),
]
