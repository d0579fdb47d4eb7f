// What curves are made of: sums and extremes kept up step by step, pixels' columns, zoom and pan as sums, long tables, and the columns of a snapshot.
import { describe, expect, test } from 'vitest'
import { runSnapshotSchema, type StepReport } from '#contract/tables/report.ts'
import {
  decodeBase64,
  decodeColumns,
  decodePlainly,
  laneStepsSchema,
  type LaneSteps,
} from '#contract/columns/step-columns.ts'
import { roomFor } from '#renderer/lib/charts/axis.ts'
import { Measured } from '#renderer/lib/curves/column.ts'
import { domainAt } from '#renderer/lib/curves/domain-at.ts'
import { LaneSeries } from '#renderer/lib/curves/lane-series.ts'
import { binsOf, positionsOf, rawLine, smoothLine, visibleExtent } from '#renderer/lib/charts/pixel-columns.ts'
import { RecentSteps } from '#renderer/lib/curves/recent-steps.ts'
import { rowWindow, scrollTo, wholeUpTo } from '#renderer/lib/row-window.ts'
import { atEnd, fewestSteps, fitted, panned, wholeOf, zoomed } from '#renderer/lib/charts/step-range.ts'
import { ChartRange } from '#renderer/state/live/chart-range.svelte.ts'
import { columnsOf } from '#test/helpers/step-columns.ts'

/** Plain arithmetic modulo a prime: the same numbers each time. */
const noise = (i: number) => ((i * 7919 + 13) % 1009) / 1009
const report = (lane: string, step: number, more: Partial<StepReport> = {}): StepReport => ({
  lane,
  step,
  domain: Math.floor(step / 10),
  images: 20,
  labelled: 20,
  correct: Math.round(20 * noise(step)),
  seen: 20 * (step + 1),
  losses: { entropy: noise(step), consistency: null },
  kept: 10,
  adaptedShare: 0.25,
  meanConfidence: 0.5,
  meanEntropy: 1,
  agreement: null,
  estimate: null,
  predicted: { 1: 15, 4: 5 },
  stepMs: 12.5,
  peakBytes: 4096,
  layers: null,
  ...more,
})
const measuredOf = (values: readonly number[]) => {
  const measured = new Measured()
  for (const value of values) measured.push(value, 1)
  return measured
}

describe('a measured quantity', () => {
  const values = Array.from({ length: 5000 }, (_, i) => (i % 97 === 5 ? Number.NaN : Math.fround(noise(i) - 0.3)))
  const measured = measuredOf(values)

  test('means over any window are what going through it gives', () => {
    for (const [index, window] of [
      [0, 1],
      [0, 50],
      [5, 1],
      [4999, 5000],
      [4999, 9000],
      [3211, 1],
      [3211, 7],
      [1200, 480],
    ] as const) {
      const own = values.slice(Math.max(0, index - window + 1), index + 1).filter((value) => !Number.isNaN(value))
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length
      if (own.length === 0) expect(measured.mean(index, window)).toBeNaN()
      else expect(measured.mean(index, window)).toBeCloseTo(mean, 9)
    }
  })

  test('extremes of any stretch are what going through it gives, whichever blocks it is made of', () => {
    for (let i = 0; i < 300; i++) {
      const from = (i * 433) % 5000
      const end = Math.min(5000, from + 1 + ((i * i * 31) % 1700))
      const own = values.slice(from, end).filter((value) => !Number.isNaN(value))
      expect(measured.extent(from, end)).toEqual(
        own.length === 0 ? null : { low: Math.min(...own), high: Math.max(...own) },
      )
    }
    expect(measured.extent(5, 6)).toBeNull()
    expect(measured.extent(4990, 9000)).toEqual(measured.extent(4990, 5000))
    expect(measured.extent(5000, 6000)).toBeNull()
  })

  test('weights count, and what is of no weight is not known', () => {
    const weighed = new Measured()
    weighed.push(10, 20)
    weighed.push(0, 0)
    weighed.push(Number.NaN, 5)
    weighed.push(2, 5)
    expect([weighed.at(0), weighed.at(1), weighed.at(2)]).toEqual([0.5, Number.NaN, Number.NaN])
    expect(weighed.mean(3, 4)).toBeCloseTo(12 / 25)
    expect(weighed.total(1, 3)).toEqual({ sum: 0, weight: 0 })
  })
})

