// Several runs side by side: from an address, or those that are marked in the history.
import { addressOf } from '#renderer/lib/runs/compare-address.ts'
import { Compare } from '#renderer/state/history/compare.svelte.ts'
import { History } from '#renderer/state/history/history.svelte.ts'
import type { AppState } from './app-state.svelte.ts'

/** Also before there is a connection: they are read when it is open. */
export function compareRuns(app: AppState, runs: readonly number[]): void {
  app.navigation.go('compare', addressOf(runs))
  void app.states.get(Compare)?.open(runs)
}

export function compareMarked(app: AppState): void {
  const runs = app.states.get(History)?.comparable() ?? []
  if (runs.length > 0) compareRuns(app, runs)
}
