// PALM's preset `auto` (ours): the share of a gradient that batches have in common, and what follows from it.
import { describe, expect, test } from 'vitest'
import { usualLabel, usualOptions } from '#contract/methods/presets.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { logSoftmax } from '#engine/compute/losses.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import { autoRules } from '#engine/methods/palm/auto.ts'
import { caution, cautiousShare, noiseLeft, sharedPart } from '#engine/methods/palm/agreement.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { loadModel } from '#engine/models/load.ts'
import { safetensorsFile } from '#engine/models/weights-file.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { answeredTogether, MirrorTrust } from '#engine/methods/palm/mirror.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'

const memory = 0.9

/** The share after `steps` gradients of `size` elements: `signal` everywhere, plus noise of variance 1. */
function measured(signal: number, steps: number, size: number, seed: number): number {
  const random = new NumpyRandom(seed)
  const [mean, square] = [new Float64Array(size), new Float64Array(size)]
  for (let step = 0; step < steps; step++)
    for (let i = 0; i < size; i++) {
      const g = signal + random.gauss()
      mean[i] = memory * (mean[i] as number) + (1 - memory) * g
      square[i] = memory * (square[i] as number) + (1 - memory) * g * g
    }
  const sum = (values: Float64Array) => values.reduce((all, value) => all + value, 0)
  return sharedPart(sum(mean.map((m) => m * m)), sum(square), steps)
}

describe('the share of a gradient that batches have in common', () => {
  test('one batch says nothing, however its gradient is, nor does a gradient of 0', () => {
    expect(noiseLeft(1)).toBeCloseTo(1, 12)
    expect(sharedPart(0.01 * 4, 0.1 * 4, 1)).toBe(0)
    expect(sharedPart(0, 0, 5)).toBe(0)
    expect(sharedPart(Number.NaN, 1, 5)).toBe(0)
  })

  test('is 0 for noise, 1 for what is always the same, and the signal’s part of the power between, after few and many batches', () => {
    for (const steps of [3, 10, 60]) {
      expect(measured(0, steps, 20_000, steps)).toBeLessThan(0.02)
      for (const signal of [0.5, 1, 2])
        expect(measured(signal, steps, 20_000, steps)).toBeCloseTo(signal ** 2 / (1 + signal ** 2), 1)
    }
    const same = (steps: number) => sharedPart((1 - memory ** steps) ** 2, 1 - memory ** steps, steps)
    for (const steps of [2, 10, 100]) expect(same(steps)).toBeCloseTo(1, 9)
  })
})

describe('what counts of a share', () => {
  test('nothing of one that mild corruptions leave, all of a whole one from the tenth batch on, and at first a part of it', () => {
    expect(cautiousShare(caution.none, 100)).toBe(0)
    expect(cautiousShare(caution.none / 2, 100)).toBe(0)
    expect(cautiousShare(1, caution.batches)).toBe(1)
    expect(cautiousShare(1, 100)).toBe(1)
    expect(cautiousShare(0.525, 100)).toBeCloseTo(0.5, 12)
    expect(cautiousShare(1, 2)).toBeCloseTo(0.2, 12)
    expect(cautiousShare(0.525, 3)).toBeCloseTo(0.15, 12)
  })
})

describe('the preset', () => {
  test('is the rule, and whoever asks for what the rule does not read gets PALM as published with that', () => {
    const usual = { preset: 'auto', classes: 10 } as const
    expect(usualOptions('palm', usual)).toMatchObject({ tuning: 'mirrored' })
    expect(usualLabel(usualOptions('palm', usual))).toBe('PALM (auto, ours)')
    expect(usualOptions('palm', usual, { temperature: 20 })).toMatchObject({ tuning: 'mirrored', temperature: 20 })
    for (const differs of [{ kappa: 1e-3 }, { eta: 0.1 }, { lambda: 0.1 }, { margin: 1 }, { optimizer: 'lars' }])
      expect(usualOptions('palm', usual, differs)).toMatchObject({ tuning: 'fixed', ...differs })
    // What runs of earlier versions were made with, by name.
    expect(usualLabel(usualOptions('palm', usual, { tuning: 'agreement' }))).toBe('PALM (auto unmirrored, ours)')
    expect(usualOptions('palm', { ...usual, variant: 'paper' })).toMatchObject({ tuning: 'fixed', variant: 'paper' })
  })
})

