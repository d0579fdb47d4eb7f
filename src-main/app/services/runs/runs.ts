// Runs in three parts: the catalogue of those that there are, the sessions that work on them, the feeds that tell of both.
import { RunCatalogue } from './run-catalogue.ts'
import { RunFeeds } from './run-feeds.ts'
import { RunSessions } from './run-sessions.ts'
import type { RunSessionsParts } from './run-sessions-parts.ts'

export interface Runs {
  readonly catalogue: RunCatalogue
  readonly sessions: RunSessions
  readonly feeds: RunFeeds
}

/** Over one store. Whoever opens them closes `sessions`, then the store. */
export function openRuns(parts: RunSessionsParts): Runs {
  const feeds = new RunFeeds(parts.store, parts.now)
  const catalogue = new RunCatalogue(parts.store, feeds, parts.now)
  return { catalogue, sessions: new RunSessions(parts, catalogue, feeds), feeds }
}
