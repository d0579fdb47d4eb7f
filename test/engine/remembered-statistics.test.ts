// The preset `auto` (ours): what a batch is worth for the statistics of norm layers, and what is remembered where it is worth little.
import { describe, expect, test } from 'vitest'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import { forward, type ForwardOptions } from '#engine/compute/graph.ts'
import { BatchWorth, worthRules } from '#engine/methods/palm/batch-worth.ts'
import { RememberedStatistics, type Normalizing } from '#engine/methods/palm/remembered-statistics.ts'
import type { JsonValue } from '#engine/methods/method.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { loadModel } from '#engine/models/load.ts'
import { safetensorsFile } from '#engine/models/weights-file.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'
import { tinyVit } from '#test/helpers/tiny-vit.ts'

/** After 40 batches of `images` predictions, each of the classes that `choose` names for a batch, at random. */
function worthOf(classes: number, images: number, choose: (batch: number) => readonly number[]): BatchWorth {
  const random = new NumpyRandom(images)
  const worth = new BatchWorth(classes)
  for (let batch = 0; batch < 40; batch++) {
    const among = choose(batch)
    worth.observe(Int32Array.from({ length: images }, () => among[random.randint(0, among.length)] ?? 0))
  }
  return worth
}
const all = (classes: number) => Array.from({ length: classes }, (_, c) => c)

describe('a batch is worth', () => {
  test('its images where they are drawn at random, however many classes there are and whether all of them come', () => {
    for (const [classes, images] of [
      [10, 16],
      [10, 100],
      [1000, 64],
      [2, 50],
    ] as const) {
      expect(worthOf(classes, images, () => all(classes)).of(images)).toBeGreaterThan(0.6 * images)
      expect(worthOf(classes, images, () => [0, 1]).of(images)).toBeGreaterThan(0.5 * images)
    }
  })

  test('a few images where it is ordered by class', () => {
    const twoOf = (classes: number) => (batch: number) => [(2 * batch) % classes, (2 * batch + 1) % classes]
    // Squared distance of (1/2, 1/2, 0, …) from (1/10, …): 0.4; the variance of one image's class: 0.9.
    expect(worthOf(10, 100, twoOf(10)).of(100)).toBeCloseTo(0.9 / 0.4, 0)
    expect(worthOf(100, 100, twoOf(100)).of(100)).toBeLessThan(4)
  })

  test('all of its images where there is always one class only, and before anything was seen', () => {
    expect(worthOf(10, 20, () => [7]).of(20)).toBe(20)
    expect(new BatchWorth(10).of(5)).toBe(5)
  })
})

describe('the share of a batch’s own statistics', () => {
  test('is all from 34 images on, less for fewer, and little where they are ordered by class', () => {
    const first = new BatchWorth(10)
    expect([200, 100, 34].map((images) => first.share(images))).toEqual([1, 1, 1])
    expect(first.share(16)).toBeCloseTo(1 / (1 + (13.2 / 16) ** 2), 9)
    expect(first.share(1)).toBe(worthRules.least)
    const ordered = worthOf(10, 100, (batch) => [batch % 10])
    expect(ordered.share(100)).toBe(worthRules.least)
    expect(worthOf(10, 100, () => all(10)).share(100)).toBe(1)
  })

  test('goes on from a stored state, which is this model’s', () => {
    const worth = worthOf(10, 20, (batch) => [batch % 10, (batch + 1) % 10])
    const again = new BatchWorth(10)
    again.restore(JSON.parse(JSON.stringify(worth.state())))
    expect(again.of(20)).toBe(worth.of(20))
    expect(() => new BatchWorth(3).restore(worth.state())).toThrow('counts 10 classes, and the model has 3')
    worth.clear()
    expect(worth.of(20)).toBe(20)
  })
})

