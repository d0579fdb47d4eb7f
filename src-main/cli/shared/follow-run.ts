// Shows a run that was just started or resumed until its session is over: a progress line and a table, or JSON lines.
// Ctrl-C asks the session to stop after its step; a second one ends it at once. Either way the run can be resumed.
import type { Runs } from '#app/services/runs/runs.ts'
import type { WireError } from '#contract/errors.ts'
import { decodeColumns } from '#contract/columns/step-columns.ts'
import { exitCodes } from './command.ts'
import { isDoubtful, type FirstLook } from '#contract/runs/first-look.ts'
import { lookLine } from './look-text.ts'
import { advance, counted, liveLine, noProgress, progressLine } from './progress.ts'
import type { LaneCount, ProgressState } from './progress.ts'
import { beforeText, deviceText, normalizationText, resultTable, resultsOf } from './result-table.ts'
import type { CheckpointInfo, RunSnapshot } from '#contract/tables/report.ts'

/** Returns the exit code. */
export async function followToEnd(
  runs: Runs,
  run: number,
  show: { readonly json: boolean; readonly printError: (error: WireError) => void },
): Promise<number> {
  const line = liveLine(process.stderr)
  let state = noProgress
  const jsonLine = (value: object): void => void (show.json && process.stdout.write(`${JSON.stringify(value)}\n`))

  let interrupted = false
  const interrupt = (): void => {
    if (!runs.sessions.isActive(run)) return
    if (interrupted) return runs.sessions.kill(run)
    interrupted = true
    line.clear()
    process.stderr.write('Stopping after this batch … (Ctrl-C again ends it at once; both can be resumed)\n')
    runs.sessions.stop(run)
  }
  // A reader that went away (`palm run --json | head`) ends the run as Ctrl-C does.
  const broken = (): void => {
    if (!interrupted) interrupt()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  process.on('SIGHUP', interrupt)
  process.stdout.on('error', broken)

  const unfollow = runs.feeds.follow(run, {
    snapshot(snapshot) {
      state = stateOf(snapshot)
      jsonLine({ event: 'run', run, name: snapshot.run.name, options: snapshot.run.options })
      if (!show.json) process.stderr.write(`Run ${run} …\n`)
    },
    event(event) {
      state = advance(state, event)
      if (event.event === 'plan' && event.plan.look) jsonLine(lookEvent(run, event.plan.look))
      jsonLine({ ...event, run })
      if (show.json) return
      if (event.event === 'plan') {
        line.clear()
        process.stderr.write(`${deviceText(event.plan)}${normalizationText(event.plan)}${beforeText(event.plan)}`)
        for (const remark of event.plan.model.remarks ?? []) process.stderr.write(`Model: ${remark}\n`)
      }
      if (event.event === 'skipped') {
        line.clear()
        const first = event.files[0]
        process.stderr.write(
          `${event.total} files could not be read and are skipped${first ? `, e.g. ${first.path}: ${first.reason}` : ''}\n`,
        )
      }
      line.draw(progressLine(state, (process.stderr.columns ?? 80) - 1))
    },
    error: show.printError,
  })
  await runs.sessions.over(run)
  unfollow()
  line.clear()
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  process.off('SIGHUP', interrupt)

  const snapshot = runs.feeds.snapshot(run)
  const { status, error } = snapshot.run
  if (!show.json) process.stdout.write(resultTable(snapshot))
  if (error) {
    jsonLine({ event: 'error', run, error })
    show.printError(error)
  }
  if (status !== 'done')
    process.stderr.write(
      `Run ${run} is ${status} at step ${snapshot.run.step} of ${snapshot.run.totalSteps}. To go on: palm resume ${run}\n`,
    )
  else if (!show.json) process.stderr.write(doneText(run, snapshot.checkpoints))
  jsonLine({ event: status === 'done' ? 'done' : status, run, lanes: resultsOf(snapshot) })
  if (status === 'done') return exitCodes.ok
  return interrupted || status === 'stopped' ? exitCodes.interrupted : exitCodes.failed
}

/** With the command that exports it as it is to be typed: of several methods that have adapted one must be named. */
function doneText(run: number, checkpoints: readonly CheckpointInfo[]): string {
  const lanes = [...new Set(checkpoints.map(({ lane }) => lane))]
  const lane = lanes.find((id) => id === 'palm') ?? lanes.at(-1)
  const which = lanes.length > 1 ? ` --checkpoint last:${lane}` : ''
  const exporting =
    lane === undefined ? '' : `; palm export ${run}${which} -o adapted.safetensors writes the adapted model`
  return `Run ${run} is done. palm show ${run} shows it again${exporting}.\n`
}

/** What is said before a run, as an event of its own. */
export const lookEvent = (run: number, look: FirstLook): object => ({
  event: 'look',
  run,
  text: lookLine(look).trimEnd(),
  doubtful: isDoubtful(look),
  look,
})

function stateOf(snapshot: RunSnapshot): ProgressState {
  const { plan, run } = snapshot
  const counts = new Map<string, LaneCount>()
  let domain = 0
  for (const recorded of snapshot.steps) {
    const { count, counts: own, numbers } = decodeColumns(recorded)
    for (let i = 0; i < count; i++) {
      const [images = 0, labelled = 0, correct = 0, meanConfidence = 0] = [
        own.images[i],
        own.labelled[i],
        own.correct[i],
        numbers.meanConfidence[i],
      ]
      counts.set(recorded.lane, counted(counts.get(recorded.lane), { images, labelled, correct, meanConfidence }))
    }
    domain = Math.max(domain, own.domain.at(-1) ?? 0)
  }
  return { ...noProgress, plan, step: run.step, totalSteps: run.totalSteps, domain, counts }
}
