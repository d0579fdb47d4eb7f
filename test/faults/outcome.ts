// All that a run leaves behind, but for what a clock measured: two runs of the same options have the same, whatever happened to them.
import type { Store } from '#store/store.ts'

export function outcomeOf(store: Store, run: number) {
  const { domains, checkpoints, collapses, skipped, plan, run: summary } = store.snapshot(run)
  return {
    status: summary.status,
    error: summary.error,
    step: summary.step,
    totalSteps: plan?.totalSteps,
    look: plan?.look,
    steps: store.steps.all(run).map(({ stepMs: _ms, peakBytes: _bytes, ...rest }) => rest),
    collapses,
    skipped,
    predictions: store.predictions.steps(
      run,
      summary.lanes.map(({ id }) => id),
      { from: 0, to: 1e6, limit: 1e6 },
    ),
    domains,
    checkpoints: checkpoints.map(({ lane, step, domain, id }) => ({
      lane,
      step,
      domain,
      bytes: Buffer.from(store.checkpoints.delta(run, id).delta).toString('base64'),
    })),
    states: store.checkpoints.resumeStates(run).length,
  }
}
