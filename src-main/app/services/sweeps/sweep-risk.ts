// How risky each setting of PALM in a sweep is, from the answers that its runs keep: contract/tables/setting-risk.ts says what that means.
import type { SweepResults, SweepRisk, SweepRow } from '#contract/sweeps/sweep.ts'
import { SettingRisks, type Answered } from '#contract/tables/setting-risk.ts'
import { summarize } from '#contract/tables/sweep-table.ts'
import type { RunSnapshot } from '#contract/tables/report.ts'

interface AnsweredStep {
  readonly step: number
  readonly samples: ArrayLike<number>
  readonly lanes: ReadonlyMap<string, Answered>
}

export interface RiskRecords {
  readonly predictions: {
    steps(
      run: number,
      lanes: readonly string[],
      part: { readonly from: number; readonly to: number; readonly limit: number },
    ): readonly AnsweredStep[]
  }
  snapshotWithoutSteps(run: number): RunSnapshot
}

/** Steps read before others are let in. */
const slice = 64

type Done = NonNullable<SweepRow['seeds'][number]>

const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, i) => value === b[i])

/** One entry for each input, model and schedule that has BN-1 and at least two settings of PALM; steps that are missing of one of them are left out of all. */
export async function riskOf(
  store: RiskRecords,
  results: Pick<SweepResults, 'rows' | 'domains'>,
): Promise<SweepRisk[]> {
  const found: SweepRisk[] = []
  for (const group of Map.groupBy(results.rows, (row) => `${row.input} ${row.model} ${row.schedule}`).values()) {
    const unadapted = group.find(({ options }) => options.method === 'norm')
    const wanted = group.filter(({ options }) => options.method === 'palm')
    const settings = wanted.filter(({ seeds }) => seeds.some((seed) => seed))
    const [first] = settings
    if (!unadapted || !first || settings.length < 2) continue
    const classes = classesOf(store, settings)
    const risks = new SettingRisks(settings.length, classes)
    for (const [i, seed] of unadapted.seeds.entries()) {
      const own = settings.map(({ seeds }) => seeds[i])
      if (seed && own.every((one) => one !== null && one !== undefined)) await gather(store, risks, [seed, ...own])
    }
    const errors = new Map(summarize(results, group).map(({ row, meanPct }) => [row, meanPct]))
    found.push({
      input: first.input,
      model: first.model,
      schedule: first.schedule,
      images: risks.images,
      rows: risks.result().map((risk, i) => {
        const row = settings[i] as SweepRow
        return { label: row.label, ...risk, errorPct: errors.get(row) ?? null }
      }),
      missing: wanted.filter((row) => !settings.includes(row)).map(({ label }) => label),
    })
  }
  return found
}

function classesOf(store: RiskRecords, rows: readonly SweepRow[]): number {
  const run = rows.flatMap(({ seeds }) => seeds.flatMap((seed) => seed?.run ?? []))[0]
  return run === undefined ? 0 : (store.snapshotWithoutSteps(run).plan?.model.classes ?? 0)
}

/** Cells of one stream may be lanes of several runs: what they saw in a step is the same, or the step does not count. */
async function gather(store: RiskRecords, risks: SettingRisks, cells: readonly Done[]): Promise<void> {
  const last = Math.min(...cells.map(({ run }) => store.snapshotWithoutSteps(run).run.step))
  for (let from = 0; from < last; from += slice) {
    const parts = cells.map(({ run, lane }) => {
      const steps = store.predictions.steps(run, [lane], { from, to: Math.min(from + slice, last), limit: slice })
      return { lane, steps: new Map(steps.map((step) => [step.step, step])) }
    })
    for (const [step, { samples }] of parts[0]?.steps ?? []) {
      const answers = parts.flatMap(({ lane, steps }) => {
        const own = steps.get(step)
        return own && same(own.samples, samples) ? (own.lanes.get(lane) ?? []) : []
      })
      const [unadapted, ...settings] = answers
      if (unadapted && answers.length === cells.length && samples.length > 0) risks.add(unadapted, settings)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}
