// Which files the program's own processes are started from: its sources, or the bundles that the set-up says are of these very sources.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { programFile } from '#app/wiring/program-files.ts'

afterEach(() => void vi.unstubAllEnvs())

const names = ['session', 'probe', 'picture-worker'] as const

test('without bundles the sources run as they are', () => {
  vi.stubEnv('PALM_BUILT', undefined)
  for (const name of names) {
    expect(programFile(name)).toMatch(new RegExp(`entry.${name}\\.ts$`))
    expect(existsSync(programFile(name)), name).toBe(true)
  }
})

test('bundles are taken from where the set-up says that they are', () => {
  vi.stubEnv('PALM_BUILT', join('some', 'where'))
  for (const name of names) expect(programFile(name)).toBe(join('some', 'where', `${name}.js`))
})