describe('over a network', () => {
  const device = loadDevice()
  const model = loadModel(device, safetensorsFile(tinyResnet(), 'tiny.safetensors'), { fileName: 'tiny.safetensors' })
  const side = model.inputSize?.width ?? 32
  const batch = (seed: number, images: number) => {
    const random = new NumpyRandom(seed)
    return device.fromBytes(
      Uint8Array.from({ length: images * side * side * 3 }, () => random.randint(0, 256)),
      [images, side, side, 3],
    )
  }
  const pixelsOf = (seed: number, images: number) => {
    const x = batch(seed, images)
    const pixels = device.scale(x, 1 / 255)
    x.dispose()
    return pixels
  }
  const firstNorm = model.graph.nodes.find(({ op }) => op === 'batch-norm')?.params.mean ?? ''
  /** The first norm layer's mean, which nothing before it changes: the batch's. */
  const meanOf = async (pixels: DeviceTensor) => {
    const seen: DeviceTensor[] = []
    forward(device, model.graph, model.parameters, pixels, {
      statistics: 'batch',
      tape: false,
      onStatistics: (node, mean) => node.params.mean === firstNorm && seen.push(device.scale(mean, 1)),
    }).logits.dispose()
    return device.read(seen[0] as DeviceTensor)
  }

  const answer = async (pixels: DeviceTensor, { parameters }: Normalizing, options: Omit<ForwardOptions, 'tape'>) => {
    const { logits } = forward(device, model.graph, parameters, pixels, { ...options, tape: false })
    const values = await device.read(logits)
    logits.dispose()
    return values
  }
  /** All classes in turn, and one class a batch, for as many batches. */
  const ordered = (images: number, batch: number) => new Int32Array(images).fill(batch % model.classes)

  test('a small batch is answered both ways; the source’s statistics and the batch’s are mixed, and what is remembered is drawn back to the source’s a little', async () => {
    const remembered = new RememberedStatistics(device, model)
    const pixels = pixelsOf(1, 12)
    const ways = remembered.ways(model.parameters, 12)
    const share = remembered.worth.share(12)
    const alone = { parameters: model.parameters, statistics: 'batch' }
    expect(ways).toEqual({ chosen: alone, other: { ...alone, statistics: { movingShare: share } } })
    expect(remembered.passOptions(ways.chosen, ways).onStatistics).toBeUndefined()
    const [logits] = remembered.otherPass(pixels, ways) as [DeviceTensor]
    const mixedAnswers = await device.read(logits)
    logits.dispose()
    expect(mixedAnswers).toEqual(await answer(pixels, ways.chosen, { statistics: { movingShare: share } }))
    remembered.take(new Int32Array(12), ways, await answer(pixels, ways.chosen, { statistics: 'batch' }), mixedAnswers)
    const { chosen, other } = remembered.ways(model.parameters, 12)
    const kept = (chosen.statistics === 'batch' ? other : chosen)?.parameters.get(firstNorm) as DeviceTensor
    const [now, source, own] = [
      await device.read(kept),
      await device.read(model.parameters.get(firstNorm) as DeviceTensor),
      await meanOf(pixels),
    ]
    for (const [c, value] of now.entries()) {
      const mixed = share * (own[c] as number) + (1 - share) * (source[c] as number)
      expect(value).toBeCloseTo(0.9 * mixed + 0.1 * (source[c] as number), 5)
    }
    remembered.clear()
    expect(remembered.ways(model.parameters, 12)).toEqual(ways)
  })

  test('what is remembered counts where answers are surer so, and no longer where they are not', () => {
    const remembered = new RememberedStatistics(device, model)
    const [sure, unsure] = [8, 0].map((logit) =>
      Float32Array.from({ length: 40 * model.classes }, (_, i) => (i % model.classes === 0 ? logit : 0)),
    ) as [Float32Array, Float32Array]
    for (let batch = 0; batch < 20; batch++)
      remembered.take(ordered(40, batch), remembered.ways(model.parameters, 40), unsure, unsure)
    // Ordered by class, but no surer so.
    expect(remembered.ways(model.parameters, 40)).toMatchObject({
      chosen: { statistics: 'batch' },
      other: { statistics: { movingShare: worthRules.least } },
    })
    const first = remembered.ways(model.parameters, 40)
    remembered.take(ordered(40, 20), first, unsure, sure)
    const chosen = { statistics: { movingShare: worthRules.least } }
    const next = remembered.ways(model.parameters, 40)
    expect(next).toMatchObject({ chosen, other: null }) // not compared at each batch
    expect(remembered.otherPass(pixelsOf(1, 2), next)).toEqual([])
    for (let batch = 21; batch < 24; batch++) remembered.take(ordered(40, batch), next, sure, undefined)
    const now = remembered.ways(model.parameters, 40)
    expect(now).toMatchObject({ chosen, other: { statistics: 'batch' } })
    expect(remembered.passOptions(now.chosen, now).onStatistics).toBeDefined()
    // Now the chosen one is the mixture: which is which is not confused.
    remembered.take(ordered(40, 24), now, sure, unsure)
    expect(remembered.worth.helps).toBe(true)
    for (let batch = 25; batch < 160; batch++) {
      const ways = remembered.ways(model.parameters, 40)
      const both = ways.chosen.statistics === 'batch' ? ([sure, unsure] as const) : ([unsure, sure] as const)
      remembered.take(ordered(40, batch), ways, both[0], ways.other ? both[1] : undefined)
    }
    expect(remembered.ways(model.parameters, 40).chosen.statistics).toBe('batch')
  })

  test('a network without such statistics, and answers that are no numbers, change nothing', () => {
    const vit = loadModel(device, safetensorsFile(tinyVit(), 'vit.safetensors'), { fileName: 'vit.safetensors' })
    expect(new RememberedStatistics(device, vit).ways(vit.parameters, 2).other).toBeNull()
    vit.dispose()
    const worth = new BatchWorth(10)
    worth.compare(2, 1)
    const before = worth.state()
    worth.compare(Number.NaN, 1)
    expect(worth.state()).toEqual(before)
  })

  test('where batches suffice it is BN-1, and nothing is remembered', () => {
    const remembered = new RememberedStatistics(device, model)
    const ways = remembered.ways(model.parameters, 100)
    expect(ways).toEqual({ chosen: { parameters: model.parameters, statistics: 'batch' }, other: null })
    expect(remembered.passOptions(ways.chosen, ways)).toEqual({ statistics: 'batch' })
    expect(remembered.otherPass(pixelsOf(1, 2), ways)).toEqual([])
  })

  test('where what is remembered counts, importance is measured at every fourth batch; in a run from before, at every second', async () => {
    const method = createMethod(device, model, laneOptionsSchema.parse({ method: 'palm', tuning: 'mirrored' }), 3)
    const scoresOf = async (seed: number) => {
      const x = batch(seed, 8)
      const { tensors } = await method.step(x)
      x.dispose()
      return tensors.map(({ score }) => score)
    }
    for (let seed = 0; seed < 4; seed++) await scoresOf(seed)
    const { scalars, arrays } = await method.state()
    const { worth, cautious: _, ...rest } = scalars as Record<string, JsonValue>
    const surer = { ...rest, worth: { ...(worth as object), alone: 1000, mixed: 1 } }
    const measuredAt = async (state: JsonValue) => {
      method.restore({ scalars: state, arrays })
      const steps: number[] = []
      let last: readonly number[] = []
      for (let step = 4; step < 12; step++) {
        const scores = await scoresOf(step)
        if (step > 4 && scores.some((score, i) => score !== last[i])) steps.push(step)
        last = scores
      }
      return steps
    }
    expect(await measuredAt({ ...surer, cautious: true })).toEqual([8])
    expect(await measuredAt(surer)).toEqual([6, 8, 10])
    method.dispose()
  })

  test('a lane goes on from its state as if nothing had happened, and refuses the state of another model', async () => {
    const lane = () => createMethod(device, model, laneOptionsSchema.parse({ method: 'palm', tuning: 'mirrored' }), 3)
    const [one, other] = [lane(), lane()]
    const step = async (method: typeof one, seed: number) => {
      const x = batch(seed, 8)
      const { logits } = await method.step(x)
      x.dispose()
      return logits
    }
    for (const seed of [1, 2, 3]) await step(one, seed)
    const state = await one.state()
    const name = [...state.arrays.keys()].find((key) => key.startsWith('remembered/')) ?? ''
    expect(state.arrays.get(name)?.data.length).toBeGreaterThan(0)
    other.restore(state)
    expect(await step(other, 4)).toEqual(await step(one, 4))
    // As a run of an earlier version left it: it goes on without, also after a second stop.
    const { worth: _, ...before } = (await lane().state()).scalars as Record<string, unknown>
    const old = lane()
    old.restore({ scalars: before as typeof state.scalars, arrays: new Map() })
    for (const seed of [1, 2]) await step(old, seed)
    const left = await old.state()
    expect(left.scalars).toMatchObject({ worth: null })
    expect([...left.arrays.keys()].filter((key) => key.startsWith('remembered/'))).toEqual([])
    old.restore(left)
    await step(old, 3)
    expect((await old.state()).scalars).toMatchObject({ worth: null })
    old.dispose()
    const wrong = new Map(state.arrays).set(name, { shape: [1], data: Float32Array.of(1) })
    expect(() => other.restore({ ...state, arrays: wrong })).toThrow('not of this model')
    for (const method of [one, other]) method.dispose()
  })
})
