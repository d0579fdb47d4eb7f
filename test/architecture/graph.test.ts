// The graph rules hold the house together; these canaries show that they can fail.
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

function cruise(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'palm-graph-'))
  try {
    for (const [name, text] of Object.entries({
      'tsconfig.json': '{}',
      'package.json': '{"type":"module"}',
      ...files,
    })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const result = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        '--config',
        join(root, '.dependency-cruiser.cjs'),
        ...['src-main', 'src-renderer'].filter((name) =>
          Object.keys(files).some((file) => file.startsWith(`${name}/`)),
        ),
      ],
      { cwd: folder, encoding: 'utf8' },
    )
    return `${result.stdout}${result.stderr}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the graph rules', () => {
  test('find an engine that reaches into the store', () => {
    expect(
      cruise({
        'src-main/engine/compute/a.ts': "export { b } from '../../store/b.ts'\n",
        'src-main/store/b.ts': 'export const b = 1\n',
      }),
    ).toContain('layer-engine-compute')
  })

  test('find an engine that reads files', () => {
    expect(
      cruise({
        'src-main/engine/models/a.ts': "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n",
      }),
    ).toContain('engine-has-no-files')
  })

  test('find a method’s descriptor that computes, and a contract that reads more of a method than its descriptor', () => {
    const found = cruise({
      'src-main/engine/methods/tent/descriptor.ts': "export { tent } from './tent.ts'\n",
      'src-main/engine/methods/tent/tent.ts': 'export const tent = 1\n',
      'src-main/contract/methods/a.ts': "export { tent } from '../../engine/methods/tent/tent.ts'\n",
    })
    expect(found).toContain('layer-method-descriptors')
    expect(found).toContain('layer-contract')
  })

  test('let a session use the engine', () => {
    expect(
      cruise({
        'src-main/session/a.ts': "export { b } from '../engine/compute/b.ts'\n",
        'src-main/engine/compute/b.ts': 'export const b = 1\n',
      }),
    ).toContain('no dependency violations found')
  })

  /** The importing file, what it must not import, and the rule that says so. */
  const violations = [
    ['src-main/entry/a.ts', 'src-renderer/b.ts', 'layer-entry'],
    ['src-main/cli/a.ts', 'src-main/session/b.ts', 'layer-cli'],
    ['src-main/app/wiring/a.ts', 'src-main/cli/b.ts', 'layer-app-wiring'],
    ['src-main/app/services/a.ts', 'src-main/app/wiring/b.ts', 'layer-app-services'],
    ['src-main/app/hosts/a.ts', 'src-main/app/wiring/c.ts', 'layer-app-hosts'],
    ['src-main/store/migrations/a.ts', 'src-main/store/tables/b.ts', 'layer-store-migrations'],
    ['src-renderer/a.ts', 'src-main/store/b.ts', 'layer-renderer-root'],
    ['src-main/stream/images/a.ts', 'test/b.ts', 'layer-stream-images'],
    ['src-main/app/wiring/d.ts', 'src-main/entry/b.ts', 'nobody-imports-an-entry'],
    ['src-main/session/a.ts', 'build/b.ts', 'only-native-status-names-the-build'],
  ] as const

  test('find whatever a room must not import', () => {
    const files = violations.flatMap(([from, to], i) => {
      const up = '../'.repeat(from.split('/').length - 1)
      return [
        [from, `export { x${i} } from '${up}${to}'\n`],
        [to, violations.flatMap(([, other], j) => (other === to ? [`export const x${j} = ${j}\n`] : [])).join('')],
      ] as const
    })
    const found = cruise(Object.fromEntries(files))
    for (const [from, to, rule] of violations) expect(found).toContain(`${rule}: ${from} → ${to}`)
  })

  test('know every source file: each lies in a room', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string; from: { path?: string } }[]
    }
    const rooms = forbidden.flatMap(({ name, from }) =>
      name.startsWith('layer-') && from.path !== undefined ? [new RegExp(from.path)] : [],
    )
    const homeless = globSync(['src-main/**/*.{ts,svelte}', 'src-renderer/**/*.{ts,svelte}'], { cwd: root }).filter(
      (file) => !rooms.some((room) => room.test(file)),
    )
    expect(homeless).toEqual([])
  })
})
