// `npm run bench -- --device NAME`: steps on one kind of device, with what they cost beside their arithmetic; with --against-pytorch the published step on the
// same card, TF32 alike, in turn with ours. Prints a table for docs/benchmarks.md with the ratios beside their targets.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '#build/setup/places.mjs'
import { deviceKindSchema, deviceLine, usedDeviceSchema, type DeviceKind, type UsedDevice } from '#contract/devices.ts'
import type { DeviceCounts } from '#engine/compute/device.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { convolutionRates, type ConvolutionRate } from './convolution-rates.ts'
import { sideOf } from './random-model.ts'
import { median, pairedRatio, Stepper } from './stepper.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

export interface DeviceBench {
  readonly device: string
  /** Null = by the device. */
  readonly models: readonly string[] | null
  readonly methods: readonly string[]
  /** Null = the model's usual one. */
  readonly batch: number | null
  readonly steps: number
  readonly tf32: boolean
  readonly againstPyTorch: boolean
}

interface DeviceRow {
  readonly model: string
  readonly batch: number
  readonly method: string
  readonly medianMs: number
  readonly firstMs: number
  readonly counts: DeviceCounts | null
  /** Tensors that were alive at once. */
  readonly aliveMiB: number
  readonly adaptedShare: number
  /** Ours divided by PyTorch's. */
  readonly pytorch: {
    readonly ms: number
    readonly layout: string
    readonly time: number
    readonly memory: number | null
  } | null
}

const usualBatch: Readonly<Record<string, number>> = { resnet20: 200, 'wrn-28-10': 200, resnet50: 64 }
/** Of issue 19, on one card. */
const targets: Readonly<Record<string, number>> = { palm: 0.7, tent: 1 }
const memoryTarget = 0.6
const warmUp = 3

export async function benchDevice(
  asked: DeviceBench,
  note: (text: string) => void,
): Promise<{ device: UsedDevice | null; tf32: boolean; rows: DeviceRow[]; convolutions: ConvolutionRate[] }> {
  const kind = deviceKindSchema.parse(asked.device)
  const models = asked.models ?? (kind === 'cuda' ? ['resnet20', 'wrn-28-10', 'resnet50'] : ['resnet20'])
  const python = asked.againstPyTorch ? findPython(kind, note) : null
  let device: UsedDevice | null = null
  const rows: DeviceRow[] = []
  for (const model of models) {
    for (const method of asked.methods) {
      const { row, used } = await benchOne({ ...asked, kind, model, method, python })
      if (!device) note(`${deviceLine(used)}${python ? `; PyTorch by ${python}` : ''}`)
      device = used
      rows.push(row)
      note(textOf(row))
    }
  }
  const convolutions = await convolutionRates(kind, asked.tf32)
  for (const { network, what, forward, input, weight } of convolutions)
    note(
      `${network}, ${what}: ${[forward, input, weight].map((rate) => rate.toFixed(rate < 10 ? 2 : 0)).join(' / ')} GFLOP/s (forward / gradient of the input / of the weights)`,
    )
  note(`\n${tableOf(rows)}`)
  return { device, tf32: asked.tf32, rows, convolutions }
}

