// No source file is longer than a reader's patience. Tables, which nobody reads from top to bottom, are excepted by name.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const most = 300
const folders = ['src-main', 'src-renderer', 'build']

/** Pure tables: one row after another, no logic. */
const tables = new Set(['layers', 'setup', 'timeline'].map((name) => `src-renderer/lib/strings/${name}.ts`))

/** @param {string} root @returns {string[]} a line for each file that is too long */
export function tooLongFiles(root) {
  const found = []
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|mjs|svelte|css)$/.test(entry.name)) continue
      const path = join(entry.parentPath, entry.name)
      const name = relative(root, path).split(sep).join('/')
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n').length
      if (lines > most && !tables.has(name)) found.push(`${name}: ${lines} lines, at most ${most}`)
    }
  }
  return found.sort()
}
