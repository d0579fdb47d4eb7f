// A full handler table and small valid payloads, for tests that need only a part of one.
import { apiMethods } from '#contract/api.ts'
import { settingsSchema } from '#contract/app/settings.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunEvent, RunSnapshot } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import type { Handlers, Subscribers } from '#app/rpc/server.ts'

/** Every method answers `internal` but those given, and settings, which answer with their defaults. */
export function tableOfHandlers(some: Partial<Handlers>): Handlers {
  const none = (): never => {
    throw new PalmError('internal', 'not part of this test')
  }
  const refusing = Object.fromEntries(Object.keys(apiMethods).map((method) => [method, none])) as unknown as Handlers
  return { ...refusing, 'settings.get': () => settingsSchema.parse({}), ...some }
}

const nothing = (): (() => void) => () => undefined

/** Every subscription says nothing but those given. */
export function tableOfSubscribers(some: Partial<Subscribers>): Subscribers {
  return {
    run: nothing,
    runs: nothing,
    sweeps: nothing,
    queue: nothing,
    lab: nothing,
    settings: nothing,
    updates: nothing,
    data: nothing,
    log: nothing,
    ...some,
  }
}

export const sampleOptions = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
})

export function statusEvent(seq: number): RunEvent {
  return { event: 'status', seq, status: 'running', error: null, message: null }
}

export function emptySnapshot(seq: number): RunSnapshot {
  return {
    seq,
    run: {
      id: 1,
      name: 'test',
      status: 'running',
      createdAt: 0,
      finishedAt: null,
      step: 0,
      totalSteps: 0,
      options: sampleOptions,
      inputName: 'sample',
      modelName: 'sample',
      lanes: [],
      error: null,
      note: '',
      tags: [],
      archived: false,
      deletedAt: null,
      parent: null,
      changes: [],
    },
    plan: null,
    steps: [],
    domains: [],
    checkpoints: [],
    collapses: [],
    skipped: [],
    skippedTotal: 0,
    progress: null,
    preview: [],
    damaged: [],
  }
}
