// `npm run bench`: seconds and memory per step, the share of each op, images/s of each corruption, the share of a run that the device waits.
// With --against-pytorch the same steps run in PyTorch, in turn with ours, and a ratio of medians is printed. Nothing here is a test.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { arch, cpus, platform, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { methodIds } from '#contract/methods/method-info.ts'
import { processEnvironment } from '#engine/compute/environment.ts'
import { benchCorruptions } from './corruptions.ts'
import { benchListing } from './listing.ts'
import { benchFirstLaunch } from './first-launch.ts'
import { benchScreens, unnoticedMs } from './screens.ts'
import { benchDevice } from './device-steps.ts'
import { benchSnapshot } from './snapshot.ts'
import { benchViews, slowMs } from './views.ts'
import { median, pairedRatio, Stepper } from './stepper.ts'
import { benchWebcam } from './webcam.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const help = `npm run bench -- [options]
  --against-pytorch   the same steps in PyTorch (a virtual environment is made on first use; several GB), in turn with ours, as ratios
  --device NAME       steps on cpu, cuda or webgpu instead: ms, launches, uploads, reads, memory, GFLOP/s; with --against-pytorch beside PyTorch on the same card
  --models LIST       with --device: resnet20, wrn-28-10, resnet50 (default: all three on CUDA, else resnet20)
  --methods LIST      with --device (default source,tent,palm)
  --batch N           with --device: another batch size
  --tf32              with --device cuda: TF32 on both sides
  --only LIST         parts, by commas: palm:resnet20, tent (all models), resnet56 (all methods), methods (each method once), corruptions, corruptions:fog, wait, listing, snapshot, views (queries over ten million rows of tensors; 1 GB), screens (in Chromium), launch (from npm start to curves that move; --to-the-end: of the first run), webcam
  --minutes N         how long the webcam's memory is watched (default 2)
  --steps N           timed steps of each kind (default 7)
  --json              one JSON document (use npm run -s bench -- --json)`

const { values } = parseArgs({
  options: {
    'against-pytorch': { type: 'boolean', default: false },
    only: { type: 'string' },
    device: { type: 'string' },
    models: { type: 'string' },
    methods: { type: 'string' },
    batch: { type: 'string' },
    tf32: { type: 'boolean', default: false },
    steps: { type: 'string', default: '7' },
    minutes: { type: 'string', default: '2' },
    'to-the-end': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log(help)
  process.exit(0)
}

interface StepRow {
  model: string
  batch: number
  method: string
  medianMs: number
  peakMiB: number
  /** Of the parameters that the method may adapt, the share that a step moves. */
  adaptedShare: number
  ratioPublished?: number
  ratioChannelsLast?: number
  memoryRatio?: number
  ops?: { op: string; msPerStep: number; callsPerStep: number; share: number }[]
}

interface CorruptionRow {
  name: string
  size: number
  imagesPerSecond: number
  ratio?: number | null
}

const only = values.only?.split(',').map((part) => part.trim())
const wanted = (...tags: string[]) => !only || tags.some((tag) => only.includes(tag))
const note = (text: string) => {
  if (!values.json) console.log(text)
  else console.error(text)
}

async function ours(model: string, method: string, batch: number, profile: boolean): Promise<Stepper> {
  const args = [
    join(here, 'step-child.ts'),
    '--model',
    model,
    '--method',
    method,
    '--batch',
    String(batch),
    ...(profile ? ['--profile'] : []),
  ]
  const stepper = new Stepper(process.execPath, args, processEnvironment)
  await stepper.next()
  return stepper
}

async function theirs(python: string, model: string, method: string, batch: number, layout: string): Promise<Stepper> {
  const args = [
    join(here, 'python/steps.py'),
    '--model',
    model,
    '--method',
    method,
    '--batch',
    String(batch),
    '--layout',
    layout,
    '--threads',
    String(cpus().length),
  ]
  const stepper = new Stepper(python, args, {})
  await stepper.next()
  return stepper
}

async function benchStep(model: string, batch: number, method: string, python: string | null): Promise<StepRow> {
  const count = Number(values.steps)
  const mine = await ours(model, method, batch, false)
  const published = python ? await theirs(python, model, method, batch, 'nchw') : null
  const channelsLast = python ? await theirs(python, model, method, batch, 'channels_last') : null
  const all = [mine, published, channelsLast].filter((stepper) => stepper !== null)
  for (let i = 0; i < count + 2; i++) for (const stepper of all) await stepper.step(i >= 2)
  const peak = Number((await mine.end()).peakMiB)
  const row: StepRow = {
    model,
    batch,
    method,
    medianMs: median(mine.ms),
    peakMiB: peak,
    adaptedShare: Number(mine.last.adaptedShare),
  }
  if (published && channelsLast) {
    row.ratioPublished = pairedRatio(mine.ms, published.ms)
    row.ratioChannelsLast = pairedRatio(mine.ms, channelsLast.ms)
    row.memoryRatio = peak / Number((await published.end()).peakMiB)
    await channelsLast.end()
  }
  const profiled = await ours(model, method, batch, true)
  for (let i = 0; i < 4; i++) await profiled.step(false)
  row.ops = (await profiled.end()).ops as NonNullable<StepRow['ops']>
  return row
}

function preparePython(): string {
  const cache =
    process.env.PALM_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? tmpdir(), '.cache'), 'palm-studio')
  const venv = join(cache, 'bench-python')
  const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const packages = [
    'torch==2.15.0',
    'torchvision',
    'numpy',
    'scipy',
    'scikit-image',
    'opencv-python-headless',
    'pillow',
  ]
  const run = (command: string, args: string[]) => {
    const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    if (result.status !== 0) throw new Error(`Making the PyTorch environment failed at: ${command} ${args.join(' ')}`)
  }
  if (!existsSync(join(venv, 'complete'))) {
    note(`Making a Python environment with PyTorch in the cache (once; several GB)…`)
    if (!existsSync(python)) run('python3', ['-m', 'venv', venv])
    run(python, ['-m', 'pip', 'install', '-q', ...packages])
    run(python, ['-c', `open(${JSON.stringify(join(venv, 'complete'))}, 'w').close()`])
  }
  return python
}

function pythonCorruptions(python: string, sizes: readonly number[]): Map<string, number | null> {
  const result = spawnSync(python, [join(here, 'python/corruptions.py'), '--sizes', sizes.join(',')], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  if (result.status !== 0) throw new Error(`The Python corruptions failed:\n${result.stderr.slice(-2000)}`)
  const rows = result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CorruptionRow)
  return new Map(rows.map((row) => [`${row.name} ${row.size}`, row.imagesPerSecond]))
}

/** A real run of the sample with one palm lane: what share of its time did the device wait for images? */
function measureWait(): number {
  const data = mkdtempSync(join(tmpdir(), 'palm-bench-'))
  try {
    const args = [
      join(root, 'src-main/entry/cli.ts'),
      'run',
      '--sample',
      '--methods',
      'source,palm',
      '--limit',
      '400',
      '--json',
      '--data',
      data,
    ]
    const result = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28, cwd: root })
    if (result.status !== 0) throw new Error(`The sample run failed:\n${result.stderr.slice(-2000)}`)
    let share = Number.NaN
    for (const line of result.stdout.split('\n')) {
      if (!line.includes('"event":"step"')) continue
      share = (JSON.parse(line) as { progress: { waitShare: number } }).progress.waitShare
    }
    return share
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

if (values.device !== undefined) {
  const { device, models, methods, batch, tf32, json } = values
  const report = await benchDevice(
    {
      device,
      models: models?.split(',') ?? null,
      methods: methods?.split(',') ?? ['source', 'tent', 'palm'],
      batch: batch === undefined ? null : Number(batch),
      steps: Number(values.steps),
      tf32,
      againstPyTorch: values['against-pytorch'],
    },
    note,
  )
  if (json) console.log(JSON.stringify(report))
  process.exit(0)
}
const python = values['against-pytorch'] ? preparePython() : null
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${arch()}`,
  node: process.version,
}
note(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`)

const steps: StepRow[] = []
for (const [model, batch] of [
  ['resnet20', 200],
  ['resnet56', 200],
  ['wrn-40-2', 100],
] as const) {
  for (const method of ['source', 'norm', 'tent', 'palm']) {
    if (!wanted(`${method}:${model}`, method, model, 'steps')) continue
    const row = await benchStep(model, batch, method, python)
    steps.push(row)
    const ratios =
      row.ratioPublished === undefined
        ? ''
        : `, of PyTorch as published ${row.ratioPublished.toFixed(2)}, channels_last ${row.ratioChannelsLast?.toFixed(2)}, memory ${row.memoryRatio?.toFixed(2)}`
    note(
      `${model} batch ${batch} ${method}: ${row.medianMs.toFixed(0)} ms a step, peak ${row.peakMiB.toFixed(0)} MiB, ${(100 * row.adaptedShare).toFixed(0)} % adapted${ratios}`,
    )
    note(
      `    ${(row.ops ?? [])
        .slice(0, 8)
        .map((op) => `${op.op} ${(100 * op.share).toFixed(0)} %`)
        .join(', ')}`,
    )
  }
}

interface MethodRow {
  method: string
  medianMs: number
  /** Of a `source` step, taken in turn with it. */
  ratio: number
  peakMiB: number
}

/** Every method on one model: steps in turn with those of `source`. MEMO adapts image by image and gets a batch of 4. */
async function benchMethods(): Promise<MethodRow[]> {
  const rows: MethodRow[] = []
  const count = Math.min(3, Number(values.steps))
  for (const method of methodIds) {
    if (only && !wanted('methods', `methods:${method}`)) continue
    const batch = method === 'memo' ? 4 : 200
    const mine = await ours('resnet20', method, batch, false)
    const source = await ours('resnet20', 'source', batch, false)
    for (let i = 0; i < count + 1; i++) for (const stepper of [mine, source]) await stepper.step(i >= 1)
    const row = {
      method,
      medianMs: median(mine.ms),
      ratio: pairedRatio(mine.ms, source.ms),
      peakMiB: Number((await mine.end()).peakMiB),
    }
    await source.end()
    rows.push(row)
    note(
      `resnet20 batch ${batch} ${method}: ${row.medianMs.toFixed(0)} ms a step, ${row.ratio.toFixed(1)} times source, peak ${row.peakMiB.toFixed(0)} MiB`,
    )
  }
  return rows
}
const methodRows = wanted('methods') || only?.some((part) => part.startsWith('methods:')) ? await benchMethods() : []

const sizes = [32, 64, 224]
const corruptions: CorruptionRow[] = []
const corruptionNames = only
  ?.filter((part) => part.startsWith('corruptions:'))
  .map((part) => part.slice('corruptions:'.length))
if (wanted('corruptions') || corruptionNames?.length) {
  const original = python ? pythonCorruptions(python, sizes) : null
  for (const row of benchCorruptions(sizes, corruptionNames?.length ? { only: corruptionNames } : {})) {
    const base = original?.get(`${row.name} ${row.size}`)
    corruptions.push(original ? { ...row, ratio: base ? row.imagesPerSecond / base : null } : row)
    note(
      `${row.name} ${row.size}: ${row.imagesPerSecond.toFixed(0)} images/s${base ? `, ${(row.imagesPerSecond / base).toFixed(1)} times the Python original` : ''}`,
    )
  }
}

let deviceWaitShare: number | null = null
if (wanted('wait')) {
  deviceWaitShare = measureWait()
  note(`The device waited for data ${(100 * deviceWaitShare).toFixed(1)} % of a sample run (source + palm, batch 100)`)
}
const listing = wanted('listing') ? benchListing() : []
for (const row of listing) {
  const seconds = (ms: number) => (ms / 1000).toFixed(2)
  note(
    `${row.input}, ${row.images} images: listed in ${seconds(row.listMs)} s, inspected ${seconds(row.inspectMs)}, planned ${seconds(row.planMs)}, fingerprinted ${seconds(row.fingerprintMs)}; peak ${row.peakMiB.toFixed(0)} MiB, after ${row.streamedSteps / 2} steps ${row.halfwayMiB.toFixed(0)}, after ${row.streamedSteps} ${row.endMiB.toFixed(0)}`,
  )
}
const snapshot = wanted('snapshot') ? benchSnapshot(Number(values.steps)) : null
if (snapshot) {
  const { lanes, steps, tensors, readMs, messageMiB, checkMs, seriesMs } = snapshot
  note(
    `A run of ${lanes} lanes, ${steps} steps, ${tensors} tensors: read in ${readMs.toFixed(0)} ms, ${messageMiB.toFixed(1)} MiB as a message, parsed and checked in ${checkMs.toFixed(0)} ms, made into series in ${seriesMs.toFixed(0)} ms`,
  )
}
const views = wanted('views')
  ? benchViews(({ what, ms }) => note(`${what}: ${ms.toFixed(1)} ms${ms > slowMs ? ' (too long)' : ''}`))
  : []
const screens = wanted('screens')
  ? await benchScreens(({ what, ms, longestMs, longestProcessorMs, pageProcessorMs, hostProcessorMs, load }) =>
      note(
        `${what}: ${ms.toFixed(0)} ms; longest task ${longestMs.toFixed(0)} ms, of the processor ${longestProcessorMs.toFixed(0)}${longestProcessorMs > unnoticedMs ? ' (noticed)' : ''}; in all page ${pageProcessorMs.toFixed(0)}, host ${hostProcessorMs.toFixed(0)}; load ${load.toFixed(1)}`,
      ),
    )
  : []
const launch = wanted('launch')
  ? await benchFirstLaunch(values['to-the-end'], ({ what, ms, load, processorMs }) =>
      note(
        `first launch: ${what} after ${(ms / 1000).toFixed(1)} s (processor, without the page: ${(processorMs / 1000).toFixed(1)} s); load ${load.toFixed(1)}`,
      ),
    )
  : []
const webcam = wanted('webcam')
  ? await benchWebcam(Number(values.minutes), ({ minutes, pageMb, sessionMb, hostMb, numbers }) =>
      note(`webcam after ${minutes} min: page ${pageMb} MB, session ${sessionMb}, host ${hostMb}; ${numbers}`),
    )
  : []
if (values.json)
  console.log(
    JSON.stringify({
      machine,
      steps,
      methods: methodRows,
      corruptions,
      deviceWaitShare,
      listing,
      snapshot,
      views,
      screens,
      launch,
      webcam,
    }),
  )
