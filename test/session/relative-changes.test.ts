// How far tensors moved from the source: against a plain computation on the host, nothing left alive, and what an older version did not record is not held against a resumed run.
import { expect, test } from 'vitest'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import type { StepReport } from '#contract/tables/report.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { RelativeChanges, withChanges } from '#session/measures/relative-changes.ts'
import { sameStep } from '#session/measures/step-report.ts'
import { randomModel } from '#test/bench/random-model.ts'

const device = loadDevice()
const pixels = Uint8Array.from({ length: 8 * 32 * 32 * 3 }, (_, i) => (i * 7919) % 256)

for (const options of [
  { method: 'palm', eta: 30 },
  { method: 'tent' },
  { method: 'cotta', augmentations: 2 },
] as const) {
  test(`of ${options.method}: the norm of the difference over the norm of the source, 0 where nothing moved, and nothing stays alive`, async () => {
    const model = randomModel(device, 'resnet20')
    const method = createMethod(device, model, laneOptionsSchema.parse(options), 3)
    const changes = new RelativeChanges(device, model)
    expect((await changes.of(method)).every((change) => change === 0)).toBe(true)
    const x = device.fromBytes(pixels, [8, 32, 32, 3])
    for (let step = 0; step < 3; step++) {
      await method.step(x)
      const before = [device.liveTensors(), device.liveBytes()]
      const found = await changes.of(method)
      expect(await changes.of(method)).toEqual(found)
      expect([device.liveTensors(), device.liveBytes()]).toEqual(before)
      const weights = method.currentWeights?.()
      for (const [i, name] of method.adapts().entries()) {
        const source = await device.read(model.parameters.get(name) as never)
        const now = await device.read(weights?.get(name) as never)
        let distance = 0
        let norm = 0
        for (let k = 0; k < source.length; k++) {
          distance += ((now[k] as number) - (source[k] as number)) ** 2
          norm += (source[k] as number) ** 2
        }
        const expected = Math.sqrt(distance) / Math.sqrt(norm)
        const change = found[i] as number | null
        // The sums are float32 in the kernels: six digits. A batch norm's shift is all zeros here, so there is nothing to divide by once it moved.
        if (norm === 0) expect(change).toBe(distance === 0 ? change : null)
        else expect(Math.abs((change as number) - expected)).toBeLessThanOrEqual(1e-5 * expected)
      }
      expect(found.some((change) => change !== null && change > 0)).toBe(true)
    }
    method.reset()
    if (options.method !== 'cotta') expect((await changes.of(method)).every((change) => change === 0)).toBe(true)
    method.dispose()
    x.dispose()
    model.dispose()
  })
}

test('a step without changes in one of the two reports is compared by the rest; with both, by them too', async () => {
  const report: StepReport = {
    lane: 'a',
    step: 0,
    domain: 0,
    images: 1,
    labelled: 0,
    correct: 0,
    seen: 1,
    losses: {},
    kept: null,
    adaptedShare: 1,
    meanConfidence: 1,
    meanEntropy: 0,
    agreement: null,
    estimate: null,
    predicted: {},
    stepMs: 1,
    peakBytes: 1,
    layers: { states: [3], scores: [null], importances: [null], learningRates: [0.1], changes: [0.5] },
  }
  const other = (layers: Partial<NonNullable<StepReport['layers']>>): StepReport => ({
    ...report,
    stepMs: 9,
    layers: { ...report.layers!, ...layers },
  })
  expect(sameStep(report, other({}))).toBe(true)
  expect(sameStep(report, other({ changes: null }))).toBe(true)
  expect(sameStep(report, other({ changes: [0.25] }))).toBe(false)
  expect(sameStep(report, other({ changes: null, learningRates: [0.2] }))).toBe(false)
  expect((await withChanges({ ...report, layers: null }, null as never, null as never)).layers).toBeNull()
})
