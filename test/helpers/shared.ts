// The folder with the fixtures that CI and developers have beside the checkout. Tests that need it skip, saying so, when it is not there.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = process.env.PALM_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))

/** Path of a file or folder in it, or null (with a line saying so) when it is not there. */
export function sharedPath(name: string): string | null {
  const path = join(folder, name)
  if (existsSync(path)) return path
  console.log(`skipped: ${path} is not there`)
  return null
}
