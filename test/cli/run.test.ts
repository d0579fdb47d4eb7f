// The command from end to end, as a person or a script uses it: the real engine in real session processes, a real store; the command itself as a process where that matters.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { writeBmp } from '#test/helpers/bmp.ts'
import { bundledResources, narrowResources } from '#test/helpers/narrow-sample.ts'
import { palmIn, type PalmResult } from '#test/helpers/palm-here.ts'

const root = join(import.meta.dirname, '..', '..')
const entry = join(root, 'src-main', 'entry', 'cli.ts')
const modelIn = (resources: string) => join(resources, 'models', 'eurosat-resnet20.safetensors')
const sampleModel = modelIn(narrowResources)
const data = mkdtempSync(join(tmpdir(), 'palm-run-'))
const env = { ...process.env, PALM_DATA: join(data, 'store') }
afterAll(() => rmSync(data, { recursive: true }))

const small = [
  '--sample',
  '--methods',
  'source,norm,palm',
  '--corruptions',
  'fog,contrast',
  '--limit',
  '60',
  '--batch',
  '20',
  '--workers',
  '1',
]

const palm = palmIn(env.PALM_DATA)

/** As a process of its own. */
function palmAlone(...args: string[]): PalmResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 28,
  })
  return { code: status ?? -1, out: stdout, err: stderr }
}

interface Ending {
  readonly event: string
  readonly run: number
  readonly lanes: {
    method: string
    meanErrorPct: number | null
    perDomain: { domain: string; errorPct: number | null; n: number }[]
  }[]
}

type Line = { event: string; run: number } & Record<string, unknown>
const lines = (out: string): Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const ending = (out: string) => lines(out).at(-1) as unknown as Ending

/** What must be the same from run to run: all numbers but times. */
function numbers(out: string) {
  return lines(out)
    .filter((line) => line.event === 'step')
    .flatMap((line) =>
      (line.reports as Record<string, unknown>[]).map(({ stepMs: _ms, peakBytes: _bytes, ...rest }) => rest),
    )
}

