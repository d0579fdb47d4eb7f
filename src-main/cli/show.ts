// `palm show`: one run with its settings, its table and its checkpoints.
import type { RunOptions } from '#contract/runs/run-options.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { beforeText, columns, deviceText, halvedText, resultTable, resultsOf } from './shared/result-table.ts'
import { runIn, runOf } from './shared/run-number.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, withWorkspace } from './shared/with-workspace.ts'

export const show: Command = {
  name: 'show',
  operands: 'RUN',
  summary: 'show a run: its settings, its table, its checkpoints',
  options: { json },
  run: showCommand,
}

function showCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const wanted = runOf(parsed)
  return withWorkspace(parsed, parts, null, (workspace) => {
    const { runs } = workspace
    const run = runIn(workspace, wanted)
    const snapshot = runs.feeds.snapshot(run)
    const { run: summary, plan, checkpoints, skipped, skippedTotal } = snapshot
    if (parsed.switches.has('json')) {
      outJson({
        run: summary,
        plan,
        lanes: resultsOf(snapshot),
        checkpoints,
        collapses: snapshot.collapses,
        skipped,
        skippedTotal,
        damaged: snapshot.damaged,
      })
      return exitCodes.ok
    }
    out(`Run ${run}: ${summary.name || 'no name'}, ${summary.status}, step ${summary.step} of ${summary.totalSteps}\n`)
    out(`${summary.inputName} / ${summary.modelName}; ${settingsLine(summary.options)}\n`)
    if (plan)
      out(
        `normalisation mean ${plan.model.normalization.mean.join('/')} std ${plan.model.normalization.std.join('/')}; corruption parameters ${plan.family}; ${Object.entries(
          plan.versions,
        )
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}\n`,
      )
    for (const remark of plan?.model.remarks ?? []) out(`Model: ${remark}\n`)
    if (plan) out(`${deviceText(plan)}${halvedText(plan, snapshot.run.options.batchSize)}${beforeText(plan)}`)
    for (const lane of summary.options.lanes) out(`  ${lane.id}: ${optionsLine(lane.options)}\n`)
    if (summary.parent)
      out(
        `continues run ${summary.parent.run} after step ${summary.parent.step}: the steps up to there are that run's\n`,
      )
    for (const { lane, option, from, to, step } of summary.changes)
      out(`${lane}: ${option} ${from} -> ${to} from step ${step} on\n`)
    if (summary.error) out(`${summary.error.message}\n`)
    for (const { lane, step, kind, restored } of snapshot.collapses)
      out(
        `${lane} collapsed at step ${step} (${kind === 'not-finite' ? 'values that are not numbers' : 'hardly any classes left'})${restored === null ? '' : restored < 0 ? ', put back to the source' : `, put back to step ${restored}`}\n`,
      )
    if (skippedTotal > 0)
      out(
        `${skippedTotal} ${skippedTotal === 1 ? 'file' : 'files'} could not be read and ${skippedTotal === 1 ? 'was' : 'were'} left out:\n${skipped.map(({ path, reason }) => `  ${path}: ${reason}\n`).join('')}`,
      )
    for (const { table, rows, first } of snapshot.damaged)
      out(`${rows} of its ${table} ${rows === 1 ? 'is' : 'are'} damaged and left out: ${first}\n`)
    out(`\n${resultTable(snapshot)}`)
    if (checkpoints.length > 0) {
      const rows = checkpoints.map((checkpoint) => [
        String(checkpoint.id),
        checkpoint.lane,
        String(checkpoint.step),
        plan?.domains[checkpoint.domain]?.name ?? '',
        `${(checkpoint.sizeBytes / 1024).toFixed(0)} KiB`,
      ])
      out(`\n${columns([['checkpoint', 'lane', 'after step', 'domain', 'size']], rows)}`)
    }
    return exitCodes.ok
  })
}

function settingsLine(options: RunOptions): string {
  const corruptions = options.corruptions.length === 0 ? 'no corruptions' : `${options.corruptions.length} corruptions`
  return `${options.schedule}, ${corruptions}, severity ${options.severities.join(',')}, batch ${options.batchSize}, seed ${options.seed}, ${options.limit === null ? 'all images' : `${options.limit} images a domain`}`
}

function optionsLine(options: object): string {
  return Object.entries(options)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => (name === 'method' ? String(value) : `${name} ${String(value)}`))
    .join(' ')
}
