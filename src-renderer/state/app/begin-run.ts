// How the run in a form begins: at once, when what is under way ends, or in its place.
import type { QueueEstimate } from '#contract/runs/queue.ts'
import type { RunOptionsInput } from '#contract/runs/run-options.ts'
import type { AppState } from './app-state.svelte.ts'
import type { How } from './queue.svelte.ts'

/** It is shown where it begins at once. Rejects with what was wrong. @returns whether it was started or lined up; else `app.problems` says why not */
export async function beginRun(
  app: Pick<AppState, 'run' | 'queue'>,
  how: How,
  options: RunOptionsInput & { readonly name: string },
  estimateMs: QueueEstimate | null,
): Promise<boolean> {
  if (how === 'now') return app.run.start(options)
  const work = { kind: 'start', options } as const
  if (how === 'later') await app.queue.lineUp(work, options.name, estimateMs)
  else {
    const run = await app.queue.instead(work)
    if (run !== null) app.run.show(run)
  }
  return true
}
