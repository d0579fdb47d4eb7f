// Each rule of `npm run verify` finds a fault of its kind: a small house with one fault for each, looked at by the checks themselves.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { checks, startIn } from '#build/verify.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const house = mkdtempSync(join(tmpdir(), 'palm-house-'))
afterAll(() => rmSync(house, { recursive: true }))

/** By rule: the file with the fault, and the fault. */
const lintFaults: Record<string, readonly [path: string, text: string]> = {
  'typescript(no-floating-promises)': ['src-main/a.ts', 'export const f = () => {\n  Promise.resolve(1)\n}\n'],
  'typescript(no-misused-promises)': [
    'src-main/b.ts',
    'export const f = (go: () => Promise<boolean>) => (go() ? 1 : 2)\n',
  ],
  'typescript(no-explicit-any)': ['src-main/c.ts', 'export const f = (x: any) => typeof x\n'],
  'typescript(no-unsafe-assignment)': ['src-main/d.ts', "const x = JSON.parse('1')\nexport const y = typeof x\n"],
  'typescript(no-unsafe-member-access)': ['src-main/e.ts', "export const y = typeof JSON.parse('{}').a\n"],
  'typescript(no-unsafe-call)': ['src-main/f.ts', "export const y = typeof JSON.parse('{}')()\n"],
  'typescript(no-unsafe-return)': ['src-main/g.ts', "export const y = (): string => JSON.parse('1')\n"],
  'typescript(no-unsafe-argument)': ['src-main/h.ts', "export const y = Number.parseInt(JSON.parse('1'))\n"],
  'typescript(switch-exhaustiveness-check)': [
    'src-main/i.ts',
    "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n",
  ],
  'typescript(no-unnecessary-type-assertion)': ['src-main/j.ts', 'export const f = (x: string) => x as string\n'],
  'typescript(no-non-null-assertion)': ['src-main/k.ts', 'export const f = (x: string | null) => x!\n'],
  'typescript(ban-ts-comment)': ['src-main/l.ts', '// @ts-ignore\nexport const x: number = 1\n'],
  'house(no-parent-imports)': ['src-main/m/m.ts', "export { f } from '../k.ts'\n"],
  'house(no-hash-private)': ['src-main/n.ts', 'export class N {\n  #x = 1\n  get x() {\n    return this.#x\n  }\n}\n'],
  'house(reason-for-silence)': [
    'src-main/o.ts',
    '// oxlint-disable-next-line typescript/no-non-null-assertion\nexport const f = (x: string | null) => x!\n',
  ],
  'Unused oxlint-disable directive': [
    'src-main/r.ts',
    '// oxlint-disable-next-line no-eval -- nothing to silence\nexport const x = 1\n',
  ],
  'house(no-sleep)': [
    'test/p.ts',
    'export const f = (wait: object) => (wait as { setTime' + 'out(n: number): void }).setTime' + 'out(9)\n',
  ],
  'vitest(expect-expect)': [
    'test/s.test.ts',
    "import { test } from 'vitest'\n\ntest('nothing', () => {\n  console.log(1)\n})\n",
  ],
  'house(no-own-timeout)': ['test/e2e/q.ts', 'export const f = (wait: (x: object) => void) => wait({ timeout: 1 })\n'],
}

const files: Record<string, string> = {
  'src-main/contract/browser.ts': 'export const x = document.title\n', // a type fault in the contract's project
  'src-main/engine/browser.ts': 'export const x = document.title\n', // and in the core's
  'src-main/engine/compute/reach.ts': "export { f } from '#store/f.ts'\n",
  'src-main/store/f.ts': 'export const f: number = "text"\n', // a type fault, and another quote than the format's
  'src-main/long.ts': 'export const x = 1\n'.repeat(301),
  'src-main/undeclared.ts': "import 'not-declared'\n",
  'src-main/entry/uses.ts': "import { used } from '../two-exports.ts'\nimport '../undeclared.ts'\nconsole.log(used)\n",
  'src-main/two-exports.ts': 'export const used = 1\nexport const unusedExport = 2\n',
  'src-renderer/Fault.svelte': '<script lang="ts">\n  const wrong: number = \'text\'\n</script>\n\n{wrong}\n',
}

for (const [path, text] of [...Object.values(lintFaults), ...Object.entries(files)]) {
  mkdirSync(dirname(join(house, path)), { recursive: true })
  writeFileSync(join(house, path), text)
}
for (const path of [
  '.oxlintrc.json',
  '.oxfmtrc.json',
  '.dependency-cruiser.cjs',
  'knip.jsonc',
  'package.json',
  'tsconfig.json',
  'tsconfig.core.json',
  'tsconfig.contract.json',
  'src-renderer/tsconfig.json',
  'build/lint',
])
  cpSync(join(root, path), join(house, path), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))

const found = new Map<string, Promise<string>>()

/** What the check says about the house; it must not be content. */
function findings(name: string): Promise<string> {
  const check = checks.find((one) => one.name === name)
  if (!check) throw new Error(`There is no check “${name}”.`)
  const known = found.get(name)
  if (known) return known
  const running = check
    .run(startIn(house, process.execPath, { ...process.env, NO_COLOR: '1' }), house)
    .then((result) => {
      expect(result.ok).toBe(false)
      return result.output
    })
  found.set(name, running)
  return running
}

describe('the linter', () => {
  test.each(Object.entries(lintFaults))('%s', async (rule, [path]) => {
    const of = (await findings('the linter finds nothing')).split(/\n\s*\n/).filter((part) => part.includes(path))
    expect(of.join('\n')).toContain(rule)
  })
})

test.each([
  ['everything is formatted', 'src-main/store/f.ts'],
  ['the types fit', 'src-main/store/f.ts'],
  ['engine, stream, store, session and services know no browser', 'src-main/engine/browser.ts'],
  ['the contract knows neither Node nor a browser', 'src-main/contract/browser.ts'],
  ['svelte-check finds nothing', 'Fault.svelte'],
  ['imports follow the house rules', 'layer-engine-compute'],
  ['no source file is too long', 'src-main/long.ts: 301 lines'],
  ['no file, export or package is unused or undeclared', 'src-main/long.ts'],
  ['no file, export or package is unused or undeclared', 'not-declared'],
  ['no file, export or package is unused or undeclared', 'unusedExport'],
  ['no file, export or package is unused or undeclared', 'better-sqlite3'],
])('%s: %s is found', async (check, fault) => {
  expect(await findings(check)).toContain(fault)
})
