// The parts of the stage that only compute: answers held steady, the last minute, the line of plain words, scenes, blocks that light up, the search among classes.
import { describe, expect, test } from 'vitest'
import { corruptionNames } from '#contract/inputs/corruption.ts'
import { classLabels } from '#renderer/lib/text/class-names.ts'
import { searchClasses } from '#renderer/lib/text/class-search.ts'
import { blockLights } from '#renderer/lib/layers/layer-lights.ts'
import { MinuteRecord } from '#renderer/lib/webcam/minute-record.ts'
import { captionOf, type Situation } from '#renderer/lib/webcam/stage-caption.ts'
import { neighbour, scenes, stageCorruptions } from '#renderer/lib/webcam/stage-scenes.ts'
import { SteadyPredictions } from '#renderer/lib/webcam/steady-predictions.ts'
import { allStrings } from '#renderer/lib/strings/all.ts'

test('an answer is the mean of the last moment: one odd frame does not flip it', () => {
  const steady = new SteadyPredictions()
  expect(steady.top(3)).toEqual([])
  for (let at = 0; at < 1000; at += 100)
    steady.push(
      [
        { index: 7, probability: 0.8 },
        { index: 2, probability: 0.2 },
      ],
      at,
    )
  steady.push([{ index: 2, probability: 0.9 }], 1000)
  expect(steady.top(2).map(({ index }) => index)).toEqual([7, 2])
  expect(steady.top(1)[0]?.probability).toBeCloseTo(8 / 11)
  for (let at = 1100; at < 4000; at += 100) steady.push([{ index: 2, probability: 0.9 }], at)
  expect(steady.top(3)).toEqual([{ index: 2, probability: expect.closeTo(0.9) }])
})

describe('the last minute', () => {
  test('is counted by seconds and forgotten after one', () => {
    const record = new MinuteRecord()
    expect(record.points(0)).toEqual([])
    record.push(1000, { same: true, right: { unadapted: false, adapted: true } })
    record.push(1500, { same: false, right: { unadapted: true, adapted: true } })
    record.push(2000, { same: true, right: null })
    const points = record.points(2900)
    expect(points.map(({ secondsAgo }) => secondsAgo)).toEqual([1, 0])
    expect(points.at(-1)).toEqual({ secondsAgo: 0, agreement: 2 / 3, unadapted: 0.5, adapted: 1 })
    expect(record.total(2900)).toEqual({ agreement: 2 / 3, unadapted: 0.5, adapted: 1 })
    expect(record.total(70_000)).toEqual({ agreement: null, unadapted: null, adapted: null })
  })

  test('each point is the mean of five seconds, gaps are gaps, and it does not grow', () => {
    const record = new MinuteRecord()
    for (let second = 0; second < 200; second++) record.push(1000 * second, { same: second % 2 === 0, right: null })
    const points = record.points(199_000)
    expect(points).toHaveLength(60)
    for (const { agreement } of points) expect(Math.abs((agreement ?? 0) - 0.5)).toBeLessThan(0.11)
    expect(record.points(230_000).at(-1)?.agreement).toBeNull()
    expect((record as unknown as { seconds: unknown[] }).seconds.length).toBeLessThanOrEqual(65)
  })
})