describe('the series of a lane', () => {
  const reports = Array.from({ length: 95 }, (_, step) => report('palm', step))

  test('a snapshot’s columns and live steps after them give what all steps live give', () => {
    const live = new LaneSeries()
    for (const one of reports) live.push(one)
    const opened = new LaneSeries()
    for (const lane of columnsOf(reports.slice(0, 60))) opened.load(lane)
    opened.measured('accuracy')
    for (const one of reports.slice(60)) opened.push(one)
    expect(opened.steps).toEqual(live.steps)
    expect([...opened.predicted]).toEqual([...live.predicted])
    for (const quantity of [
      'accuracy',
      'confidence',
      'entropy',
      'kept',
      'adaptedShare',
      'stepMs',
      'peakBytes',
      'loss entropy',
    ] as const) {
      for (const index of [0, 59, 60, 94])
        expect(opened.measured(quantity).at(index), `${quantity} ${index}`).toBe(live.measured(quantity).at(index))
      expect(opened.measured(quantity).mean(94, 50)).toBe(live.measured(quantity).mean(94, 50))
    }
    expect(opened.domainSums(50, 20)).toEqual(live.domainSums(50, 20))
    expect([opened.knows('accuracy'), opened.knows('estimate'), opened.lossNames]).toEqual([
      true,
      false,
      ['entropy', 'consistency'],
    ])
    expect(opened.measured('kept').at(3)).toBe(0.5)
  })

  test('a loss that comes late, or stops, is not known elsewhere', () => {
    const series = new LaneSeries()
    series.push(report('a', 0, { losses: {} }))
    series.push(report('a', 1, { losses: { contrast: 2 } }))
    series.push(report('a', 2, { losses: {} }))
    series.push(report('a', 3, { losses: { contrast: 4 } }))
    const contrast = series.measured('loss contrast')
    expect([0, 1, 2, 3].map((i) => contrast.at(i))).toEqual([Number.NaN, 2, Number.NaN, 4])
    expect(contrast.mean(3, 4)).toBe(3)
    expect(series.measured('loss nothing').extent(0, 4)).toBeNull()
  })

  test('sums of a domain where steps are missing before it', () => {
    const series = new LaneSeries()
    for (const step of [2, 3, 7, 8, 9]) series.push(report('a', step, { correct: step }))
    expect([series.indexOf(0), series.indexOf(3), series.indexOf(5), series.indexOf(10)]).toEqual([0, 1, 2, 5])
    expect(series.domainSums(3, 5)).toEqual({ correct: 10, labelled: 40 })
    expect(series.domainSums(20, 5)).toEqual({ correct: 0, labelled: 0 })
  })

  test('what is shown of a webcam goes on from the last of the recorded steps', () => {
    const recent = new RecentSteps()
    recent.load(
      columnsOf(
        Array.from({ length: 300 }, (_, step) => [
          report('source', step),
          report('palm', step, { agreement: 0.5 }),
        ]).flat(),
      ),
    )
    expect(recent.steps).toBe(120)
    expect(recent.agreement('palm')).toBe(0.5)
    recent.push([report('source', 300), report('palm', 300)])
    expect(recent.steps).toBe(120)
  })
})