describe('palm run', () => {
  let first: PalmResult
  beforeAll(async () => {
    first = await palm('run', ...small, '--json')
  })

  test('tells one JSON event a line, the table last, and ends with 0', () => {
    expect(first.code).toBe(0)
    const events = lines(first.out)
    expect(events[0]).toMatchObject({ event: 'run', options: { seed: 0, batchSize: 20 } })
    expect(events.filter((line) => line.event === 'step')).toHaveLength(6)
    const done = ending(first.out)
    expect(done.event).toBe('done')
    expect(done.lanes.map((lane) => lane.method)).toEqual(['source', 'norm', 'palm'])
    for (const lane of done.lanes) {
      expect(lane.perDomain.map(({ domain, n }) => [domain, n])).toEqual([
        ['fog', 60],
        ['contrast', 60],
      ])
      const mean = lane.perDomain.reduce((sum, { errorPct }) => sum + (errorPct as number), 0) / 2
      expect(lane.meanErrorPct).toBeCloseTo(mean, 9)
    }
  })

  test('gives bit-identical numbers in another process', () => {
    const again = palmAlone('run', ...small, '--json')
    expect(again.code).toBe(0)
    expect(numbers(again.out)).toEqual(numbers(first.out))
    expect(ending(again.out).lanes).toEqual(ending(first.out).lanes)
    expect(palmAlone('show', '99999')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/99999/) })
  })

  test('prints a table for people, and what to do next', async () => {
    const { code, out, err } = await palm(
      'run',
      ...small.map((word) => (word === 'source,norm,palm' ? 'source' : word)),
    )
    expect(code).toBe(0)
    expect(out).toMatch(/Source/)
    expect(out).toMatch(/fog/)
    expect(out).toContain(ending(first.out).lanes[0]?.meanErrorPct?.toFixed(1))
    expect(err).toMatch(/palm show \d+ shows it again\.$/m) // nothing has adapted: there is nothing to export
  })

  test('says how to export what has adapted in words that can be typed, also where several methods have', async () => {
    const several = small.map((word) => (word === 'source,norm,palm' ? 'tent,palm' : word))
    const { err } = await palm('run', ...several)
    const told = /palm (export \d+ .*-o) adapted\.safetensors/.exec(err)?.[1] ?? ''
    expect(told).toContain('--checkpoint last:palm')
    const exported = [...told.split(' '), join(data, 'told.safetensors')]
    // What keeps the gain is the default, said before; the source's on request, and what that costs.
    const card = () =>
      (JSON.parse(readFileSync(join(data, 'told.safetensors.card.json'), 'utf8')) as { batchNormStatistics: unknown })
        .batchNormStatistics
    expect(await palm(...exported)).toMatchObject({
      code: 0,
      err: expect.stringContaining('--statistics source keeps'),
    })
    expect(card()).toEqual({ estimatedFromBatches: 3 }) // its domain has no more
    expect(await palm(...exported, '--statistics', 'source')).toMatchObject({
      code: 0,
      err: expect.stringContaining('may lose most of the gain'),
    })
    expect(card()).toBe('source')
    expect(await palm(...exported, '--statistics', '2')).toMatchObject({ code: 0, err: '' })
    expect(card()).toEqual({ estimatedFromBatches: 2 })
    expect(await palm(...exported, '--statistics', 'none')).toMatchObject({ code: 2 })
  })

  test('says when the unadapted model only guesses on clean images, during the run and afterwards', async () => {
    // The bundled sample with its own network: what it tells of itself is known.
    vi.stubEnv('PALM_RESOURCES', undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    const alone = small.map((word) => (word === 'source,norm,palm' ? 'source' : word === 'fog,contrast' ? 'fog' : word))
    const told = await palm('run', ...alone, '--json')
    const plan = lines(told.out).find(({ event }) => event === 'plan') as unknown as {
      plan: { cleanCheck: { labelled: number; correct: number } }
    }
    expect(plan.plan.cleanCheck.labelled).toBe(64)
    expect(plan.plan.cleanCheck.correct).toBeGreaterThan(48) // its clean error is 7 %
    const args = [
      '--input',
      join(root, 'resources', 'sample', 'images'),
      '--methods',
      'source',
      '--corruptions',
      'fog',
      '--limit',
      '20',
      '--batch',
      '20',
      '--workers',
      '1',
      '--model',
      modelIn(bundledResources),
    ]
    const right = await palm('run', ...args)
    expect(right.code).toBe(0)
    expect(right.err).not.toMatch(/guessing/)
    expect(right.err).toMatch(
      /^To be scored: images, 2,000 images; 10 classes matched by name to the model’s 10, 200 images each; normalisation mean .* \(from the file\); unadapted, the model gets 6\d of 64 clean images right, of 8 of them: AnnualCrop ✓/m,
    )
    expect(lines(told.out).find(({ event }) => event === 'look')).toMatchObject({
      text: expect.stringMatching(/^To be scored: EuroSAT sample, 2,000 images/),
      doubtful: false,
      look: { labelled: 2000, perClass: { least: 200, most: 200 }, normalization: { from: 'file' } },
    })
    const wrong = await palm('run', ...args, '--mean', '3,3,3', '--std', '0.05,0.05,0.05')
    expect(wrong.code).toBe(0)
    const warning =
      /Warning: the unadapted model gets \d+ of 64 clean images right, no better than guessing.*likeliest first:\n {2}1\. The normalisation: --mean 0\.3454,0\.3828,0\.4096 --std .* \(6\d of 64 right with it\)/
    expect(wrong.err).toMatch(warning)
    expect((await palm('show', /palm show (\d+)/.exec(wrong.err)?.[1] ?? '')).out).toMatch(warning)
  })

  test('is compared with another run by palm compare: the table of the window, and what differs', async () => {
    const { run } = ending(first.out)
    const other = ending((await palm('run', ...small, '--seed', '7', '--set', 'palm.kappa=0.001', '--json')).out)
    const { code, out } = await palm('compare', String(run), String(other.run))
    expect(code).toBe(0)
    expect(out).toMatch(/^seed +0 +7$/m)
    expect(out).toMatch(/^lanes\.palm\.kappa +0\.0002 +0\.001$/m)
    expect(out).not.toMatch(/^batchSize/m)
    const csv = (await palm('compare', String(run), String(other.run), '--format', 'csv')).out
      .split('\n')
      .map((line) => line.split(','))
    expect(csv[0]).toEqual([
      'error %',
      `Source (run ${run})`,
      `BN-1 (run ${run})`,
      `PALM (run ${run})`,
      `Source (run ${other.run})`,
      `BN-1 (run ${other.run})`,
      `PALM (run ${other.run})`,
    ])
    const means = csv
      .find(([label]) => label === 'mean')
      ?.slice(1)
      .map(Number)
    const wanted = [...ending(first.out).lanes, ...other.lanes].map(({ meanErrorPct }) => meanErrorPct ?? Number.NaN)
    for (const [i, value] of wanted.entries()) expect(means?.[i]).toBeCloseTo(value, 5)
    expect((await palm('compare', String(run), String(other.run), '--format', 'latex', '--of', 'means')).out).toContain(
      '\\begin{tabular}{lrrr}',
    )
    expect(
      (
        JSON.parse((await palm('compare', String(run), String(other.run), '--json')).out) as {
          settings: { path: string }[]
        }
      ).settings.map(({ path }) => path),
    ).toEqual(['seed', 'lanes.palm.kappa'])
    expect(await palm('compare', String(run), '99999')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no run 99999/),
    })
    expect(await palm('compare', String(run), String(run))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/two runs that are not the same/),
    })
    expect(await palm('compare', String(run))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/palm compare needs RUN RUN…/),
    })
  })

  test('is listed by palm runs and shown again by palm show', async () => {
    const { run } = ending(first.out)
    const listed = JSON.parse((await palm('runs', '--json')).out) as { id: number; status: string }[]
    expect(listed.find(({ id }) => id === run)).toMatchObject({ status: 'done' })
    expect((await palm('runs')).out).toContain('done')
    expect(JSON.parse((await palm('show', String(run), '--json')).out)).toMatchObject({
      lanes: ending(first.out).lanes,
      run: { status: 'done' },
    })
    expect((await palm('show', String(run))).out).toMatch(/checkpoint\s+lane\s+after step/)
    expect(await palm('show', '99999')).toMatchObject({ code: 1, err: expect.stringMatching(/99999/) })
  })

  test('Ctrl-C stops after the batch, says how to resume, and the resumed run ends with the same numbers', async () => {
    const child = spawn(process.execPath, [entry, 'run', ...small, '--json'], { env })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const heard: Line[] = []
    const over = new Promise<number | null>((resolve) => child.on('close', resolve))
    let sent = false
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line
      heard.push(line)
      if (line.event === 'step' && !sent) {
        sent = true
        child.kill('SIGINT')
      }
    }
    expect(await over).toBe(130)
    const run = heard.at(-1)?.run ?? 0
    expect(heard.at(-1)?.event).toBe('stopped')
    expect(err).toContain(`palm resume ${run}`)
    const resumed = await palm('resume', String(run), '--json')
    expect(resumed.code).toBe(0)
    expect(ending(resumed.out).lanes).toEqual(ending(first.out).lanes)
    const all = [...heard, ...lines(resumed.out)].map((line) => JSON.stringify(line)).join('\n')
    expect(numbers(all)).toEqual(numbers(first.out))
    expect(await palm('resume', String(run))).toMatchObject({ code: 1 }) // it is done
  })

  test('palm export writes weights that PyTorch’s names and an independent reader agree with', async () => {
    const { run } = ending(first.out)
    const file = join(data, 'adapted.safetensors')
    const { code, out } = await palm(
      ...['export', String(run), '--checkpoint', 'last:palm', '-o', file],
      ...['--statistics', 'source', '--json'], // what adapting itself has changed
    )
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ path: file, checkpoint: { lane: 'palm', step: 5 } })
    const python =
      [process.env.PALM_TORCH_PYTHON, join(homedir(), '.cache/palm-studio/bench-python/bin/python')].find(
        (path) => path && existsSync(path),
      ) ?? 'python3'
    // With PyTorch: its own reader. Without: the format read from its description by Python's standard library.
    const script = `
import json, struct, sys
def read(path):
    try:
        from safetensors.torch import load_file
        return 'safetensors.torch', {k: (list(t.shape), t.float().flatten().tolist()) for k, t in load_file(path).items()}
    except ImportError:
        raw = open(path, 'rb').read()
        size = struct.unpack('<Q', raw[:8])[0]
        out = {}
        for k, t in json.loads(raw[8:8 + size]).items():
            if k == '__metadata__': continue
            a, b = t['data_offsets']
            assert t['dtype'] == 'F32', t['dtype']
            out[k] = (t['shape'], list(struct.unpack('<%df' % ((b - a) // 4), raw[8 + size + a:8 + size + b])))
        return 'by bytes', out
reader, one = read(sys.argv[1])
_, two = read(sys.argv[2])
assert all(abs(x) < 1e6 for _, v in two.values() for x in v)
print(json.dumps({'reader': reader, 'names': sorted(one) == sorted(two), 'shapes': all(one[k][0] == two[k][0] for k in one), 'changed': sorted(k for k in one if one[k][1] != two[k][1])}))
`
    const read = spawnSync(python, ['-c', script, sampleModel, file], { encoding: 'utf8' })
    expect(read.stderr).toBe('')
    const found = JSON.parse(read.stdout) as { reader: string; names: boolean; shapes: boolean; changed: string[] }
    console.log(`read with ${found.reader}`)
    expect(found).toMatchObject({ names: true, shapes: true })
    expect(found.changed.length).toBeGreaterThan(0)
    for (const name of found.changed) expect(name).toMatch(/conv\d\.weight$|bn\d\.(weight|bias)$/)
    // The exported model is a model again: at the end of the run it is the one that the run ended with.
    expect(
      (
        await palm(
          'run',
          '--input',
          join(root, 'resources/sample/images'),
          '--model',
          file,
          '--methods',
          'source',
          '--corruptions',
          'none',
          '--limit',
          '40',
          '--batch',
          '20',
          '--json',
        )
      ).code,
    ).toBe(0)
  })
})

