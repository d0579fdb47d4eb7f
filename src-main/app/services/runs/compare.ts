// What a comparison of runs is made from: their settings and results side by side, and their curves reduced to few points. It reads, and changes nothing.
import type { ComparedPlan, ComparedRun, Comparison, LaneCurve, RunCurves } from '#contract/compare/compare.ts'
import { PalmError } from '#contract/errors.ts'
import type { Collapse, DomainMetric, RunPlan, RunSummary } from '#contract/tables/report.ts'

/** The store satisfies it. */
export interface CompareRecords {
  readonly runs: { get(run: number): RunSummary; plan(run: number): RunPlan | null }
  readonly steps: { domains(run: number): DomainMetric[]; curves(run: number, points: number): LaneCurve[] }
  readonly collapses: { list(run: number): Collapse[] }
}

/** In the order asked for, each once; those that are not there are named. */
export function comparisonOf(store: CompareRecords, runs: readonly number[]): Comparison {
  const found: ComparedRun[] = []
  const missing: number[] = []
  for (const run of new Set(runs)) {
    const one = unlessGone(() => ({
      summary: store.runs.get(run),
      plan: compact(store.runs.plan(run)),
      domains: store.steps.domains(run),
      collapses: store.collapses.list(run),
    }))
    if (one) found.push(one)
    else missing.push(run)
  }
  return { runs: found, missing }
}

/** Of those that are there. Between two runs others get their turn: twenty long ones take seconds. */
export async function curvesOfRuns(
  store: CompareRecords,
  runs: readonly number[],
  points: number,
): Promise<RunCurves[]> {
  const found: RunCurves[] = []
  for (const run of new Set(runs)) {
    const plan = unlessGone(() => ({ known: store.runs.plan(run) }))
    if (!plan) continue
    const lanes = store.steps.curves(run, points)
    const most = (values: readonly number[][]) => values.reduce((largest, own) => Math.max(largest, own.at(-1) ?? 0), 0)
    // A webcam's stream has no length of its own: it ends where it was ended.
    found.push({
      run,
      totalSteps: plan.known?.totalSteps || most(lanes.map(({ steps }) => steps)),
      totalImages: plan.known?.totalImages || most(lanes.map(({ seen }) => seen)),
      lanes,
    })
    await new Promise((resolve) => setImmediate(resolve))
  }
  return found
}

function compact(plan: RunPlan | null): ComparedPlan | null {
  if (!plan) return null
  const { totalSteps, totalImages, family, inputName, inputHash, sourceHash, versions, halvings } = plan
  const { name, hash, architecture, parameters, classes, normalization, inputSize } = plan.model
  return {
    domains: plan.domains.map((domain) => domain.name),
    totalSteps,
    totalImages,
    family,
    inputName,
    inputHash,
    sourceHash,
    versions,
    model: { name, hash, architecture, parameters, classes, normalization, inputSize },
    ...(halvings ? { halvings } : {}),
  }
}

/** Null for one that is not there, or cannot be read: a damaged run keeps no other from being compared. */
function unlessGone<T>(read: () => T): T | null {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof PalmError && (thrown.code === 'run-not-found' || thrown.code === 'store-damaged')) return null
    throw thrown
  }
}
