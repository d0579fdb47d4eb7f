// What each command does, but for `palm run`'s showing (follow-run.ts) and the words (help.ts, table.ts).
import { resolve } from 'node:path'
import { examine } from '#app/services/machine/doctor.ts'
import { findCheckpoint } from '#app/services/runs/export.ts'
import type { OptionRequest } from '#contract/runs/option-change.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { followToEnd } from './follow-run.ts'
import { exitCodes } from './help.ts'
import { modelShelf } from './library-commands.ts'
import { UsageError } from './options.ts'
import type { ParsedCommand } from './options.ts'
import { number, runRequest, workersFrom } from './run-request.ts'
import { cleanText, columns, percent, resultTable, resultsOf } from './table.ts'
import { out, outJson, withWorkspace, type CliParts } from './with-workspace.ts'

export async function runCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withWorkspace(parsed, parts, workersFrom(parsed), async (workspace) => {
    const { options, remarks } = await runRequest(parsed, parts.classesOf, modelShelf(workspace))
    for (const remark of remarks) process.stderr.write(`${remark}\n`)
    const run = workspace.runs.sessions.start(options)
    return followToEnd(workspace.runs, run, { json: parsed.switches.has('json'), printError: parts.printError })
  })
}

export function resumeCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const run = runOf(parsed)
  return withWorkspace(parsed, parts, workersFrom(parsed), (workspace) => {
    workspace.runs.sessions.resume(run)
    return followToEnd(workspace.runs, run, { json: parsed.switches.has('json'), printError: parts.printError })
  })
}

export function branchCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const run = runOf(parsed)
  const step = number(parsed.values, 'at')
  if (step === null)
    throw new UsageError(
      'palm branch needs --at STEP, after which it goes on',
      `palm show ${run} lists the checkpoints and their steps`,
    )
  if (!Number.isInteger(step) || step < 0)
    throw new UsageError(
      `--at takes a step, not '${parsed.values.get('at')}'`,
      `palm show ${run} lists the checkpoints and their steps`,
    )
  const options = optionRequests(parsed.values.get('set'))
  return withWorkspace(parsed, parts, workersFrom(parsed), (workspace) => {
    const branch = workspace.runs.sessions.branch({ run, step, options, name: parsed.values.get('name') ?? '' })
    return followToEnd(workspace.runs, branch, { json: parsed.switches.has('json'), printError: parts.printError })
  })
}

/** `palm.kappa=0.001`: values of options by lane. */
function optionRequests(text: string | undefined): OptionRequest[] {
  return (text === undefined ? [] : text.split(',')).map((item) => {
    const match = /^\s*([a-z0-9][a-z0-9-]*)\.([a-zA-Z]+)=(.+)$/.exec(item)
    const value = Number(match?.[3])
    if (!match || !Number.isFinite(value))
      throw new UsageError(
        `--set needs LANE.OPTION=NUMBER, not '${item.trim()}'`,
        'palm branch --help lists what can change',
      )
    return { lane: match[1] as string, option: match[2] as string, value }
  })
}

export function runsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withWorkspace(parsed, parts, null, ({ runs }) => {
    const list = runs.catalogue.list()
    if (parsed.switches.has('json')) outJson(list)
    else if (list.length === 0) out('No run yet. A first one: palm run --sample --limit 200\n')
    else {
      const rows = list.map((run) => [
        String(run.id),
        run.status,
        `${run.step}/${run.totalSteps}`,
        new Date(run.createdAt).toISOString().slice(0, 16).replace('T', ' '),
        `${run.inputName} / ${run.modelName}`,
        run.lanes.map((lane) => `${lane.label} ${percent(lane.meanErrorPct)}`).join(', '),
      ])
      out(columns([['run', 'status', 'steps', 'started (UTC)', 'input / model', 'mean error %']], rows))
    }
    return exitCodes.ok
  })
}

export function showCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const run = runOf(parsed)
  return withWorkspace(parsed, parts, null, ({ runs }) => {
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
    if (plan) out(cleanText(plan))
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
        `${lane} collapsed at step ${step} (${kind === 'not-finite' ? 'numbers that are none' : 'hardly any classes left'})${restored === null ? '' : restored < 0 ? ', put back to the source' : `, put back to step ${restored}`}\n`,
      )
    if (skippedTotal > 0)
      out(
        `${skippedTotal} ${skippedTotal === 1 ? 'file' : 'files'} could not be read and ${skippedTotal === 1 ? 'was' : 'were'} left out:\n${skipped.map(({ path, reason }) => `  ${path}: ${reason}\n`).join('')}`,
      )
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

export function exportCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const run = runOf(parsed)
  const output = parsed.values.get('output')
  if (output === undefined)
    throw new UsageError('palm export needs -o FILE, where to write', 'palm export --help lists its options')
  return withWorkspace(parsed, parts, null, async (workspace) => {
    const checkpoint = findCheckpoint(
      workspace.runs.feeds.snapshot(run).checkpoints,
      parsed.values.get('checkpoint') ?? 'last',
    )
    const written = await parts.exportCheckpoint(workspace, {
      run,
      checkpoint: checkpoint.id,
      path: resolve(output),
      format: null,
      delta: parsed.switches.has('delta'),
      statisticsFrom: number(parsed.values, 'statistics'),
    })
    if (parsed.switches.has('json')) outJson({ run, checkpoint, ...written })
    else {
      const held =
        written.verified.images > 0 ? `outputs of ${written.verified.images} images agree` : 'tensors are the same'
      out(
        `${written.path}: lane ${checkpoint.lane} after step ${checkpoint.step}, ${written.tensors} tensors, ${written.sizeBytes} bytes; read again: ${held}\n${written.cardPath}: its model card\n`,
      )
    }
    return exitCodes.ok
  })
}

export async function doctorCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const report = await examine(await parts.doctor(parsed.values.get('data') ?? null))
  if (parsed.switches.has('json')) outJson(report)
  else {
    const { tensorflow, gigaflops } = report
    out(
      [
        `Node        ${report.node}`,
        `System      ${report.platform}`,
        `Processor   ${report.cpu}, ${report.cores} cores`,
        `Memory      ${(report.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
        `Data        ${report.dataFolder}`,
        `TensorFlow  ${tensorflow ? `${tensorflow.version} on ${tensorflow.device} (${tensorflow.library})` : 'not usable'}`,
        ...(gigaflops
          ? [
              `Speed       a 3x3 convolution: ${gigaflops.forward.toFixed(0)} GFLOP/s forward, ${gigaflops.backward.toFixed(0)} GFLOP/s backward`,
            ]
          : []),
        '',
        ...(report.ok
          ? ['Nothing is missing.']
          : report.problems.flatMap((problem) => [`Problem: ${problem.what}`, `  Fix: ${problem.fix}`])),
        '',
      ].join('\n'),
    )
  }
  return report.ok ? exitCodes.ok : exitCodes.failed
}

const runOf = (parsed: ParsedCommand): number => runNumber(parsed.operands[0] ?? '')

export function runNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`'${text}' is no run: give its number`, 'palm runs lists them')
  return Number(text)
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
