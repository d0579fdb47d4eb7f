// The packaged app's first launch, with the real set-up step in a real process.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { forkSessions } from '#app/hosts/node.ts'
import { readNativeStatus } from '#build/setup/native.mjs'
import { startNativeSetup } from '#app/services/processes/native-setup.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'palm-first-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const firstRun = (environment: Record<string, string>) =>
  startNativeSetup(forkSessions(join(root, 'build', 'setup', 'first-run.mjs'), { PALM_ROOT: root, ...environment }))

test('ends with a binding that is there; until then it says that it is at work', async () => {
  const setup = firstRun({})
  expect(setup.status()).toEqual({ ok: false, settingUp: true, reason: null, library: null })
  const binding = await setup.binding
  expect(existsSync(binding as string)).toBe(true)
  expect(setup.status()).toMatchObject({ ok: true, settingUp: false })
})

test('finds everything in the shape that the package has: the set-up beside the archive, sources in its unpacked part', async () => {
  const library = (await firstRun({}).binding) && readNativeStatus()?.library
  const resources = join(scratch, 'resources')
  cpSync(join(root, 'build', 'setup'), join(resources, 'setup'), { recursive: true })
  const modules = join(resources, 'app.asar.unpacked', 'node_modules')
  mkdirSync(join(modules, '@tensorflow', 'tfjs-node-gpu'), { recursive: true })
  symlinkSync(
    join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding'),
    join(modules, '@tensorflow', 'tfjs-node-gpu', 'binding'),
  )
  symlinkSync(join(root, 'node_modules', 'node-api-headers'), join(modules, 'node-api-headers'))
  const setup = startNativeSetup(
    forkSessions(join(resources, 'setup', 'first-run.mjs'), {
      PALM_ROOT: join(resources, 'app.asar.unpacked'),
      PALM_CACHE: join(scratch, 'cache'),
      PALM_LIBTENSORFLOW: library as string,
    }),
  )
  const binding = await setup.binding
  expect(setup.status().reason).toBeNull()
  expect(binding).toContain(join(scratch, 'cache')) // compiled anew, nothing put into the package
  expect(existsSync(join(resources, 'setup', 'unpack-wheel.py'))).toBe(true)
  expect(existsSync(join(modules, '@tensorflow', 'tfjs-node-gpu', 'lib'))).toBe(false)
})

test('that fails says why and what to do', async () => {
  const setup = firstRun({ PALM_CACHE: scratch, PALM_LIBTENSORFLOW: join(scratch, 'nothing') })
  expect(await setup.binding).toBeNull()
  expect(setup.status()).toMatchObject({
    ok: false,
    settingUp: false,
    reason: expect.stringMatching(/nothing, which does not exist\. Correct or unset PALM_LIBTENSORFLOW/),
  })
})

test('whose process ends without an answer says so', async () => {
  const setup = startNativeSetup(forkSessions(join(scratch, 'no-such-file.mjs'), {}))
  expect(await setup.binding).toBeNull()
  expect(setup.status().reason).toMatch(/code 1/)
})
