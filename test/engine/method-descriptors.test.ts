// What a method says of itself is what its code does.
import { describe, expect, test } from 'vitest'
import { defineMethod, presetNames, type MethodDescriptor } from '#contract/methods/descriptor.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import {
  descriptorOf,
  laneOptionsSchema,
  schemaOf,
  type LaneOptions,
  type MethodId,
} from '#contract/methods/methods.ts'
import { usualOptions } from '#contract/methods/presets.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { descriptors } from '#engine/methods/descriptors.ts'
import type { Method } from '#engine/methods/method.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { randomModel } from '#test/bench/random-model.ts'

// Types: these lines are checked by the compiler, not when the test runs.
type Optional = {
  [K in keyof MethodDescriptor]-?: Partial<Pick<MethodDescriptor, K>> extends Pick<MethodDescriptor, K> ? K : never
}[keyof MethodDescriptor]
const noneIsOptional: [Optional] extends [never] ? true : false = true
const { cost: _cost, ...withoutCost } = descriptors.tent
// @ts-expect-error -- a descriptor that leaves a property out is none
defineMethod(withoutCost)
// @ts-expect-error -- its id is the one that its options have
defineMethod({ ...descriptors.tent, id: 'tint' })
// @ts-expect-error -- a preset has only what the method's options have
defineMethod({ ...descriptors.tent, presets: { imagenet: { kappa: 1 } } })

const device = loadDevice()
const model = randomModel(device, 'resnet20')
const side = 32
const bytes = Uint8Array.from({ length: 8 * side * side * 3 }, (_, i) => (i * 7919) % 251)
const source: SourceImages = {
  pixels: bytes,
  labels: Int32Array.from({ length: 8 }, (_, i) => i),
  height: side,
  width: side,
}

/** Small, and nothing learned before the first step. */
const small: { readonly [M in MethodId]?: object } = {
  cotta: { augmentations: 2 },
  memo: { augmentations: 2 },
  ecotta: { parts: 2, warmUpEpochs: 1 },
  rmt: { projection: 8, warmUpImages: 0 },
  santa: { projection: 8 },
  adacontrast: { queue: 20 },
}
const optionsOf = (method: MethodId, more: object = {}): LaneOptions =>
  laneOptionsSchema.parse({ method, ...small[method], ...more })

async function made<T>(options: LaneOptions, look: (method: Method) => T | Promise<T>): Promise<T> {
  const method = createMethod(device, model, options, 9, source)
  await method.warmUp?.(source, 8)
  const seen = await look(method)
  method.dispose()
  return seen
}

async function firstLogits(options: LaneOptions): Promise<Float32Array> {
  return await made(options, async (method) => {
    const x = device.fromBytes(bytes, [8, side, side, 3])
    const { logits } = await method.step(x)
    x.dispose()
    return logits
  })
}

test('every property has to be said', () => {
  expect(noneIsOptional).toBe(true)
})

for (const id of methodIds) {
  const descriptor = descriptorOf(id)

  describe(id, () => {
    test('has one id, and options and presets that fit its schema', () => {
      expect(descriptor.id).toBe(id)
      expect(schemaOf(id).parse({ method: id })).toMatchObject({ method: id })
      for (const preset of presetNames) expect(usualOptions(id, { preset, classes: 10 }).method).toBe(id)
    })

    test('adapts, needs source images, and can be asked anew as it says', async () => {
      await made(optionsOf(id), (method) => {
        expect(method.adapts().length > 0).toBe(descriptor.adapts)
        expect(method.warmUp !== undefined).toBe(descriptor.needs.includes('source-images'))
        if (descriptor.answersAfterUpdate || descriptor.webcam)
          expect(method.currentWeights?.().size).toBeGreaterThan(0)
      })
    })

    test('changes live only what is a number', () => {
      const options: Readonly<Record<string, unknown>> = optionsOf(id)
      for (const option of descriptor.live(optionsOf(id))) expect(options[option]).toBeTypeOf('number')
    })
  })
}

const withRate = methodIds.flatMap((id) => {
  const options: Readonly<Record<string, unknown>> = optionsOf(id)
  const rate = ['learningRate', 'kappa'].find((name) => typeof options[name] === 'number')
  return rate === undefined ? [] : [{ id, other: { [rate]: 3 * Number(options[rate]) } }]
})

for (const { id, other } of withRate)
  test(`${id} scores ${descriptorOf(id).scores}: another rate shows in the first logits, or does not`, async () => {
    const changed = await firstLogits(optionsOf(id, other))
    const same = (await firstLogits(optionsOf(id))).every((value, i) => value === changed[i])
    expect(same).toBe(descriptorOf(id).scores === 'before-update')
  })
