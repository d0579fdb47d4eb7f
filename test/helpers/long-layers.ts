// A run of one lane, 160 tensors, 20 domains and 10,000 steps with every layer's values at every step: what the layer map has to draw at its largest.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { RunPlan } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore } from '#store/store.ts'

export const longLayers = { steps: 10_000, tensors: 160 } as const
const { steps, tensors: count } = longLayers
const kinds = ['conv', 'bn-weight', 'bn-bias'] as const

/** Writes it into the database of a data folder. */
export function writeLongLayers(data: string): void {
  const store = openStore(join(data, 'palm.sqlite'))
  const lanes = [{ id: 'palm', label: 'PALM', options: { method: 'palm' as const } }]
  const run = store.runs.createRun(
    runOptionsSchema.parse({ name: 'Long', input: { kind: 'sample' }, model: { kind: 'sample' }, lanes }),
    1,
  )
  const tensors = Array.from({ length: count }, (_, i) => ({
    name: `layer${Math.floor(i / 9)}.${kinds[i % 3]}${i % 9}`,
    kind: kinds[i % 3] as string,
    block: `layer${Math.floor(i / 9)}`,
    elements: 64 + i,
  }))
  const domains = Array.from({ length: 20 }, (_, index) => ({
    index,
    name: `fog ${1 + (index % 5)}`,
    corruption: 'fog',
    severity: 1 + (index % 5),
    images: steps,
    steps: steps / 20,
    firstStep: (index * steps) / 20,
  }))
  const plan = {
    domains,
    totalSteps: steps,
    totalImages: 20 * steps,
    family: 'cifar',
    inputName: 'sample',
    inputHash: '',
    sourceHash: null,
    look: null,
    cleanCheck: null,
    model: {
      name: 'm',
      path: null,
      hash: '',
      architecture: 'resnet',
      parameters: 1,
      classes: 10,
      classNames: [],
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      inputSize: { width: 64, height: 64 },
    },
    lanes: [{ id: 'palm', label: 'PALM', method: 'palm', tensors }],
    network: null,
    versions: {},
  } as RunPlan
  store.transaction(() => {
    store.runs.setPlan(run, plan)
    for (let step = 0; step < steps; step++) {
      const value = (i: number, k: number) =>
        Math.fround(10 ** (-4 + 3 * Math.abs(Math.sin((i + 1) * (k + 1) + step / 300))))
      const moved = (i: number) => Math.sin(i * 7 + step / 90) > -0.3
      const each = <T>(make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))
      store.steps.insert(run, {
        lane: 'palm',
        step,
        domain: Math.floor(step / (steps / 20)),
        images: 20,
        labelled: 20,
        correct: 12,
        seen: 20 * (step + 1),
        losses: {},
        kept: 10,
        adaptedShare: 0.5,
        meanConfidence: 0.5,
        meanEntropy: 1,
        agreement: null,
        estimate: null,
        predicted: { 1: 20 },
        stepMs: 1,
        peakBytes: 1,
        layers: {
          states: each((i) => (moved(i) ? 2 : 0)),
          scores: each((i) => value(i, 1)),
          importances: each((i) => value(i, 2)),
          learningRates: each((i) => (moved(i) ? value(i, 3) : 0)),
          changes: each((i) => Math.fround((1e-5 * (step + 1) * (i + 1)) / 10)),
        },
      })
    }
    store.runs.setProgress(run, steps, {
      step: steps,
      totalSteps: steps,
      images: 20 * steps,
      imagesPerSecond: 10,
      etaMs: null,
      waitShare: 0,
    })
    store.runs.setStatus(run, 'done', null, 2)
  })
  store.close()
}

/** Scrolls, zooms, drags, recolours and scrubs the enlarged map; `each` is given every part of it by name. */
export async function useLayerMap(
  page: Page,
  each: (what: string, work: () => Promise<unknown>) => Promise<void> = async (_, work) => void (await work()),
): Promise<void> {
  const panel = page.getByRole('region', { name: 'Layer map', exact: true })
  await panel.getByLabel('Fit all rows').uncheck() // so that there is something to scroll
  const box = await page.getByRole('img', { name: /^Layer map/ }).boundingBox()
  if (!box) throw new Error('The layer map is not to be seen.')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await each('scroll', async () => {
    for (let i = 0; i < 20; i++) await page.mouse.wheel(0, 120)
  })
  await each('zoom', async () => {
    await page.keyboard.down('Control')
    for (let i = 0; i < 20; i++) await page.mouse.wheel(0, -120)
    await page.keyboard.up('Control')
  })
  await each('drag', async () => {
    await page.mouse.down()
    for (let i = 1; i <= 30; i++) await page.mouse.move(x + 12 * i, y)
    await page.mouse.up()
  })
  await each('whole', () => panel.getByRole('button', { name: 'All steps' }).click())
  await each('recolour', async () => {
    for (const quantity of ['change', 'score', 'importance', 'learningRate'])
      await panel.getByLabel('Colour by').selectOption(quantity)
  })
  await each('scrub', async () => {
    for (let i = 1; i <= 20; i++) await panel.getByRole('slider', { name: 'Step of the cursor' }).fill(String(i * 450))
  })
  await each('fit', () => panel.getByLabel('Fit all rows').check())
}
