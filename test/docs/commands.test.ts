// Every command of the README and the guide, pasted as it stands. What needs a card, the network or hours is marked in the page, with its reason, and counted. (Those of the page
// of exports are run where what they write is loaded: test/docs/exports.test.ts.)
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { findCommand } from '#cli/commands.ts'
import { parseCommand } from '#cli/shared/parse.ts'
import { blocksOf, pages, proseOf, root } from '#test/helpers/markdown.ts'
import { commandsOf, readersFolder, runPage } from '#test/helpers/page-commands.ts'

const told = pages.filter((page) => page === 'README.md' || page.startsWith('docs/guide/'))
const here = told.filter((page) => page !== 'docs/guide/export.md')
const made: string[] = []
let run = 0
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
  console.log(`${run} commands of ${here.length} pages were run`)
})

describe.each(told)('%s', (page) => {
  const blocks = blocksOf(page)

  test('says of every block what it is; commands can be pasted into any shell', () => {
    for (const block of blocks) {
      const at = `${page}:${block.line}`
      expect(block.language, `${at} has no language`).not.toBe('')
      if (/^(npx|npm|node|python3?|pip) /m.test(block.text)) expect(block.language, at).toBe('sh')
      // A comment is an argument in zsh and cmd, and so is a single quote in cmd; pipes and continued lines are spelled differently in each.
      for (const line of commandsOf(block)) {
        expect(line, at).toMatch(/^(npx palm|npm|node) /)
        expect(line.replaceAll(/"[^"]*"/g, ''), at).not.toMatch(/[#|<>&$%\\'`;*]/)
      }
    }
  })

  test.skipIf(page === 'docs/guide/export.md')('each of its commands ends well', async () => {
    const commands = blocks.filter(({ notRun }) => notRun === null).flatMap(commandsOf)
    // The README's are run with the bundled network itself, the guide's with the tests' small one by its name (test/helpers/narrow-sample.ts).
    if (page === 'README.md') vi.stubEnv('PALM_RESOURCES', undefined)
    const folder = readersFolder()
    made.push(folder)
    expect(await runPage(page, folder)).toBe(commands.length)
    run += commands.length
  })
})

test('what is not run says why, and is what cannot be run here', () => {
  const left = told.flatMap((page) => blocksOf(page).filter(({ notRun }) => notRun !== null))
  for (const { notRun } of left)
    expect(notRun).toMatch(
      /^(needs a graphics card|needs a lab|needs the network|takes hours|opens a window|runs every test)/,
    )
  const commands = left.flatMap(commandsOf)
  console.log(`${commands.length} commands are not run: ${left.map(({ notRun }) => notRun).join('; ')}`)
  expect(commands.length).toBeGreaterThan(0)
  // Even these are known: the npm script is there, the options of palm are its own.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  for (const command of commands) {
    const [program, name = '', ...args] = command.split(' ')
    if (program === 'npm') expect(Object.keys(scripts)).toContain(name)
    else parseCommand(findCommand(args[0] ?? ''), args.slice(1))
  }
})

test('every command and option that a page names in passing is one of palm’s', () => {
  const named = pages
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) =>
      [...proseOf(page).matchAll(/`((?:npx )?palm [^`]+)`/g)].map((match) => [page, match[1] ?? ''] as const),
    )
  expect(named.length).toBeGreaterThan(20)
  for (const [page, text] of named) {
    const [name = '', ...args] = text
      .replaceAll(/\s+/g, ' ')
      .replace(/^(?:npx )?palm /, '')
      .replaceAll(/[[\]…|]/g, ' ')
      .split(' ')
    if (name.startsWith('-') || name === 'COMMAND') continue
    const command = findCommand(name)
    const known = [...Object.keys(command.options), 'data', 'verbose', 'help']
    for (const arg of args.filter((one) => one.startsWith('--')))
      expect(known, `${page}: ${text}`).toContain(arg.slice(2).split('=')[0])
  }
})
