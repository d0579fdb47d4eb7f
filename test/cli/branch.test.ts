// `palm branch` over the sample: what it makes, what it shows, and what it refuses.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { palmIn } from '#test/helpers/palm-here.ts'

const data = mkdtempSync(join(tmpdir(), 'palm-branch-'))
afterAll(() => rmSync(data, { recursive: true }))

const palm = palmIn(data)

describe('palm branch', () => {
  it('goes on from a checkpoint with another option; palm show tells of both', async () => {
    expect(
      (
        await palm(
          'run',
          '--sample',
          '--methods',
          'source,palm',
          '--corruptions',
          'fog,snow',
          '--limit',
          '40',
          '--batch',
          '20',
        )
      ).code,
    ).toBe(0)
    const made = await palm('branch', 'last', '--at', '1', '--set', 'palm.kappa=0.01', '--json')
    expect(made.code, made.err).toBe(0)
    const last = JSON.parse(made.out.trim().split('\n').at(-1) ?? '') as { event: string; run: number }
    expect(last).toMatchObject({ event: 'done', run: 2 })
    const { run } = JSON.parse((await palm('show', '2', '--json')).out) as { run: object }
    expect(run).toMatchObject({
      name: 'Run 1 from step 2',
      parent: { run: 1, step: 1 },
      step: 4,
      changes: [{ lane: 'palm', option: 'kappa', to: 0.01, step: 2 }],
    })
    const { out } = await palm('show', '2')
    expect(out).toContain('continues run 1 after step 1')
    expect(out).toMatch(/palm: kappa [\d.e-]+ -> 0\.01 from step 2 on/)
    expect(await palm('show', 'last')).toMatchObject({ code: 0, out })
    expect((await palm('compare', 'last-1', '2')).out).toBe((await palm('compare', '1', 'last')).out)
  })

  it('refuses in words what cannot be', async () => {
    expect(await palm('show', 'last-2')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There are not so many runs (2). `palm runs` lists them.'),
    })
    expect(await palm('compare', 'last', '2')).toMatchObject({ code: 2, err: expect.stringContaining('two runs') })
    expect(await palm('show', 'lastt')).toMatchObject({ code: 2, err: expect.stringContaining("'lastt' is no run") })
    expect(await palm('branch', '1')).toMatchObject({ code: 2, err: expect.stringContaining('needs --at STEP') })
    expect(await palm('branch', '1', '--at', '1', '--set', 'kappa=1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('LANE.OPTION=NUMBER'),
    })
    expect(await palm('branch', '1', '--at', '0')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There are some after 1, 3.'),
    })
    expect(await palm('branch', '1', '--at', '1', '--set', 'palm.alpha=0.1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('these can: kappa'),
    })
  })
})
