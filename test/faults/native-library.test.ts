// TensorFlow's library that is not there, or is none: said in plain words with what to do; the app opens, and a run goes on when the library is back.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openWorkspaceIn } from '#app/wiring/workspace.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { PalmError, type WireError } from '#contract/errors.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { outcomeOf } from './outcome.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-native-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function loading(binding: string): Promise<Partial<WireError> & { readonly exit?: unknown }> {
  const child = fork(join(import.meta.dirname, 'native-child.ts'), [], {
    env: { ...process.env, PALM_TFJS_BINDING: binding },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  let said: WireError | null = null
  child.on('message', (message: WireError) => (said = message))
  const exit: unknown[] = await once(child, 'exit')
  return said ?? { exit: exit.join(' ') }
}

const require = createRequire(import.meta.url)
const another = join(
  dirname(require.resolve('better-sqlite3/package.json')),
  'prebuilds',
  `${process.platform}-${process.arch}.node`,
)

test('a library that is missing, is none, is cut short or is another one is said in words', async () => {
  const file = (name: string, bytes: string | Buffer): string => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  mkdirSync(join(folder, 'a-folder.node'))
  copyFileSync(another, join(folder, 'another.node'))
  const wrong = [
    join(folder, 'nowhere.node'),
    file('text.node', 'this is no library'),
    file('empty.node', ''),
    file('short.node', readFileSync(another).subarray(0, 600)),
    join(folder, 'a-folder.node'),
    join(folder, 'another.node'),
  ]
  const found = await Promise.all(wrong.map(loading))
  for (const [i, error] of found.entries())
    expect([wrong[i], error]).toEqual([
      wrong[i],
      expect.objectContaining({
        code: 'native-missing',
        message: expect.stringMatching(/npm start.*palm doctor|palm doctor.*npm start/),
      }),
    ])
  console.log(`${wrong.length} libraries that are missing or wrong: each said`)
})

test('without it the app opens, a run says so, and goes on when it is back', async () => {
  let there = false
  const { store, runs } = await openWorkspaceIn(folder, {
    resourcesFolder: sourceFolders.resources,
    startSession: sessionsHere(() => ({
      ...tensorFlowSources(false),
      ...(there
        ? {}
        : {
            cpu: () => {
              throw new PalmError(
                'native-missing',
                'The native TensorFlow library could not be loaded. Run `npm start` again.',
              )
            },
          }),
      webgpu: () => Promise.reject(new PalmError('device-missing', 'There is no card.')),
    })),
    workers: 1,
    preview: false,
  })
  const run = runs.sessions.start(tinyRun(folder)({ limit: 20 }))
  await runs.sessions.over(run)
  expect(store.runs.get(run)).toMatchObject({
    status: 'failed',
    error: { code: 'native-missing', message: expect.stringContaining('npm start') },
  })
  there = true
  runs.sessions.resume(run)
  await runs.sessions.over(run)
  expect(outcomeOf(store, run).status).toBe('done')
  store.close()
})
