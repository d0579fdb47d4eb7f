// Files of the input that go, come back, or are replaced by others in the middle of a run and before it is resumed: the run says so, or ends with the numbers of one whose input
// stayed as it was; never with others.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { openStore, type Store } from '#store/store.ts'
import type { NumpyRandom } from '#stream/images/random.ts'
import { writeBmp } from '#test/helpers/bmp.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { chance, times } from './chance.ts'
import { outcomeOf } from './outcome.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-input-'))
const input = join(folder, 'input')
const kept = join(folder, 'kept')
const classes = 10
const perClass = 20
const fileOf = (at: number) => join(input, `class-${Math.floor(at / perClass)}`, `${at % perClass}.bmp`)
const files = Array.from({ length: classes * perClass }, (_, at) => fileOf(at))

let store: Store
let runs: Runs
const options = tinyRun(folder, true)
const lanes = [{ id: 'tent', label: 'TENT', options: { method: 'tent' as const } }]
/** Ten steps a domain; more images than the look before a run reads, so that there are some left to be read. */
const overFiles = options({ input: { kind: 'folder', path: input }, batchSize: 20, lanes })
const overArray = options({ batchSize: 20, lanes })

beforeAll(() => {
  for (const [at, path] of files.entries())
    writeBmp(path, 16, 16, (x, y) => [(x * 9 + at * 31) % 256, (y * 7 + at * 13) % 256, (x * y + at) % 256])
  cpSync(input, kept, { recursive: true })
  store = openStore(join(folder, 'palm.sqlite'))
  runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder: sourceFolders.resources,
    startSession: sessionsHere(() => ({
      ...tensorFlowSources(false),
      webgpu: () => Promise.reject(new Error('there is none')),
    })),
    workers: 1,
    preview: false,
    now: Date.now,
  })
})
afterAll(async () => {
  await runs.sessions.close()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Acts after so many steps, while the run goes on. */
async function actAfter(run: number, steps: number, act: () => void): Promise<void> {
  let heard = 0
  const stop = runs.feeds.follow(run, {
    snapshot: () => undefined,
    event: (event) => event.event === 'step' && ++heard === steps && act(),
    error: (error) => expect.fail(error.message),
  })
  await runs.sessions.over(run)
  stop()
}

const pick = (random: NumpyRandom): string => files[random.randint(0, files.length)] as string

/** What is done to the folder, and undone. */
const faults: readonly {
  readonly name: string
  readonly codes: readonly string[]
  readonly act: (random: NumpyRandom) => () => void
}[] = [
  {
    name: 'the folder is taken away',
    codes: ['input-unreadable'],
    act() {
      renameSync(input, `${input}-gone`)
      return () => renameSync(`${input}-gone`, input)
    },
  },
  {
    name: 'a file is removed',
    codes: ['input-labels'],
    act(random) {
      const file = pick(random)
      const bytes = readFileSync(file)
      rmSync(file)
      return () => writeFileSync(file, bytes)
    },
  },
  {
    name: 'a file is replaced by another of its size',
    codes: ['input-labels', 'internal'],
    act(random) {
      const file = pick(random)
      const bytes = readFileSync(file)
      const other = Buffer.from(bytes)
      for (let i = 54; i < other.length; i++) other[i] = 255 - (other[i] as number)
      writeFileSync(file, other)
      return () => writeFileSync(file, bytes)
    },
  },
  {
    name: 'a file is cut short',
    codes: ['input-labels', 'input-size', 'internal'],
    act(random) {
      const file = pick(random)
      const bytes = readFileSync(file)
      writeFileSync(file, bytes.subarray(0, random.randint(0, bytes.length)))
      return () => writeFileSync(file, bytes)
    },
  },
  {
    name: 'the folder is replaced by one of the same names',
    codes: ['input-labels', 'internal'],
    act() {
      for (const [at, path] of files.entries()) writeBmp(path, 16, 16, (x, y) => [at, y * 9, x * 9])
      return () => cpSync(kept, input, { recursive: true })
    },
  },
]

async function whole(own: RunOptions): Promise<ReturnType<typeof outcomeOf>> {
  const run = runs.sessions.start(own)
  await runs.sessions.over(run)
  const outcome = outcomeOf(store, run)
  expect(outcome.status).toBe('done')
  return outcome
}

test('an input that changes during a run is said, or the numbers are those of one that stayed as it was', async () => {
  const random = chance(40)
  const expected = await whole(overFiles)
  const counts = { said: 0, same: 0, resumed: 0 }
  for (let round = 0; round < times(5, 40); round++) {
    const fault = faults[round % faults.length] as (typeof faults)[number]
    const run = runs.sessions.start(overFiles)
    let undo: () => void = () => undefined
    // What is replaced has been read before: until then whatever lies there is the run's image.
    const steps = fault.name.includes('replaced')
      ? random.randint(classes, 2 * classes)
      : random.randint(1, classes / 2)
    await actAfter(run, steps, () => (undo = fault.act(random)))
    const { status, error } = store.runs.get(run)
    const outcome = outcomeOf(store, run)
    if (status === 'done' && outcome.skipped.length === 0) {
      // What was changed had been read, or was kept from the reading before.
      expect(outcome, fault.name).toEqual(expected)
      counts.same += 1
    } else if (status === 'done') {
      expect(outcome.skipped.map(({ path }) => path.startsWith(input))).toEqual(outcome.skipped.map(() => true))
      counts.said += 1
    } else {
      expect([fault.name, fault.codes]).toEqual([fault.name, expect.arrayContaining([error?.code])])
      expect(error?.message).toContain(input)
      counts.said += 1
    }
    undo()
    if (status === 'done') continue
    runs.sessions.resume(run)
    await runs.sessions.over(run)
    const after = outcomeOf(store, run)
    if (after.status === 'done') {
      expect(after, fault.name).toEqual(expected)
      counts.resumed += 1
    } else expect([fault.name, after.error?.code]).toEqual([fault.name, 'input-labels']) // steps were recorded without a file that is there again
  }
  console.log(
    `input changed in the middle of ${times(5, 40)} runs: ${counts.said} times said, ${counts.same} times as if nothing had happened, ${counts.resumed} resumed to the same numbers`,
  )
  expect(counts.said).toBeGreaterThan(0)
})

test('an input that was changed before a run is resumed is said; put back, the run ends as if nothing had happened', async () => {
  const random = chance(41)
  const expected = await whole(overFiles)
  let [said, same] = [0, 0]
  for (let round = 0; round < times(5, 40); round++) {
    const fault = faults[round % faults.length] as (typeof faults)[number]
    const run = runs.sessions.start(overFiles)
    await actAfter(run, random.randint(classes + 1, 2 * classes - 1), () => runs.sessions.stop(run))
    expect(store.runs.get(run).status).toBe('stopped')
    const undo = fault.act(random)
    runs.sessions.resume(run)
    await runs.sessions.over(run)
    const { status, error } = store.runs.get(run)
    undo()
    if (status === 'failed') {
      expect([fault.name, fault.codes]).toEqual([fault.name, expect.arrayContaining([error?.code])])
      said += 1
      runs.sessions.resume(run)
      await runs.sessions.over(run)
    } else same += 1
    const after = outcomeOf(store, run)
    if (after.error) console.log(fault.name, error, after.error)
    // A file that was cut short is left out and listed, as at any other time.
    if (after.skipped.length > 0) expect(after.skipped.map(({ path }) => path.startsWith(input))).toEqual([true])
    else expect({ fault: fault.name, ...after }).toEqual({ fault: fault.name, ...expected })
  }
  console.log(
    `input changed before ${said + same} runs were resumed: ${said} times said and resumed to the same numbers, ${same} times it made no difference`,
  )
  expect(said).toBeGreaterThan(0)
})

test('an array whose pixels are others before a run is resumed is found, though it is as large and as old as before', async () => {
  const expected = await whole(overArray)
  const run = runs.sessions.start(overArray)
  await actAfter(run, 12, () => runs.sessions.stop(run))
  const path = join(folder, 'images', 'images.npy')
  const bytes = readFileSync(path)
  mkdirSync(join(folder, 'images'), { recursive: true })
  writeFileSync(path, Buffer.from(bytes).fill(77, 128))
  runs.sessions.resume(run)
  await runs.sessions.over(run)
  expect(store.runs.get(run)).toMatchObject({
    status: 'failed',
    error: { code: 'input-labels', message: expect.stringContaining('images.npy') },
  })
  writeFileSync(path, bytes)
  runs.sessions.resume(run)
  await runs.sessions.over(run)
  expect(outcomeOf(store, run)).toEqual(expected)
})