describe('the columns of a snapshot', () => {
  const reports = Array.from({ length: 7 }, (_, step) => [
    report('source', step, { losses: {}, kept: null }),
    report('palm', step, { agreement: step / 8 }),
  ]).flat()
  const lanes = columnsOf(reports)
  const palm = () => structuredClone(lanes[1]) as LaneSteps
  const refused = (lane: unknown) => {
    const parsed = laneStepsSchema.safeParse(lane)
    expect(parsed.success).toBe(false)
    return parsed.error?.issues[0]?.message ?? ''
  }
  const base64 = (values: Float32Array | Uint32Array) => Buffer.from(values.buffer).toString('base64')

  test('hold what the reports held, lane by lane', () => {
    expect(lanes.map(({ lane, count }) => [lane, count])).toEqual([
      ['source', 7],
      ['palm', 7],
    ])
    expect(laneStepsSchema.parse(lanes[1])).toEqual(lanes[1])
    const { counts, numbers, losses } = decodeColumns(palm())
    const own = reports.filter(({ lane }) => lane === 'palm')
    expect([...counts.correct]).toEqual(own.map(({ correct }) => correct))
    expect([...numbers.agreement]).toEqual(own.map(({ agreement }) => agreement))
    expect([...(losses.get('entropy') ?? [])]).toEqual(own.map(({ losses }) => Math.fround(losses.entropy ?? 0)))
    expect([...decodeColumns(lanes[0] as LaneSteps).numbers.kept].every(Number.isNaN)).toBe(true)
    expect(palm().predicted).toEqual({ 1: 105, 4: 35 })
  })

  test('are refused with another length, with what is no base64, with too many and too few columns', () => {
    const lane = palm()
    expect(refused({ ...lane, count: 6 })).toMatch(/not 6 values/)
    expect(refused({ ...lane, count: 1e12 })).toMatch(/small|big|<=/i)
    expect(refused({ ...lane, columns: { ...lane.columns, stepMs: lane.columns.stepMs.replace(/^./, '!') } })).toMatch(
      /stepMs/,
    )
    expect(
      refused({ ...lane, columns: { ...lane.columns, stepMs: `${lane.columns.stepMs.slice(0, -4)}    ` } }),
    ).toMatch(/stepMs/)
    expect(refused({ ...lane, columns: { ...lane.columns, stepMs: 'é'.repeat(lane.columns.stepMs.length) } })).toMatch(
      /stepMs/,
    )
    expect(refused({ ...lane, losses: { entropy: '' } })).toMatch(/losses\.entropy/)
    expect(refused({ ...lane, columns: { ...lane.columns, more: '' } })).toMatch(/more/)
    const { step: _, ...fewer } = lane.columns
    expect(refused({ ...lane, columns: fewer })).not.toBe('')
    expect(refused({ ...lane, predicted: { 1: -1 } })).not.toBe('')
  })

  test('are refused with numbers that cannot be', () => {
    const lane = palm()
    const having = (name: string, values: Float32Array | Uint32Array) =>
      refused({ ...lane, columns: { ...lane.columns, [name]: base64(values) } })
    expect(having('step', Uint32Array.of(0, 1, 2, 2, 3, 4, 5))).toMatch(/do not rise/)
    expect(having('correct', Uint32Array.of(0, 0, 0, 21, 0, 0, 0))).toMatch(/counts/)
    expect(having('labelled', Uint32Array.of(30, 20, 20, 20, 20, 20, 20))).toMatch(/counts/)
    expect(having('adaptedShare', Float32Array.of(0, 0, 0, 1.5, 0, 0, 0))).toMatch(/adaptedShare.*at 3/)
    expect(having('adaptedShare', Float32Array.of(0, 0, Number.NaN, 0, 0, 0, 0))).toMatch(/adaptedShare.*at 2/)
    expect(having('stepMs', Float32Array.of(0, 0, 0, 0, 0, 0, -1))).toMatch(/stepMs/)
    expect(having('meanEntropy', Float32Array.of(Infinity, 0, 0, 0, 0, 0, 0))).toMatch(/meanEntropy/)
    expect(refused({ ...lane, losses: { entropy: base64(Float32Array.of(0, 0, 0, 0, 0, 0, -Infinity)) } })).toMatch(
      /loss entropy/,
    )
  })

  test('base64 is read the same with and without the engine’s help', () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) % 256)
      const text = Buffer.from(bytes).toString('base64')
      expect(decodePlainly(text, length)).toEqual(bytes)
      expect(decodeBase64(text, length)).toEqual(bytes)
      expect(decodeBase64(text, length + 1)).toBeNull()
      if (length > 0) expect(decodePlainly(`-${text.slice(1)}`, length)).toBeNull()
    }
  })

  test('a snapshot with a faulty lane is refused as a whole', () => {
    const issues = runSnapshotSchema.safeParse({ steps: [{ ...palm(), count: 3 }] }).error?.issues ?? []
    expect(issues.some(({ path }) => path[0] === 'steps')).toBe(true)
  })
})