/** PALM_PYTHON, else the environment that `npm run bench -- --against-pytorch` makes; null where neither has PyTorch for the device. */
function findPython(kind: DeviceKind, note: (text: string) => void): string | null {
  const venv = join(cacheFolder(), 'bench-python', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const python = process.env['PALM_PYTHON'] ?? (existsSync(venv) ? venv : null)
  const wanted = kind === 'cpu' ? 'True' : 'torch.cuda.is_available()'
  const found = python
    ? spawnSync(python, ['-c', `import torch, torchvision; print(${wanted})`], { encoding: 'utf8' })
    : null
  if (found?.status === 0 && found.stdout.trim() === 'True') return python
  const why = !python
    ? 'There is no PyTorch here'
    : found?.status === 0
      ? `PyTorch of ${python} sees no CUDA card`
      : `${python} has no torch and torchvision`
  note(
    `${why}: PALM_PYTHON=/path/to/python names one that has${kind === 'cpu' ? '' : ' (pip install torch torchvision brings CUDA along on Linux)'}. Ours alone is timed.`,
  )
  return null
}

interface One extends DeviceBench {
  readonly kind: DeviceKind
  readonly model: string
  readonly method: string
  readonly python: string | null
}

async function benchOne(one: One): Promise<{ row: DeviceRow; used: UsedDevice }> {
  const { kind, model, method, steps, tf32, python } = one
  const batch = one.batch ?? usualBatch[model] ?? 200
  const work = ['--model', model, '--method', method, '--batch', String(batch)]
  const precision = tf32 ? 'tf32' : 'float32'
  const mine = new Stepper(process.execPath, [join(here, 'step-child.ts'), ...work, '--device', kind], {
    ...processEnvironment,
    ...environmentOf({ device: kind, precision, threads: null }),
  })
  const used = usedDeviceSchema.parse((await mine.next())['device'])
  const layouts = ['nchw', 'channels_last'] as const
  const theirs = python
    ? layouts.map((layout) => {
        const on =
          kind === 'cpu' ? ['--threads', String(cpus().length)] : ['--device', 'cuda', ...(tf32 ? ['--tf32'] : [])]
        return new Stepper(python, [join(here, 'python/steps.py'), ...work, '--layout', layout, ...on], {})
      })
    : []
  for (const stepper of theirs) await stepper.next()
  let firstMs = 0
  for (let i = 0; i < steps + warmUp; i++)
    for (const stepper of [mine, ...theirs]) {
      await stepper.step(i >= warmUp)
      if (i === 0 && stepper === mine) firstMs = Number(mine.last['ms'])
    }
  const { counts, peakAliveMiB, adaptedShare } = mine.last
  const mib = Number((await mine.end())['peakMiB'])
  const ends = []
  for (const stepper of theirs) ends.push(await stepper.end())
  const best = theirs
    .map(({ ms }) => median(ms))
    .reduce((least, ms, i, all) => (ms < (all[least] as number) ? i : least), 0)
  const fastest = theirs[best]
  const end = ends[best]
  const theirMib = Number(kind === 'cpu' ? end?.['peakMiB'] : end?.['peakAliveMiB'])
  return {
    used,
    row: {
      model,
      batch,
      method,
      medianMs: median(mine.ms),
      firstMs,
      counts: (counts as DeviceCounts | null) ?? null,
      aliveMiB: Number(peakAliveMiB),
      adaptedShare: Number(adaptedShare),
      pytorch: fastest
        ? {
            ms: median(fastest.ms),
            layout: layouts[best] ?? '',
            time: pairedRatio(mine.ms, fastest.ms),
            // On a processor whole processes are compared, on a card what is alive there.
            memory: kind === 'webgpu' ? null : (kind === 'cpu' ? mib : Number(peakAliveMiB)) / theirMib,
          }
        : null,
    },
  }
}

const countsText = (counts: DeviceCounts | null): string =>
  counts ? `${counts.launches} / ${counts.uploads} / ${counts.reads}` : '-'

function textOf({ model, batch, method, medianMs, firstMs, counts, aliveMiB, pytorch }: DeviceRow): string {
  const beside = pytorch
    ? `; PyTorch ${pytorch.ms.toFixed(1)} ms (${pytorch.layout}): ${pytorch.time.toFixed(2)} of its time${pytorch.memory === null ? '' : `, ${pytorch.memory.toFixed(2)} of its memory`}`
    : ''
  return `${model} (${sideOf(model)} pixels) batch ${batch} ${method}: ${medianMs.toFixed(1)} ms a step, the first ${(firstMs / 1000).toFixed(1)} s; launches / uploads / reads ${countsText(counts)}; ${aliveMiB.toFixed(0)} MiB alive${beside}`
}

/** For docs/benchmarks.md. */
function tableOf(rows: readonly DeviceRow[]): string {
  const beside = rows.some(({ pytorch }) => pytorch !== null)
  const against = (value: number | null | undefined, target: number | undefined): string =>
    value === null || value === undefined
      ? '-'
      : `${value.toFixed(2)}${target === undefined ? '' : ` (${value <= target ? 'target' : '**over**'} ${target})`}`
  const head = [
    ...['model', 'batch', 'method', 'ms', 'launches / uploads / reads', 'MiB alive'],
    ...(beside ? ['PyTorch, ms', 'time', 'memory'] : []),
  ]
  const lines = rows.map(({ model, batch, method, medianMs, counts, aliveMiB, pytorch }) => [
    ...[model, String(batch), method, medianMs.toFixed(1), countsText(counts), aliveMiB.toFixed(0)],
    ...(beside
      ? [
          pytorch ? `${pytorch.ms.toFixed(1)} (${pytorch.layout})` : '-',
          against(pytorch?.time, targets[method]),
          against(pytorch?.memory, method === 'palm' ? memoryTarget : undefined),
        ]
      : []),
  ])
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