describe('what is happening, in words', () => {
  const base: Situation = {
    state: 'running',
    corruption: 'fog',
    trained: { name: 'cup', probability: 0.3 },
    adapting: { name: 'cup', probability: 0.6 },
    steps: 12,
    truth: null,
  }
  const line = (change: Partial<Situation>) => captionOf({ ...base, ...change }, allStrings.en.stage)

  test.each<[string, Partial<Situation>, RegExp]>([
    [
      'it helps',
      {},
      /^The picture got foggy\. The model as trained is only 30 % sure\. The other one adapted in 12 steps: 60 % sure\.$/,
    ],
    ['it begins', { steps: 0 }, /got foggy\. The model as trained is unsure\. The other one begins/],
    [
      'it begins, and the first is sure',
      { steps: 1, trained: { name: 'mug', probability: 0.9 } },
      /says mug \(90 % sure\)/,
    ],
    [
      'they differ',
      { trained: { name: 'mug', probability: 0.6 } },
      /as trained says mug\. The other one adapted in 12 steps and says cup/,
    ],
    ['it harms', { trained: { name: 'cup', probability: 0.9 } }, /does not make the model surer/],
    ['neither knows', { adapting: { name: 'cup', probability: 0.35 } }, /both are unsure/],
    ['nothing changes', { trained: { name: 'cup', probability: 0.62 } }, /Both still say cup/],
    [
      'clean',
      { corruption: null, trained: { name: 'cup', probability: 0.9 } },
      /^This is what the camera sees\. Both models say: cup\.$/,
    ],
    ['clean, nothing there', { corruption: null, adapting: { name: 'x', probability: 0.1 } }, /Hold something up/],
    [
      'clean, two predictions',
      { corruption: null, adapting: { name: 'x', probability: 0.8 } },
      /One model says cup, the other x/,
    ],
    [
      'the truth was said',
      { truth: { name: 'mug', trained: 0.2, adapting: 0.75 } },
      /It really is: mug\. Right in the last minute: 20 % as trained, 75 % adapting/,
    ],
    ['the camera is gone', { state: 'lost' }, /Plug it in again/],
    ['before the first answer', { trained: null }, /One moment/],
  ])('%s', (_name, change, words) => expect(line(change)).toMatch(words))

  test('never says “right” of what nobody confirmed', () => {
    for (const steps of [0, 5, 50])
      for (const p of [0.1, 0.45, 0.55, 0.95])
        for (const q of [0.1, 0.45, 0.55, 0.95])
          for (const corruption of [null, 'snow'] as const)
            expect(
              line({
                steps,
                corruption,
                trained: { name: 'a', probability: p },
                adapting: { name: 'b', probability: q },
              }),
            ).not.toMatch(/right|wrong/i)
  })

  test('every corruption has a name and a sentence in every language', () => {
    for (const { names, happened } of [allStrings.en.stage, allStrings.de.stage]) {
      expect(Object.keys(names).sort()).toEqual([...corruptionNames].sort())
      expect(Object.keys(happened).sort()).toEqual([...corruptionNames].sort())
      expect(new Set(Object.values(names)).size).toBe(corruptionNames.length)
    }
  })
})

test('the buttons go round both ways, and the scenes show only what has a button', () => {
  const all = stageCorruptions.map((one) => neighbour(one, 1))
  expect(all).toEqual([...stageCorruptions.slice(1), null])
  for (const one of stageCorruptions) expect(neighbour(neighbour(one, 1), -1)).toBe(one)
  expect(neighbour('spatter', 1)).toBe(stageCorruptions[1])
  for (const { corruption } of scenes) expect(stageCorruptions).toContain(corruption)
  expect(new Set(scenes.map(({ corruption }) => corruption)).size).toBe(stageCorruptions.length)
})

test('a block lights up as far as its tensors were chosen', () => {
  const tensors = ['stem', 'stem', 'a', 'a', 'a', 'b'].map((block) => ({ block }))
  const report = { states: [2, 2, 0, 1, 3, 0], scores: [], importances: [], learningRates: [], changes: null }
  expect(blockLights(tensors, report)).toEqual([
    { block: 'stem', tensors: 2, adapting: 2 },
    { block: 'a', tensors: 3, adapting: 1 },
    { block: 'b', tensors: 1, adapting: 0 },
  ])
  expect(blockLights(tensors, null).every(({ adapting }) => adapting === 0)).toBe(true)
  expect(blockLights([], report)).toEqual([])
})

test('a class is found by any of its words, best first, among two of one name too', () => {
  const labels = classLabels(['coffee mug', 'cup', 'cupcake', 'tea cup', 'crane', 'crane'])
  expect(searchClasses(labels, 'cup')).toEqual([1, 2, 3])
  expect(searchClasses(labels, '  MUG coff')).toEqual([0])
  expect(searchClasses(labels, 'crane')).toEqual([4, 5])
  expect(searchClasses(labels, 'zebra')).toEqual([])
})
