// The counts that are told before a run are those of the plan that the stream makes.
import { describe, expect, test } from 'vitest'
import { runOptionsSchema, type RunOptionsInput } from '#contract/runs/run-options.ts'
import { streamSize } from '#contract/runs/stream-size.ts'
import { leftOut, planBatches } from '#stream/batcher.ts'

const options = (more: Partial<RunOptionsInput>) =>
  runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    corruptions: ['fog', 'snow'],
    batchSize: 7,
    lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
    ...more,
  })
const one = (name: string, images: number, index: number | null) => ({
  name,
  meaning: null,
  images,
  index,
  how: 'name' as const,
})
const info = { images: 60, classes: [one('a', 20, 0), one('b', 30, 1), one('c', 10, null)], domains: null }
const labels = [...Array<number>(20).fill(0), ...Array<number>(30).fill(1), ...Array<number>(10).fill(leftOut)]

describe('the size of a stream', () => {
  test.each<Partial<RunOptionsInput>>([
    {},
    { limit: 12 },
    { limit: 1000, cycles: 3 },
    { severities: [1, 3, 5] },
    { schedule: 'gradual', limit: 5 },
    { schedule: 'mixed', severities: [2, 4], cycles: 2 },
    { schedule: 'correlated' },
    { schedule: 'reset-per-domain', batchSize: 64 },
    {
      schedule: 'custom',
      order: [
        { corruption: null, severity: null },
        { corruption: 'fog', severity: 2 },
        { corruption: 'fog', severity: 2 },
      ],
      cycles: 2,
    },
    { corruptions: [] },
  ])('is that of its plan: %j', (more) => {
    const asked = options(more)
    const plan = planBatches(labels, asked)
    expect(streamSize(asked, info)).toMatchObject({
      images: plan.domains.reduce((sum, { images }) => sum + images, 0),
      domains: plan.domains.length,
      steps: plan.batches.length,
      largestBatch: Math.max(...plan.batches.map(({ images }) => images)),
      distinctImages: Math.min(50, asked.limit ?? 50),
    })
  })

  test.each<Partial<RunOptionsInput>>([{}, { limit: 8 }, { cycles: 2 }, { schedule: 'mixed', cycles: 2 }])(
    'and of real drift: %j',
    (more) => {
      const asked = options({ corruptions: [], ...more })
      const own = {
        images: 50,
        classes: [],
        domains: [
          { name: 'day', images: 30 },
          { name: 'night', images: 20 },
        ],
      }
      const plan = planBatches(Array<number>(50).fill(-1), asked, {
        names: ['day', 'night'],
        domainOf: (sample) => (sample < 30 ? 0 : 1),
        ordered: false,
      })
      expect(streamSize(asked, own)).toMatchObject({
        images: plan.domains.reduce((sum, { images }) => sum + images, 0),
        domains: plan.domains.length,
        steps: plan.batches.length,
      })
    },
  )
})