describe('what a screen shows of a line', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => Math.fround(i === 6543 ? 9 : noise(i)))
  const measured = measuredOf(values)
  const whole = wholeOf(10_000)

  test('a bin for each column of pixels, which hold every step once', () => {
    const bins = binsOf(whole, 800, 10_000)
    expect(bins.length).toBeLessThanOrEqual(800)
    expect(bins[0]?.first).toBe(0)
    expect(bins.at(-1)?.end).toBe(10_000)
    for (const [i, { first }] of bins.entries()) if (i > 0) expect(first).toBe(bins[i - 1]?.end)
    expect(positionsOf(bins)).toHaveLength(2 * bins.length)
  })

  test('each step by itself where there is room, and no more than what is there', () => {
    expect(binsOf({ from: 99.5, to: 119.5 }, 800, 10_000).map(({ first }) => first)).toEqual(
      Array.from({ length: 22 }, (_, i) => 99 + i),
    )
    expect(binsOf(whole, 20_000, 3)).toEqual([
      { first: 0, end: 1 },
      { first: 1, end: 2 },
      { first: 2, end: 3 },
    ])
    expect(binsOf(whole, 800, 0)).toEqual([])
  })

  test('bins stay where they are when the picture moves', () => {
    const starts = (from: number) => binsOf({ from, to: from + 4000 }, 500, 10_000).map(({ first }) => first % 8)
    expect(new Set([...starts(-0.5), ...starts(3.5), ...starts(101.5)])).toEqual(new Set([0]))
  })

  test('no outlier is lost, and the mean is that of the bin where the window is smaller', () => {
    const bins = binsOf(whole, 800, 10_000)
    const raw = rawLine(measured, bins)
    expect(Math.max(...raw.map((value) => value ?? 0))).toBe(9)
    expect(raw).toHaveLength(positionsOf(bins).length)
    const smooth = smoothLine(measured, bins, 5)
    const at = positionsOf(bins)
    expect(smooth).toHaveLength(at.length)
    expect(smooth[7]).toBeCloseTo(measured.mean(at[7] as number, 13), 9)
    expect(smoothLine(measured, bins, 200)[99]).toBeCloseTo(measured.mean(at[99] as number, 200), 9)
    expect(visibleExtent([measured, measuredOf([-4])], bins)).toEqual({ low: -4, high: 9 })
    expect(visibleExtent([], bins)).toBeNull()
  })

  test('what is not known leaves a gap', () => {
    const gaps = measuredOf([1, Number.NaN, 3])
    expect(rawLine(gaps, binsOf(wholeOf(3), 100, 3))).toEqual([1, null, 3])
    expect(smoothLine(gaps, binsOf(wholeOf(3), 100, 3), 1)).toEqual([1, null, 3])
  })

  test('the vertical axis: all of a share, from 0 for what has no most, or just what is seen', () => {
    expect(roomFor({ low: 40, high: 60 }, false, 100)).toEqual([0, 100])
    expect(roomFor({ low: 2, high: 10 }, false, null)[0]).toBe(0)
    expect(roomFor({ low: -2, high: 10 }, false, null)[0]).toBeLessThan(-2)
    const [low, high] = roomFor({ low: 40, high: 60 }, true, 100)
    expect([low < 40 && low > 35, high > 60 && high < 65]).toEqual([true, true])
    expect(roomFor({ low: 3, high: 3 }, true, null)[1]).toBeGreaterThan(3)
    expect(roomFor(null, true, null)).toEqual([0, 1])
  })
})