describe('mirror images', () => {
  /** `agree` of 100 images of each class. */
  const batchOf = (agree: readonly { readonly mirror: number; readonly view: number }[]) => {
    const own = agree.flatMap((_, c) => new Array<number>(100).fill(c))
    const other = (of: 'mirror' | 'view') =>
      Int32Array.from(own, (c, i) => (i % 100 < (agree[c]?.[of] ?? 0) ? c : (c + 1) % 3))
    return [Int32Array.from(own), other('mirror'), other('view')] as const
  }

  test('count where predictions agree with them as often as with the view, class by class', () => {
    const trust = new MirrorTrust(3)
    expect([0, 1, 2].map((c) => trust.trusts(c))).toEqual([false, false, false])
    // Two arrows that are each other's mirror image, and something that is its own.
    trust.observe(
      ...batchOf([
        { mirror: 5, view: 50 },
        { mirror: 5, view: 50 },
        { mirror: 90, view: 70 },
      ]),
    )
    expect([0, 1, 2].map((c) => trust.trusts(c))).toEqual([false, false, true])
    // What is seen later counts more.
    for (let i = 0; i < 20; i++)
      trust.observe(
        ...batchOf([
          { mirror: 80, view: 70 },
          { mirror: 5, view: 50 },
          { mirror: 60, view: 70 },
        ]),
      )
    expect([0, 1, 2].map((c) => trust.trusts(c))).toEqual([true, false, false])
    const other = new MirrorTrust(3)
    other.restore(structuredClone(trust.state()))
    expect([0, 1, 2].map((c) => other.trusts(c))).toEqual([true, false, false])
    trust.clear()
    expect(trust.trusts(0)).toBe(false)
    expect(() => other.restore({ seen: [-1], mirror: [], view: [] })).toThrow(/too_small|>=0/i)
  })

  test('a class that is seldom predicted goes by what all classes show', () => {
    const trust = new MirrorTrust(3)
    trust.observe(...batchOf([{ mirror: 90, view: 60 }]))
    expect(trust.trusts(2)).toBe(true)
    const distrust = new MirrorTrust(3)
    distrust.observe(...batchOf([{ mirror: 40, view: 60 }]))
    expect(distrust.trusts(2)).toBe(false)
  })

  test('the answer is the mean of both log-probabilities, or the image’s own', () => {
    const trust = new MirrorTrust(2)
    trust.observe(
      ...batchOf([
        { mirror: 90, view: 50 },
        { mirror: 10, view: 50 },
      ]),
    )
    const own = logSoftmax(Float32Array.of(1, 0, 0, 1), 2)
    const mirror = logSoftmax(Float32Array.of(0, 2, 2, 0), 2)
    const together = answeredTogether(own, mirror, 2, trust)
    expect(together[0]).toBeCloseTo(((own[0] as number) + (mirror[0] as number)) / 2, 6)
    expect((together[1] as number) > (together[0] as number)).toBe(true) // two to one for the second class
    expect([...together.slice(2)]).toEqual([...Float32Array.from(own.slice(2))])
  })
})

