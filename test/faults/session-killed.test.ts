// A session's process is killed (SIGKILL) at any moment, again and again, and the run resumed after each kill: what was committed is there, once; the file is sound; and the run ends
// as one that was never hurt, bit for bit. One process computes many runs at once (many-sessions-child.ts), so that each kill cuts off as many sessions.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { processEnvironment } from '#engine/compute/environment.ts'
import { openStore } from '#store/store.ts'
import type { NumpyRandom } from '#stream/images/random.ts'
import { bundled } from '#test/helpers/bundled.ts'
import { chance, moment, seed, times } from './chance.ts'
import type { Order, Said } from './many-sessions-child.ts'
import { outcomeOf } from './outcome.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-kills-'))
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(dirname(await program), { recursive: true, force: true })
})
const options = tinyRun(folder, true)

/** What is computed in each slot; the second half of a chain is a new run of the same. */
const tent = { id: 'tent', label: 'TENT', options: { method: 'tent' as const } }
const kinds = [
  options({ limit: 40 }),
  options({ limit: 40, seed: 2, schedule: 'reset-per-domain', batchSize: 7, lanes: [tent] }),
  options({ limit: 16, seed: 3, window: 16, batchSize: 4 }),
  options({
    limit: 40,
    seed: 4,
    lanes: [{ id: 'rotta', label: 'RoTTA', options: { method: 'rotta', memory: 16, period: 16 } }, tent],
  }),
]
/** Computed in one process. */
const slots = 16
/** One process for each core: while one computes, the other's rows are looked at. */
const processesAtOnce = 2
const sessionsToKill = times(200, 1000)

/** One file loads in half the time of two hundred, and one thread decodes for all sessions. */
const program = bundled('test/faults/many-sessions-child.ts', {
  instead: { 'src-main/stream/pool.ts': 'test/faults/shared-pool.ts' },
})

interface Slot {
  readonly kind: number
  readonly dataFolder: string
  readonly file: string
  run: number
  /** The newest step that was said to be committed. */
  step: number
  live: boolean
}

const slotOf = (at: number): Slot => {
  const dataFolder = join(folder, `data-${at}`)
  mkdirSync(dataFolder)
  return { kind: at % kinds.length, dataFolder, file: join(dataFolder, 'palm.sqlite'), run: 0, step: -1, live: false }
}

function begin(slot: Slot): void {
  const store = openStore(slot.file)
  slot.run = store.runs.createRun(kinds[slot.kind] ?? options(), 0)
  slot.step = -1
  store.close()
}

interface Sessions {
  readonly child: ChildProcess
  send(orders: readonly Order[]): void
  /** Resolves when so many steps were said since the start, or all runs have ended. */
  made(steps: number): Promise<void>
  /** Hears of each that ended by itself. */
  readonly ended: (said: (slot: number, status: string) => void) => void
}

async function sessions(all: readonly Slot[]): Promise<Sessions> {
  const child = fork(await program, [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...processEnvironment },
  })
  let ended: (slot: number, status: string) => void = () => undefined
  let [made, over] = [0, 0]
  let progress: () => void = () => undefined
  const up = new Promise<void>((resolve) => {
    child.on('message', (message: Said) => {
      if (message.said === 'up') return resolve()
      const slot = all[message.slot] as Slot
      if (message.said === 'step') {
        made += 1
        slot.step = Math.max(slot.step, message.step)
      } else {
        over += 1
        ended(message.slot, message.status)
      }
      progress()
    })
  })
  await Promise.race([
    up,
    once(child, 'exit').then(() => expect.fail('the process of the sessions went before it was asked for anything')),
  ])
  return {
    child,
    send: (orders) => orders.forEach((order) => child.send(order)),
    made: (steps) =>
      new Promise((resolve) => {
        progress = () => (made >= steps || over === all.length) && resolve()
        progress()
      }),
    ended: (listener) => (ended = listener),
  }
}

const orderOf = (at: number, { run, dataFolder }: Slot, afterMs: number): Order => ({
  slot: at,
  start: {
    type: 'start',
    run,
    dataFolder,
    resourcesFolder: sourceFolders.resources,
    workers: 1,
    preview: false,
    device: { choice: 'cpu', prefer: null, without: [] },
  },
  afterMs,
})

