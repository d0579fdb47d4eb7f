// A file system of its own, as small as a test wants it: what it refuses, the system refuses. Linux, and only who may mount.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly folder: string
  /** Takes all room but so many bytes. */
  leave(bytes: number): void
  /** Gives back what `leave` took. */
  free(): void
  setReadOnly(readOnly: boolean): void
  remove(): void
}

/** Of tests that need one: why they are skipped where it is not there. */
export const needsDisk = (disk: SmallDisk | null): string =>
  disk ? '' : ' (skipped: no file system may be mounted here)'

/** Null where nothing may be mounted. */
export function smallDisk(bytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'palm-disk-'))
  const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'ignore' })
  try {
    if (process.platform !== 'linux') throw new Error('only here')
    mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder)
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
  const filler = join(folder, 'filler')
  const free = (): void => rmSync(filler, { force: true })
  return {
    folder,
    free,
    leave(room) {
      free()
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room)))
    },
    setReadOnly: (readOnly) => mount('-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder),
    remove() {
      execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
