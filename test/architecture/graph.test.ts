// The graph rules hold the house together; these canaries show that they can fail.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
        'src-main',
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
})