type Outcome = ReturnType<typeof outcomeOf>

function outcome(slot: Slot): Outcome {
  const store = openStore(slot.file)
  try {
    return outcomeOf(store, slot.run)
  } finally {
    store.close()
  }
}

/** Whatever was committed is there, and is what the run that was never hurt has. */
function check(slot: Slot, expected: Outcome): void {
  const db = new Database(slot.file)
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
  db.close()
  const { steps, predictions, checkpoints, collapses, domains } = outcome(slot)
  const committed = Math.max(-1, ...steps.map(({ step }) => step))
  expect(committed, 'a step that was said is there').toBeGreaterThanOrEqual(slot.step)
  expect(steps).toEqual(expected.steps.filter(({ step }) => step <= committed))
  expect(predictions).toEqual(expected.predictions.filter(({ step }) => step <= committed))
  expect(checkpoints).toEqual(expected.checkpoints.filter(({ step }) => step <= committed))
  expect(collapses).toEqual(expected.collapses.filter(({ step }) => step <= committed))
  expect(domains).toEqual(expected.domains.slice(0, domains.length))
}

interface Counts {
  killed: number
  /** Of those: after their first step. */
  within: number
  processes: number
  finished: number
}

/** Until all groups together have been killed often enough; then what is left is brought to its end. */
async function killAgainAndAgain(
  all: readonly Slot[],
  random: NumpyRandom,
  expected: readonly Outcome[],
  counts: Counts,
): Promise<void> {
  all.forEach(begin)
  while (counts.killed < sessionsToKill) {
    const now = await sessions(all)
    counts.processes += 1
    now.ended((at, status) => {
      const slot = all[at] as Slot
      slot.live = false
      expect(status).toBe('done')
    })
    for (const slot of all) slot.live = true
    now.send(all.map((slot, at) => orderOf(at, slot, random.randint(0, 300))))
    // Every third at any time, most of them before the first step; the others after so many steps of all runs and a moment more.
    const steps = random.randint(0, 3) === 0 ? 0 : random.randint(1, 6 * slots)
    await (steps === 0 ? moment(random.randint(0, 1500)) : now.made(steps))
    if (steps > 0) await moment(random.randint(0, 40))
    now.child.kill('SIGKILL')
    await once(now.child, 'exit')
    for (const slot of all) {
      if (slot.live) {
        counts.killed += 1
        if (slot.step >= 0) counts.within += 1
        check(slot, expected[slot.kind] as Outcome)
        continue
      }
      counts.finished += 1
      expect(outcome(slot)).toEqual(expected[slot.kind])
      begin(slot)
    }
  }
  await toTheEnd(all)
  for (const slot of all) expect(outcome(slot)).toEqual(expected[slot.kind])
  counts.finished += all.length
}

async function toTheEnd(all: readonly Slot[]): Promise<void> {
  const now = await sessions(all)
  await new Promise<void>((resolve) => {
    let left = all.length
    now.ended((_slot, status) => {
      expect(status).toBe('done')
      if (--left === 0) resolve()
    })
    now.send(all.map((slot, at) => orderOf(at, slot, 0)))
  })
  now.child.kill()
}

test(`${sessionsToKill} sessions killed at any moment: no committed step is lost, and every run ends as if nothing had happened`, async () => {
  const unhurt = kinds.map((_, at) => slotOf(100 * kinds.length + at))
  unhurt.forEach(begin)
  await toTheEnd(unhurt)
  const expected = unhurt.map(outcome)
  for (const { look } of expected) expect(look?.remedies).toEqual([]) // tiny-run.ts
  const counts: Counts = { killed: 0, within: 0, processes: 0, finished: 0 }
  const groups = Array.from({ length: processesAtOnce }, (_group, group) =>
    Array.from({ length: slots }, (_slot, at) => slotOf(group * slots + at)),
  )
  await Promise.all(groups.map((all, group) => killAgainAndAgain(all, chance(10 + group), expected, counts)))
  console.log(
    `${counts.killed} sessions killed (${counts.processes} kills of a process with ${slots} of them, ${counts.within} after steps, seed ${seed}): 0 steps lost, ${counts.finished} runs ended as those that were never hurt`,
  )
  expect(counts.within).toBeGreaterThan(counts.killed / 4)
})