describe('bad input is named, with what to do, and exit code 1', () => {
  const folder = (name: string) => join(data, name)
  const grey = (x: number, y: number) => [x * 3, y * 3, 90] as const
  const run = (input: string, model = sampleModel) =>
    palm('run', '--input', input, '--model', model, '--methods', 'source', '--corruptions', 'fog', '--batch', '2')

  test('a folder that does not exist', async () => {
    expect(await run(folder('nowhere'))).toMatchObject({ code: 1, err: expect.stringContaining(folder('nowhere')) })
  })

  test('a folder without images', async () => {
    mkdirSync(join(folder('texts'), 'a'), { recursive: true })
    writeFileSync(join(folder('texts'), 'a', 'note.txt'), 'no image')
    expect(await run(folder('texts'))).toMatchObject({ code: 1, err: expect.stringMatching(/no image/i) })
  })

  test('one class only', async () => {
    for (const name of ['1.bmp', '2.bmp']) writeBmp(join(folder('one'), 'cats', name), 64, 64, grey)
    expect(await run(folder('one'))).toMatchObject({ code: 1, err: expect.stringMatching(/one class/i) })
  })

  test('more classes than the model has', async () => {
    for (let i = 0; i < 12; i++) writeBmp(join(folder('many'), `class${i}`, '1.bmp'), 64, 64, grey)
    expect(await run(folder('many'))).toMatchObject({ code: 1, err: expect.stringMatching(/12 classes.*10/s) })
  })

  test('a corrupt weights file, and one that is cut short', async () => {
    for (const name of ['x', 'y']) writeBmp(join(folder('two'), name, '1.bmp'), 64, 64, grey)
    const bad = join(data, 'bad.safetensors')
    writeFileSync(bad, 'these are no weights at all')
    expect(await run(folder('two'), bad)).toMatchObject({ code: 1, err: expect.stringContaining('bad.safetensors') })
    writeFileSync(bad, readFileSync(sampleModel).subarray(0, 50_000))
    expect(await run(folder('two'), bad)).toMatchObject({ code: 1, err: expect.stringContaining('bad.safetensors') })
  })

  test('unreadable files among good ones are named and skipped with a count; the run goes on', async () => {
    for (const name of ['AnnualCrop', 'Forest'])
      for (let i = 0; i < 3; i++) writeBmp(join(folder('some'), name, `${i}.bmp`), 64, 64, grey)
    writeFileSync(join(folder('some'), 'Forest', 'broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]))
    const { code, out, err } = await run(folder('some'))
    expect(code).toBe(0)
    expect(err).toMatch(/1 files? could not be read.*broken\.jpg/)
    expect(out).toMatch(/fog/)
  })

  test('images of other sizes than the model’s are scaled or refused by name, never mixed up', async () => {
    for (const [i, name] of ['AnnualCrop', 'Forest'].entries()) {
      writeBmp(join(folder('sizes'), name, 'a.bmp'), 64, 64, grey)
      writeBmp(join(folder('sizes'), name, 'b.bmp'), 64, 96 + i, grey)
    }
    const { code, err, out } = await palm(
      'run',
      '--input',
      folder('sizes'),
      '--model',
      sampleModel,
      '--methods',
      'source',
      '--corruptions',
      'fog',
      '--batch',
      '2',
      '--json',
    )
    if (code === 0) expect(ending(out).lanes[0]?.perDomain[0]?.n).toBe(4)
    else expect(err).toMatch(/64 x (96|97)/)
  })
})
