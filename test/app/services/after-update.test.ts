// What was under way when the program was ended for an update: remembered, gone on with once, and never in the way of a start.
import { expect, test } from 'vitest'
import { goOnAfterUpdate, rememberForUpdate } from '#app/services/machine/after-update.ts'
import { PalmError } from '#contract/errors.ts'

function program(activeRuns: readonly number[], activeSweep: number | null, ofSweep: readonly number[] = []) {
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
      activeRuns,
      settled: async () => void did.push('settled'),
      resume(run: number) {
        if (run === 13) throw new PalmError('run-busy', 'Run 13 was over a webcam.')
        did.push(`run ${run}`)
      },
    },
    sweeps: {
      active: activeSweep,
      holds: (run: number) => ofSweep.includes(run),
      start: (sweep: number) => void did.push(`sweep ${sweep}`),
    },
    log: {
      info: () => undefined,
      error: (_source: string, { message }: { message: string }) => void did.push(message),
    },
  }
}

/** Without the waiting for what ends just now. */
const works = ({ did }: { readonly did: readonly string[] }) => did.filter((one) => one !== 'settled')

test('a run goes on, once', async () => {
  const one = program([7], null)
  rememberForUpdate(one)
  await goOnAfterUpdate(one)
  await goOnAfterUpdate(one)
  expect(one.did).toEqual(['settled', 'run 7'])
})

test('each run goes on that was under way, and one that cannot keeps no other from it', async () => {
  const one = program([5, 13, 7], null)
  rememberForUpdate(one)
  await goOnAfterUpdate(one)
  expect(works(one)).toEqual(['run 5', 'Run 13 was over a webcam.', 'run 7'])
})

test('of a sweep it is the sweep that goes on, not its runs alone', async () => {
  const one = program([7, 8, 9], 2, [7, 9])
  rememberForUpdate(one)
  await goOnAfterUpdate(one)
  expect(works(one)).toEqual(['sweep 2', 'run 8'])
})

test('what an older version noted goes on, too', async () => {
  const one = program([7], null)
  rememberForUpdate(one)
  for (const [key] of one.values) one.values.set(key, { run: 4, sweep: null })
  await goOnAfterUpdate(one)
  expect(works(one)).toEqual(['run 4'])
})

test('nothing under way, nothing stored, or something else stored: nothing begins', async () => {
  const one = program([], null)
  await goOnAfterUpdate(one)
  rememberForUpdate(one)
  await goOnAfterUpdate(one)
  for (const [key] of one.values) one.values.set(key, { run: 'seven' })
  await goOnAfterUpdate(one)
  expect(one.did).toEqual([])
})

test('what cannot go on is said in the log, and the program starts', async () => {
  const one = program([13], null)
  rememberForUpdate(one)
  await goOnAfterUpdate(one)
  expect(works(one)).toEqual(['Run 13 was over a webcam.'])
})
