// GFLOP/s of the convolutions that a ResNet-20 and a WRN-28-10 consist of, forward and both gradients, in a process of their own, for it may be WebGPU's or CUDA's.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DeviceKind } from '#contract/devices.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'

export interface ConvolutionRate {
  readonly network: string
  readonly what: string
  /** GFLOP/s. */
  readonly forward: number
  readonly input: number
  readonly weight: number
}

/** 3x3, stride 1: [network, side, channels]. */
const stages = [
  ['ResNet-20', 32, 16],
  ['ResNet-20', 16, 32],
  ['ResNet-20', 8, 64],
  ['WRN-28-10', 32, 160],
  ['WRN-28-10', 16, 320],
  ['WRN-28-10', 8, 640],
] as const
/** How much at a time: a card needs much to be busy, WebGPU in software takes minutes for it. */
const amounts = {
  card: { batch: 200, calls: 10, networks: ['ResNet-20', 'WRN-28-10'] },
  cpu: { batch: 50, calls: 1, networks: ['ResNet-20', 'WRN-28-10'] },
  software: { batch: 2, calls: 1, networks: ['ResNet-20'] },
} as const
const rounds = 3

const amountFor = ({ kind, card }: Device): (typeof amounts)[keyof typeof amounts] =>
  card?.software ? amounts.software : kind === 'cpu' ? amounts.cpu : amounts.card

/** In this process. */
export async function measureRates(device: Device): Promise<ConvolutionRate[]> {
  const { batch, calls, networks } = amountFor(device)
  const rates: ConvolutionRate[] = []
  for (const [network, side, channels] of stages) {
    if (!networks.some((name) => name === network)) continue
    const options = { stride: 1, padding: { top: 1, bottom: 1, left: 1, right: 1 } }
    const x = device.fill([batch, side, side, channels], 0.5)
    const w = device.fill([3, 3, channels, channels], 0.01)
    const gigaflop = (2 * batch * side * side * 9 * channels * channels) / 1e9
    const rate = async (work: () => DeviceTensor) => gigaflop / (await secondsOf(device, calls, work))
    rates.push({
      network,
      what: `3x3, ${channels} channels of ${side}x${side}, batch ${batch}`,
      forward: await rate(() => device.conv2d(x, w, options)),
      input: await rate(() => device.conv2dInputGradient(x.shape, w, x, options)),
      weight: await rate(() => device.conv2dWeightGradient(x, w.shape, x, options)),
    })
    x.dispose()
    w.dispose()
  }
  return rates
}

/** Of the fastest round; a round is several calls and one read, so that the wait weighs little. */
async function secondsOf(device: Device, calls: number, work: () => DeviceTensor): Promise<number> {
  let best = Infinity
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const results = Array.from({ length: calls }, work)
    const last = results.at(-1) as DeviceTensor
    const one = device.slice(
      last,
      last.shape.map(() => 0),
      last.shape.map(() => 1),
    )
    await device.read(one)
    const seconds = (performance.now() - began) / 1000 / calls
    if (round > 0) best = Math.min(best, seconds)
    for (const tensor of [...results, one]) tensor.dispose()
  }
  return best
}

/** @throws Error where the process ends without an answer */
export async function convolutionRates(kind: DeviceKind, tf32: boolean): Promise<ConvolutionRate[]> {
  const child = spawnSync(process.execPath, [fileURLToPath(new URL('rates-child.ts', import.meta.url)), kind], {
    encoding: 'utf8',
    env: {
      ...process.env,
      ...processEnvironment,
      ...environmentOf({ device: kind, precision: tf32 ? 'tf32' : 'float32', threads: null }),
    },
  })
  if (child.status !== 0) throw new Error(`The convolutions could not be timed:\n${child.stderr.slice(-2000)}`)
  return JSON.parse(child.stdout) as ConvolutionRate[]
}