describe('zoom and pan', () => {
  test('never leave the stream, and never show fewer steps than a line needs', () => {
    expect(fitted({ from: -50, to: 20 }, 100)).toEqual({ from: -0.5, to: 69.5 })
    expect(fitted({ from: 90, to: 140 }, 100)).toEqual({ from: 49.5, to: 99.5 })
    expect(fitted({ from: -0.5, to: 99.5 }, 100)).toBeNull()
    const least = fitted({ from: 50, to: 50.1 }, 100)
    expect((least?.to ?? 0) - (least?.from ?? 0)).toBe(fewestSteps)
    expect(fitted({ from: Number.NaN, to: 3 }, 100)).toBeNull()
  })

  test('what is under the pointer stays there', () => {
    const range = zoomed({ from: 0, to: 1000 }, 0.5, 250, 10_000)
    expect(range).toEqual({ from: 125, to: 625 })
    expect(zoomed(range ?? wholeOf(1), 2, 250, 10_000)).toEqual({ from: 0, to: 1000 })
    expect(zoomed({ from: 0, to: 1000 }, 1e9, 250, 10_000)).toBeNull()
    expect(panned({ from: 100, to: 200 }, -500, 10_000)).toEqual({ from: -0.5, to: 99.5 })
    expect(atEnd({ from: 100, to: 200 }, 799, 10_000)).toEqual({ from: 699.5, to: 799.5 })
  })

  const press = (range: ChartRange, key: string, shiftKey = false) =>
    range.press({ key, shiftKey, ctrlKey: false, metaKey: false, altKey: false })
  const shown = ({ range }: ChartRange) => [Math.ceil(range.from) + 0, Math.floor(range.to)]

  test('by keys: in and out around the cursor, along, and all of it again', () => {
    const range = new ChartRange()
    range.grew(1000, 999, false)
    press(range, 'Home')
    for (let i = 0; i < 20; i++) press(range, 'ArrowRight')
    expect(range.cursor).toBe(20)
    press(range, '+')
    press(range, '+')
    expect(shown(range)[1]).toBeLessThan(300)
    expect(shown(range)[0]).toBeLessThanOrEqual(20)
    press(range, 'ArrowRight', true)
    const [from] = shown(range)
    press(range, 'ArrowLeft', true)
    expect(shown(range)[0]).toBeLessThan(from as number)
    press(range, 'End')
    expect([range.cursor, shown(range)[1]]).toEqual([999, 999])
    press(range, 'PageUp')
    expect(range.cursor).toBe(979)
    press(range, '0')
    expect([range.zoomed, shown(range)]).toEqual([false, [0, 999]])
    expect([
      press(range, 'x'),
      press(range, 's'),
      range.press({ key: '+', shiftKey: false, ctrlKey: true, metaKey: false, altKey: false }),
    ]).toEqual([false, false, false])
    press(range, 'Escape')
    expect([range.cursor, press(range, 'Escape')]).toEqual([null, false])
  })

  test('the end is followed until somebody looks elsewhere, and again when asked to', () => {
    const range = new ChartRange()
    range.grew(1000, 499, true)
    press(range, '+')
    press(range, '+')
    expect([range.follow, shown(range)[1]]).toEqual([true, 499])
    range.grew(1000, 519, true)
    expect(shown(range)[1]).toBe(519)
    range.panBy(-300)
    expect(range.follow).toBe(false)
    const held = shown(range)
    range.grew(1000, 560, true)
    expect(shown(range)).toEqual(held)
    press(range, 'f')
    expect([range.follow, shown(range)[1]]).toEqual([true, 560])
    range.show({ from: 99.5, to: 199.5 })
    expect([range.follow, shown(range)]).toEqual([false, [100, 199]])
    range.show(null)
    expect(range.follow).toBe(true)
  })

  test('smoothing stays within what there can be, and the next run keeps it; lanes are put off and on', () => {
    const range = new ChartRange()
    range.setWindow(0)
    expect(range.window).toBe(1)
    range.setWindow(Number.NaN)
    range.setWindow(37.4)
    expect([range.window, new ChartRange().window]).toEqual([37, 37])
    range.setWindow(5)
    range.toggleLane('palm')
    expect([...range.hidden]).toEqual(['palm'])
    range.toggleLane('palm')
    expect([...range.hidden]).toEqual([])
    range.grew(100, 9, false)
    range.moveCursor(50)
    expect(range.cursor).toBe(9)
  })
})

describe('long tables', () => {
  test('short ones are whole; of long ones the rows in view and some beside them, with room for the others', () => {
    expect(rowWindow(wholeUpTo, 25, 0, 300)).toEqual({ first: 0, end: wholeUpTo, above: 0, below: 0 })
    const window = rowWindow(10_000, 25, 125_000, 300)
    expect(window.first).toBeLessThan(5000)
    expect(window.end).toBeGreaterThan(5012)
    expect(window.end - window.first).toBeLessThan(40)
    expect(window.above + 25 * (window.end - window.first) + window.below).toBe(250_000)
    expect(rowWindow(10_000, 25, 1e9, 300).end).toBe(10_000)
    expect(rowWindow(10_000, 25, -40, 300).first).toBe(0)
  })

  test('a row out of view is brought to the middle, one in view is left', () => {
    expect(scrollTo(5, 20, 0, 200)).toBeNull()
    expect(scrollTo(50, 20, 0, 200)).toBe(910)
    expect(scrollTo(0, 20, 500, 200)).toBe(0)
  })

  test('the domain of a step is found among many, and none between them', () => {
    const domains = Array.from({ length: 150 }, (_, i) => ({ firstStep: 10 * i, steps: i === 149 ? 5 : 10, index: i }))
    expect([0, 9, 10, 1494, 1495, -1].map((step) => domainAt(domains, step)?.index)).toEqual([
      0,
      0,
      1,
      149,
      undefined,
      undefined,
    ])
    expect(domainAt([], 3)).toBeUndefined()
  })
})
