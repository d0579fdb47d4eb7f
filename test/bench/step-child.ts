// One model and one method in a process of its own, so that its peak memory is its own. Speaks the same lines as python/steps.py:
// one line in = one timed step, answered by {"ms", "adaptedShare"}; at the end of input {"peakMiB", "ops"}. Weights and pixels are seeded random.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device, DeviceCounts } from '#engine/compute/device.ts'
import { openDevice } from '#engine/compute/open-device.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { palmPresets } from '#contract/methods/presets.ts'
import { deviceChoiceSchema } from '#contract/devices.ts'
import { factsOf, machineSources } from '#session/core/session-device.ts'
import { randomModel, sideOf } from './random-model.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    method: { type: 'string' },
    batch: { type: 'string', default: '200' },
    profile: { type: 'boolean', default: false },
    device: { type: 'string', default: 'cpu' },
  },
})

/** Wall time spent inside each call of the device, by name. The CPU device works synchronously, so this is the op's own time. */
function timed(device: Device, spent: Map<string, { ms: number; calls: number }>): Device {
  return new Proxy(device, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const start = performance.now()
        try {
          return Reflect.apply(member, target, args) as unknown
        } finally {
          const row = spent.get(String(key)) ?? { ms: 0, calls: 0 }
          row.ms += performance.now() - start
          row.calls += 1
          spent.set(String(key), row)
        }
      }
    },
  })
}

function peakMiB(): number {
  try {
    const line = readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+) kB/)
    if (line?.[1]) return Number(line[1]) / 1024
  } catch {
    // Not Linux: the resource usage below is the next best figure.
  }
  return process.resourceUsage().maxRSS / 1024
}

const spentBetween = (before: DeviceCounts, after: DeviceCounts): DeviceCounts => ({
  launches: after.launches - before.launches,
  uploads: after.uploads - before.uploads,
  reads: after.reads - before.reads,
})

const spent = new Map<string, { ms: number; calls: number }>()
// On the processor as every other process of the bench: without a look at cards.
const bare =
  values.device === 'cpu'
    ? loadDevice()
    : (
        await openDevice(
          { choice: deviceChoiceSchema.parse(values.device), prefer: null, without: [] },
          await machineSources(),
        )
      ).device
const device = values.profile ? timed(bare, spent) : bare
const model = randomModel(device, values.model ?? '')
const preset = values.model === 'resnet50' ? palmPresets.imagenet : palmPresets.cifar10
const side = sideOf(values.model ?? '')
const options =
  values.method === 'palm'
    ? {
        method: 'palm',
        variant: 'reference',
        kappa: preset.kappa,
        alpha: preset.alpha,
        temperature: preset.temperature,
        eta: preset.eta,
        lambda: preset.lambda,
      }
    : { method: values.method }
const batch = Number(values.batch)
// Source images for the methods that need some: few, what they cost is not timed.
const source = {
  pixels: Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, i) => (i * 7919) % 256),
  labels: Int32Array.from({ length: 40 }, (_, i) => i % 10),
  height: 32,
  width: 32,
}
const extra = values.method === 'rmt' ? { warmUpImages: 0 } : values.method === 'ecotta' ? { warmUpEpochs: 1 } : {}
const method = createMethod(device, model, laneOptionsSchema.parse({ ...options, ...extra }), 0, source)
await method.warmUp?.(source, 20)
const bytes = new Uint8Array(batch * side * side * 3)
let state = 12345
for (let i = 0; i < bytes.length; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  bytes[i] = state >>> 24
}
const x = device.fromBytes(bytes, [batch, side, side, 3])
console.log(JSON.stringify({ ready: device.version, device: { ...(await factsOf(bare)), from: 0 } }))
let steps = 0
for await (const _line of createInterface({ input: process.stdin })) {
  if (steps === 1) spent.clear() // the first step warms up
  const before = bare.counts?.()
  bare.takePeakBytes()
  const start = performance.now()
  const result = await method.step(x)
  const ms = performance.now() - start
  const after = bare.counts?.()
  console.log(
    JSON.stringify({
      ms,
      counts: before && after ? spentBetween(before, after) : null,
      peakAliveMiB: bare.takePeakBytes() / 2 ** 20,
      finite: result.logits.every(Number.isFinite),
      adaptedShare: result.adaptedShare,
    }),
  )
  steps += 1
}
const total = [...spent.values()].reduce((sum, row) => sum + row.ms, 0)
const ops = [...spent]
  .map(([op, row]) => ({
    op,
    msPerStep: row.ms / Math.max(1, steps - 1),
    callsPerStep: row.calls / Math.max(1, steps - 1),
    share: row.ms / total,
  }))
  .sort((a, b) => b.share - a.share)
console.log(JSON.stringify({ peakMiB: peakMiB(), ops }))
