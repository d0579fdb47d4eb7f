// What was under way when the program was ended for an update: remembered, gone on with once, and never in the way of a start.
import { expect, test } from 'vitest'
import { goOnAfterUpdate, rememberForUpdate } from '#app/services/machine/after-update.ts'
import { PalmError } from '#contract/errors.ts'

function program(activeRun: number | null, activeSweep: number | null) {
  const values = new Map<string, unknown>()
  const did: string[] = []
  return {
    values,
    did,
    store: {
      settings: {
        get: (key: string) => values.get(key),
        set: (key: string, value: unknown) => void values.set(key, value),
      },
    },
    sessions: {
      activeRun,
      resume(run: number) {
        if (run === 13) throw new PalmError('run-busy', 'Run 13 was over a webcam.')
        did.push(`run ${run}`)
      },
    },
    sweeps: { active: activeSweep, start: (sweep: number) => void did.push(`sweep ${sweep}`) },
    log: {
      info: () => undefined,
      error: (_source: string, { message }: { message: string }) => void did.push(message),
    },
  }
}

test('a run goes on, once', () => {
  const one = program(7, null)
  rememberForUpdate(one)
  goOnAfterUpdate(one)
  goOnAfterUpdate(one)
  expect(one.did).toEqual(['run 7'])
})

test('of a sweep it is the sweep that goes on, not its run alone', () => {
  const one = program(7, 2)
  rememberForUpdate(one)
  goOnAfterUpdate(one)
  expect(one.did).toEqual(['sweep 2'])
})

test('nothing under way, nothing stored, or something else stored: nothing begins', () => {
  const one = program(null, null)
  goOnAfterUpdate(one)
  rememberForUpdate(one)
  goOnAfterUpdate(one)
  for (const [key] of one.values) one.values.set(key, { run: 'seven' })
  goOnAfterUpdate(one)
  expect(one.did).toEqual([])
})

test('what cannot go on is said in the log, and the program starts', () => {
  const one = program(13, null)
  rememberForUpdate(one)
  goOnAfterUpdate(one)
  expect(one.did).toEqual(['Run 13 was over a webcam.'])
})
