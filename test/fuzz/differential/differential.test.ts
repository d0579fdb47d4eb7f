// Generated files against the tools that others read them with (differential.ts), so many as fit into a test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { differential, kinds } from './differential.ts'

const perKind = 200
let keep: string
beforeAll(() => void (keep = mkdtempSync(join(tmpdir(), 'palm-differential-'))))
afterAll(() => rmSync(keep, { recursive: true, force: true }))

for (const kind of kinds) {
  test(`${perKind} generated ${kind.name} are read as the other tools read them`, async (context) => {
    const missing = (await kind.missing?.()) ?? null
    if (missing !== null) return context.skip(missing)
    const { compared, disagreement } = await differential(kind, { from: 1, count: perKind, keep })
    await kind.close?.()
    expect(disagreement).toBeNull()
    expect(compared).toBe(perKind)
  })
}
