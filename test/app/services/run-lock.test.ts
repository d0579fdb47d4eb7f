// The lock of a run, held against real processes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isRunLocked, takeRunLock } from '#app/services/runs/run-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the lock of a run', () => {
  it('is refused while held and free again after its release', () => {
    const lock = takeRunLock(folder, 1)
    expect(lock).not.toBeNull()
    expect(takeRunLock(folder, 1)).toBeNull()
    expect(takeRunLock(folder, 2)).not.toBeNull()
    lock?.release()
    expect(isRunLocked(folder, 1)).toBe(false)
  })

  it('lives as long as a process that it names, and is stale afterwards', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(child, 'spawn')
    const file = join(folder, 'sessions', 'run-3.json')
    const lock = takeRunLock(folder, 3)
    lock?.hold(child.pid ?? 0)
    // As if this process had died: only the child is left in the file.
    const holders = JSON.parse(readFileSync(file, 'utf8')) as unknown[]
    writeFileSync(file, JSON.stringify(holders.slice(1)))
    expect(isRunLocked(folder, 3)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isRunLocked(folder, 3)).toBe(false)
    expect(takeRunLock(folder, 3)).not.toBeNull()
  })

  it.skipIf(process.platform !== 'linux')(
    'takes a process with the same number that began at another time for another one',
    () => {
      mkdirSync(join(folder, 'sessions'), { recursive: true })
      writeFileSync(join(folder, 'sessions', 'run-4.json'), JSON.stringify([{ pid: process.pid, start: '1' }]))
      expect(isRunLocked(folder, 4)).toBe(false)
    },
  )

  it('counts a file that a crash cut short for nothing', () => {
    writeFileSync(join(folder, 'sessions', 'run-5.json'), '[{"pid":')
    expect(takeRunLock(folder, 5)).not.toBeNull()
  })
})
