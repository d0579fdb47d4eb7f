// What a step may keep alive: one activation per layer and tape, two tapes, and little besides.
import { expect, test } from 'vitest'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { randomModel } from '#test/bench/random-model.ts'

const device = loadDevice()
const n = 16
const area = 32 * 32

/** The device, and the most bytes that were alive after any of its calls. */
function watched(): { device: Device; peak: () => number; restart: () => void } {
  let most = 0
  const proxy = new Proxy(device, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        const result: unknown = member.apply(target, args)
        most = Math.max(most, target.liveBytes())
        return result
      }
    },
  })
  return { device: proxy, peak: () => most, restart: () => (most = 0) }
}

/** Bytes of one activation of a stage of a CIFAR ResNet: 16, 32, 64 channels at 32, 16, 8 pixels. */
const activation = (stage: number) => (4 * n * 16 * area) / 2 ** stage
// ResNet-20: each convolution's output (7 + 6 + 6 of them, kept for its batch norm) and each block's output (3 + 3 + 3, kept for the next
// convolution and its own ReLU). What lies between a batch norm and its convolution is made again.
const tape =
  7 * activation(0) + 6 * activation(1) + 6 * activation(2) + 3 * (activation(0) + activation(1) + activation(2))

test('a tape keeps convolution outputs and block outputs, and no more', () => {
  const model = randomModel(device, 'resnet20')
  const x = device.fill([n, 32, 32, 3], 0.5)
  const before = device.liveBytes()
  const { logits, tape: kept } = forward(device, model.graph, model.parameters, x, { statistics: 'batch', tape: true })
  const used = device.liveBytes() - before
  expect(used).toBeGreaterThan(tape)
  expect(used).toBeLessThan(tape + 4 * n * 3 * area + 100_000) // and the normalised image, statistics, logits
  kept?.dispose()
  for (const tensor of [logits, x]) tensor.dispose()
  model.dispose()
})

for (const variant of ['reference', 'paper'] as const) {
  test(`a palm step (${variant}) never has more alive than two tapes and four activations`, async () => {
    const watch = watched()
    const model = randomModel(watch.device, 'resnet20')
    const method = createMethod(
      watch.device,
      model,
      laneOptionsSchema.parse({ method: 'palm', variant, eta: variant === 'paper' ? 1 : 1e6 }),
      0,
    )
    const x = watch.device.fromBytes(
      Uint8Array.from({ length: n * area * 3 }, (_, i) => (i * 7919) % 256),
      [n, 32, 32, 3],
    )
    await method.step(x)
    const before = device.liveBytes()
    watch.restart()
    await method.step(x)
    const parameters = 4 * 270_000
    expect(watch.peak() - before).toBeGreaterThan(2 * tape)
    expect(watch.peak() - before).toBeLessThan(2 * tape + 4 * activation(0) + 3 * parameters)
    method.dispose()
    x.dispose()
    model.dispose()
  })
}

test('tent keeps one tape', async () => {
  const watch = watched()
  const model = randomModel(watch.device, 'resnet20')
  const method = createMethod(watch.device, model, laneOptionsSchema.parse({ method: 'tent' }), 0)
  const x = watch.device.fill([n, 32, 32, 3], 100)
  await method.step(x)
  const before = device.liveBytes()
  watch.restart()
  await method.step(x)
  expect(watch.peak() - before).toBeLessThan(tape + 5 * activation(0))
  method.dispose()
  x.dispose()
  model.dispose()
})
