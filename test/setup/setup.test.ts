// The set-up's own rules: what is skipped, what is refused in words, and that a second set-up waits or takes over.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { cacheFolder, isNodeNewEnough, wheels } from '#build/setup/places.mjs'
import { isDone, markDone, runProgram, step, StepError, withLock } from '#build/setup/step.mjs'
import { provideNative } from '#build/setup/native.mjs'

const folder = mkdtempSync(join(tmpdir(), 'palm-setup-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs `work` with these variables set, and puts the old ones back. */
async function withEnvironment<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]))
  Object.assign(process.env, variables)
  try {
    return await work()
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

describe('where things are kept', () => {
  test('the cache: chosen, or the system’s place', () => {
    expect(cacheFolder({ PALM_CACHE: '/c', XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/c')
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe(join('/x', 'palm-studio'))
    expect(cacheFolder({}, 'linux', '/home/a')).toBe(join('/home/a', '.cache', 'palm-studio'))
    expect(cacheFolder({}, 'darwin', '/Users/a')).toBe(join('/Users/a', 'Library', 'Caches', 'palm-studio'))
  })

  test('every pinned package has a whole checksum', () => {
    for (const { packages } of Object.values(wheels))
      for (const { sha256 } of packages) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

test('which Node is new enough', () => {
  expect(isNodeNewEnough('v20.20.2')).toBe(false)
  expect(isNodeNewEnough('v22.17.1')).toBe(false)
  expect(isNodeNewEnough('v22.18.0')).toBe(true)
  expect(isNodeNewEnough('v24.0.0')).toBe(true)
})

describe('a step', () => {
  test('is done when its stamp holds its key, and not when the key changed', () => {
    const stamp = join(folder, 'deep', 'stamp')
    expect(isDone(stamp, 'a')).toBe(false)
    markDone(stamp, 'a')
    expect(isDone(stamp, 'a')).toBe(true)
    expect(isDone(stamp, 'b')).toBe(false)
  })

  test('that fails says which step, why, what to do and what was printed', async () => {
    const failing = step('Making tea', async () => {
      await runProgram(process.execPath, ['-e', 'console.error("no water"); process.exit(3)'], {
        todo: 'Open the tap.',
      })
    })
    await expect(failing).rejects.toMatchObject({
      message: expect.stringMatching(/^Making tea: .* ended with 3$/),
      todo: 'Open the tap.',
      detail: 'no water',
    })
  })

  test('whose program does not exist says so', async () => {
    await expect(runProgram('palm-no-such-program', [], { todo: 'Install it.' })).rejects.toThrow(
      'palm-no-such-program could not be started',
    )
  })
})

describe('the lock', () => {
  test('a second set-up waits for the first', async () => {
    const order: string[] = []
    const place = join(folder, 'lock')
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const first = withLock(place, async () => {
      order.push('first in')
      await vi.waitUntil(() => told.mock.calls.some(([text]) => String(text).includes('waiting for it')), 60_000)
      order.push('first out')
    })
    const second = withLock(place, async () => void order.push('second'))
    await Promise.all([first, second])
    told.mockRestore()
    expect(order).toEqual(['first in', 'first out', 'second'])
  })

  test('of a process that is gone is taken over', async () => {
    const place = join(folder, 'stale')
    mkdirSync(place)
    writeFileSync(join(place, 'setup.lock'), '999999999')
    expect(await withLock(place, async () => 'mine')).toBe('mine')
  })

  test('is given back when the work throws', async () => {
    const place = join(folder, 'thrown')
    await expect(withLock(place, () => Promise.reject(new StepError('no', 'try')))).rejects.toThrow('no')
    expect(await withLock(place, async () => 1)).toBe(1)
  })
})

describe('a library of the user’s own', () => {
  const cache = { PALM_CACHE: join(folder, 'cache') }

  test('that does not exist is refused by name', async () => {
    await withEnvironment({ ...cache, PALM_LIBTENSORFLOW: join(folder, 'nothing') }, () =>
      expect(provideNative(process.execPath)).rejects.toMatchObject({
        message: expect.stringContaining(join(folder, 'nothing')),
        todo: expect.stringContaining('PALM_LIBTENSORFLOW'),
      }),
    )
  })

  test('without the files that it needs is refused with the file’s name', async () => {
    const place = join(folder, 'half')
    mkdirSync(place)
    writeFileSync(join(place, 'libtensorflow_cc.so.2'), '')
    await withEnvironment({ ...cache, PALM_LIBTENSORFLOW: place }, () =>
      expect(provideNative(process.execPath)).rejects.toThrow('libtensorflow_framework.so.2'),
    )
  })

  test('a binding that does not exist is refused by name', async () => {
    await withEnvironment({ ...cache, PALM_TFJS_BINDING: join(folder, 'no.node') }, () =>
      expect(provideNative(process.execPath)).rejects.toThrow('no.node'),
    )
  })
})
