// palm methods, sweep, sweeps and table from end to end: the real engine in real session processes, a real store.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { palmIn } from '#test/helpers/palm-here.ts'

const root = join(import.meta.dirname, '..', '..')
const entry = join(root, 'src-main', 'entry', 'cli.ts')
const data = mkdtempSync(join(tmpdir(), 'palm-sweep-'))
const env = { ...process.env, PALM_DATA: join(data, 'store') }
afterAll(() => rmSync(data, { recursive: true, force: true }))

const file = join(data, 'small.json')
const definition = {
  name: 'small',
  inputs: [{ kind: 'sample' }],
  models: [{ kind: 'sample' }],
  preset: 'sample',
  methods: ['source', { method: 'tent', learningRate: [1e-4, 1e-3] }],
  corruptions: ['fog', 'contrast'],
  limit: 60,
  batchSize: 20,
}
writeFileSync(file, JSON.stringify(definition))

const palm = palmIn(env.PALM_DATA)

describe('palm sweep', () => {
  test('says its size and time, computes, shows the table, and computes nothing twice', async () => {
    const planned = await palm('sweep', file, '--plan')
    expect(planned.code).toBe(0)
    expect(planned.err).toContain('preset sample, batch 20, images in shuffled order')
    expect(planned.err).toMatch(/Sweep small: 3 cells, 0 done; 3 to compute in 1 run, 360 image passes, about \d+ s/)
    expect(planned.out).toBe('')
    const made = await palm('sweep', file)
    expect(made.code).toBe(0)
    expect(made.err).toContain('Run 1 (1 of 1')
    expect(made.out).toMatch(/Source +[\d.]+!? +[\d.]+!? +[\d.]+/)
    expect(made.out).toContain('TENT, learningRate 0.0001')
    const again = await palm('sweep', file)
    expect(again.code).toBe(0)
    expect(again.err).toContain('3 cells, 3 done')
    expect(again.err).not.toContain('Run ')
    expect(again.out).toBe(made.out)
    expect((await palm('sweeps')).out).toMatch(/small +done +3\/3/)
  })

  test('its table comes in every format, about errors, costs and shares', async () => {
    expect((await palm('table', 'small', '--format', 'csv')).out.split('\n')[0]).toBe('error %,fog,contrast,mean,gain')
    expect((await palm('table', 'small', '--format', 'markdown')).out).toContain('| Source |')
    expect((await palm('table', 'small', '--format', 'latex', '--transpose')).out).toContain(
      'error \\% & Source & TENT, learningRate 0.0001',
    )
    expect((await palm('table', 'small', '--of', 'costs')).out).toContain('times Source')
    expect((await palm('table', 'small', '--of', 'adapted')).out).toContain('adapted %')
    const results = JSON.parse((await palm('table', 'small', '--json')).out) as {
      rows: { seeds: { meanErrorPct: number }[] }[]
    }
    expect(results.rows[0]?.seeds[0]?.meanErrorPct).toBeGreaterThan(20)
  })

  test('extended by seeds, only the new ones are computed', async () => {
    const more = await palm('sweep', 'small', '--seeds', '0,1', '--json')
    expect(more.code).toBe(0)
    const lines = more.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; run?: number; plan?: { cells: number; done: number } })
    expect(lines[0]).toMatchObject({ event: 'plan', plan: { cells: 6, done: 3, preset: 'sample', batchSize: 20 } })
    // The run's own events, as `palm run --json` has them.
    const { run } = lines.find(({ event }) => event === 'run') ?? {}
    expect(lines.filter(({ event }) => event === 'step')).toHaveLength(6)
    expect(lines.filter(({ event }) => event === 'step')[5]).toMatchObject({
      run,
      progress: { step: 6, totalSteps: 6 },
    })
    expect(lines.filter(({ event }) => event === 'plan')).toHaveLength(1)
    expect(lines.at(-1)).toMatchObject({ event: 'done', state: { state: 'done', cells: 6, done: 6 } })
  })

  test.skipIf(process.platform === 'win32')(
    'Ctrl-C stops it, and the same command goes on',
    async () => {
      const args = ['sweep', file, '--name', 'longer', '--limit', '200', '--seeds', '4,5']
      const child = spawn(process.execPath, [entry, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] })
      let err = ''
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString()
        if (err.includes('Run ') && !child.killed) child.kill('SIGINT')
      })
      const code = await new Promise((resolve) => child.on('exit', resolve))
      expect(code).toBe(130)
      expect(err).toContain('The same command goes on from there')
      const rest = await palm(...args)
      expect(rest.code).toBe(0)
      expect(rest.err).toMatch(/Sweep longer: 6 cells, \d done/)
    },
    120_000,
  )

  test('what does not fit is said in words, with exit code 2', async () => {
    const near = await palm('sweep', 'tabel1')
    expect([near.code, near.err]).toEqual([2, expect.stringContaining("did you mean 'table1'")])
    writeFileSync(join(data, 'bad.json'), JSON.stringify({ ...definition, methods: [{ method: 'palm', kapa: 1 }] }))
    expect(await palm('sweep', join(data, 'bad.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('palm has no option kapa'),
    })
    writeFileSync(join(data, 'cut.json'), '{"name": ')
    expect(await palm('sweep', join(data, 'cut.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not JSON'),
    })
    expect(await palm('sweep', join(data, 'none.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot be read'),
    })
    expect(await palm('table', 'nothing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no sweep “nothing”'),
    })
    expect(await palm('table', 'small', '--format', 'pdf')).toMatchObject({
      code: 2,
      err: expect.stringContaining('csv'),
    })
  })
})

test('palm methods lists every method, and explains one', async () => {
  expect((await palm('methods')).out.split('\n').filter((line) => /^[a-z]/.test(line)).length).toBe(25)
  const { out } = await palm('methods', 'dss')
  expect(out).toContain('DSS (reconstructed)')
  expect(out).toContain('Ours, not published:')
  expect(out).toMatch(/dss\.learningRate +0\.001/)
  expect(await palm('methods', 'cota')).toMatchObject({ code: 2, err: expect.stringContaining("did you mean 'cotta'") })
})