describe('a lane', () => {
  const device = loadDevice()
  const model = loadModel(device, safetensorsFile(tinyResnet(), 'tiny.safetensors'), { fileName: 'tiny.safetensors' })
  const side = model.inputSize?.width ?? 32
  const auto = (numbers: object = {}) =>
    createMethod(device, model, laneOptionsSchema.parse({ method: 'palm', tuning: 'mirrored', ...numbers }), 3)
  const batch = (seed: number, images = 12) => {
    const random = new NumpyRandom(seed)
    return device.fromBytes(
      Uint8Array.from({ length: images * side * side * 3 }, () => random.randint(0, 256)),
      [images, side, side, 3],
    )
  }
  const norms = model.tensors.filter(({ kind }) => kind === 'bn-weight' || kind === 'bn-bias').map(({ name }) => name)

  test('moves norm layers from the first batch on, and a convolution only where batches agree', async () => {
    const method = auto()
    const names = method.adapts()
    const x = batch(1)
    const first = await method.step(x, x)
    for (const [i, { state, learningRate }] of first.tensors.entries()) {
      const isNorm = norms.includes(names[i] as string)
      expect({ state, rests: learningRate === 0 }).toEqual(
        isNorm ? { state: 'fresh', rests: false } : { state: 'never', rests: true },
      )
    }
    x.dispose()
    const moving = new Set<string>()
    for (let step = 0; step < 5; step++) {
      const images = batch(1) // the same ones, and as their own views: they agree
      const { tensors } = await method.step(images, images)
      images.dispose()
      for (const [i, { state, score, importance, learningRate }] of tensors.entries()) {
        const name = names[i] as string
        expect(score).toBeGreaterThan(0)
        if (norms.includes(name)) {
          expect(learningRate).toBeCloseTo(autoRules.norm * importance, 9)
          continue
        }
        const source = await device.read(model.parameters.get(name) as DeviceTensor)
        const size = Math.sqrt(source.reduce((sum, value) => sum + value ** 2, 0) / source.length)
        const share = learningRate / (autoRules.convolution * size * importance)
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(cautiousShare(1, step + 2)) // one batch came before these
        if (share > 0) moving.add(name)
        expect(state).toBe(share > 0 ? 'fresh' : moving.has(name) ? 'stale' : 'never')
      }
    }
    expect(moving.size).toBeGreaterThan(2)
    method.dispose()
  })

  test('reads neither kappa nor eta, lambda and margin', async () => {
    const logitsOf = async (numbers: object) => {
      const method = auto(numbers)
      let logits = new Float32Array()
      for (let step = 0; step < 3; step++) {
        const x = batch(step)
        logits = Float32Array.from((await method.step(x)).logits)
        x.dispose()
      }
      method.dispose()
      return logits
    }
    expect(await logitsOf({ kappa: 0.5, eta: 0, lambda: 9, margin: 0.1 })).toEqual(await logitsOf({}))
  })

  test('stays near the source however long it runs', async () => {
    const method = auto()
    const away: number[] = []
    for (let step = 0; step < 45; step++) {
      const x = batch(step)
      await method.step(x)
      x.dispose()
      if (step % 15 !== 14) continue
      let [moved, size] = [0, 0]
      for (const [name, { data }] of await method.parameters()) {
        if (!norms.includes(name)) continue
        const source = await device.read(model.parameters.get(name) as DeviceTensor)
        for (const [i, value] of data.entries()) moved += (value - (source[i] as number)) ** 2
        for (const value of source) size += value ** 2
      }
      away.push(Math.sqrt(moved / size))
    }
    // A step of at most 4e-3 times importance against 2 % of the way back: no further than 0.2 importance an element.
    expect(Math.max(...away)).toBeLessThan(0.4)
    expect(Math.min(...away)).toBeGreaterThan(0.001)
    method.dispose()
  })

  test('with `agreement`, as earlier, answers alone and measures each batch; now both images answer, and every second batch is measured', async () => {
    const [together, alone] = [auto(), auto({ tuning: 'agreement' })]
    let unlike = 0
    let [lastScores, lastAlone] = [[-1], [-1]]
    for (let step = 0; step < 4; step++) {
      const x = batch(step, 40) // so many stand alone: batch-worth.ts
      const answers = [await together.step(x), await alone.step(x)] as const
      const own = logSoftmax(answers[1].logits, model.classes)
      for (const [i, log] of own.entries()) if (Math.abs(log - (answers[0].logits[i] as number)) > 1e-3) unlike += 1
      const [scores, scoresAlone] = answers.map(({ tensors }) => tensors.map(({ score }) => score))
      if (step === 0) expect(answers[0].tensors).toEqual(answers[1].tensors)
      expect(scores).toEqual(step % 2 === 1 ? lastScores : expect.not.arrayContaining(lastScores))
      expect(scoresAlone).not.toEqual(lastAlone)
      lastScores = scores ?? []
      lastAlone = scoresAlone ?? []
      x.dispose()
    }
    expect(unlike).toBeGreaterThan(0)
    // Asked again it says what it would say now, and learns nothing.
    const bytes = batch(9)
    const x = device.scale(bytes, 1 / 255)
    const before = await together.state()
    const asked = await together.answer?.(x)
    expect(asked).toHaveLength(12 * model.classes)
    expect(await together.answer?.(x)).toEqual(asked)
    expect((await together.state()).scalars).toEqual(before.scalars)
    expect(await alone.answer?.(x)).toBeNull()
    for (const tensor of [bytes, x]) tensor.dispose()
    for (const method of [together, alone]) method.dispose()
  })

  test('a run that began before shares were counted with caution goes on without, and one since then as if it had never stopped', async () => {
    const [one, since, before] = [auto(), auto(), auto()]
    const step = async (method: typeof one, seed: number) => {
      const x = batch(seed, 40)
      const { logits, tensors } = await method.step(x)
      x.dispose()
      return { logits: Float32Array.from(logits), rates: tensors.map(({ learningRate }) => learningRate) }
    }
    for (let seed = 0; seed < 3; seed++) await step(one, seed)
    const state = await one.state()
    since.restore(state)
    const { cautious, ...scalars } = state.scalars as Record<string, unknown>
    expect(cautious).toBe(true)
    before.restore({ ...state, scalars: scalars as typeof state.scalars })
    const [now, same, other] = [await step(one, 3), await step(since, 3), await step(before, 3)]
    expect(same).toEqual(now)
    expect(other.logits).toEqual(now.logits) // the answer is from before the step
    const bolder = other.rates.filter((rate, i) => rate > (now.rates[i] as number))
    expect(bolder.length).toBeGreaterThan(0)
    for (const [i, rate] of other.rates.entries()) expect(rate).toBeGreaterThanOrEqual(now.rates[i] as number)
    // What is told of it next is still from before.
    expect((await before.state()).scalars).toMatchObject({ cautious: false })
    before.reset()
    expect((await before.state()).scalars).toMatchObject({ cautious: true })
    for (const method of [one, since, before]) method.dispose()
  })
})
