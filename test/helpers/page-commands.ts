// The commands of a page, run as its reader runs them: block by block, in a fresh folder that has nothing but the repository's `resources`, with the files that the page tells
// the reader to save.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { blocksOf, type Block } from './markdown.ts'
import { palmIn } from './palm-here.ts'

export const commandsOf = ({ language, text }: Block): string[] =>
  language === 'sh' ? text.split('\n').filter((line) => line !== '') : []

/** The repository's, as far as the guide names it. Its runs lie in `store`. */
export function readersFolder(resources = sourceFolders.resources): string {
  const folder = mkdtempSync(join(tmpdir(), 'palm-guide-'))
  symlinkSync(resources, join(folder, 'resources'), 'junction')
  mkdirSync(join(folder, 'store'))
  return folder
}

/**
 * Also writes the files of the page. Blocks that are marked as not run are left out.
 * @returns how many commands were run
 * @throws Error with what was said, at the first that does not end with 0
 */
export async function runPage(page: string, folder: string): Promise<number> {
  let run = 0
  for (const block of blocksOf(page)) {
    if (block.file !== null) writeFileSync(join(folder, block.file), block.text)
    if (block.notRun !== null) continue
    for (const line of commandsOf(block)) {
      const { code, said } = await runLine(line, folder)
      if (code !== 0) throw new Error(`${page}:${block.line}: ${line}\nended with ${code}\n${said}`)
      run++
    }
  }
  return run
}

async function runLine(line: string, folder: string): Promise<{ code: number | null; said: string }> {
  const [program, ...args] = wordsOf(line)
  if (program === 'node') {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    return { code: status, said: `${stdout}\n${stderr}` }
  }
  if (program !== 'npx' || args[0] !== 'palm') throw new Error(`nobody knows how to run this here: ${line}`)
  const before = process.cwd()
  process.chdir(folder)
  try {
    const { code, out, err } = await palmIn(join(folder, 'store'))(...args.slice(1))
    return { code, said: `${out}\n${err}` }
  } finally {
    process.chdir(before)
  }
}

/** As every shell takes a line apart: words between spaces, and what double quotes hold together. */
function wordsOf(line: string): string[] {
  if ((line.match(/"/g)?.length ?? 0) % 2 === 1) throw new Error(`${line}: a quote has no end`)
  return [...line.matchAll(/(?:[^\s"]+|"[^"]*")+/g)].map((match) => match[0].replaceAll('"', ''))
}
