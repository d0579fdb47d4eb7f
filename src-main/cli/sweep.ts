// `palm sweep`: computes a grid of methods, options and seeds, and shows each run of it.
import { basename, resolve } from 'node:path'
import type { Shard } from '#app/services/sweeps/shards.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import type { DeviceChoice } from '#contract/devices.ts'
import { orderWords } from '#contract/sweeps/paper-settings.ts'
import { readySweepNames } from '#contract/sweeps/ready-sweeps.ts'
import type { SweepDefinition, SweepPlan } from '#contract/sweeps/sweep.ts'
import type { RunEvent } from '#contract/tables/report.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { computeInLab } from './shared/sweep-in-lab.ts'
import { libraryLookup } from './shared/library-lookup.ts'
import { device, guard, json, queue, labels, limit, source, workers } from './shared/options.ts'
import { advance, duration, liveLine, noProgress, progressLine } from './shared/progress.ts'
import { definitionOf } from './shared/sweep-definition.ts'
import { lookEvent } from './shared/follow-run.ts'
import { beforeText, deviceText } from './shared/result-table.ts'
import { tableText } from './shared/sweep-text.ts'
import { checked, deviceFrom, workersFrom } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { out } from './shared/with-workspace.ts'
import { withSweeps } from './shared/with-sweeps.ts'

export const sweep: Command = {
  name: 'sweep',
  operands: 'NAME|FILE',
  summary: 'compute a grid of methods, options and seeds; goes on where it was cut off',
  options: {
    input: { value: 'DIR', help: 'images, one folder per class (default: the bundled sample)' },
    model: { value: 'FILE', help: 'weights with PyTorch names (default: the bundled model)' },
    labels,
    source,
    preset: {
      value: 'NAME',
      help: 'settings: cifar10, cifar100, imagenet, sample, cautious, auto (default: by the sweep and the model)',
    },
    seeds: { value: 'LIST', help: 'by commas (default: 0)' },
    limit,
    batch: { value: 'N', help: 'images in a batch (default: the preset’s)' },
    severity: { value: 'LIST', help: '1 to 5, one or several (default: 5)' },
    schedule: { value: 'LIST', help: 'one or several schedules (default: the sweep’s)' },
    order: {
      value: 'NAME',
      help: 'of the images within a domain: shuffled, file (default: file where data and model are the paper’s CIFAR ones, else shuffled)',
    },
    methods: { value: 'LIST', help: 'other methods than the sweep’s, by commas' },
    name: { value: 'TEXT', help: 'the name under which it is kept (default: the sweep’s)' },
    guard,
    device,
    shard: {
      value: 'I/N',
      help: 'compute only part I of N, in a folder of its own, and write it as a file for `palm merge` (clusters)',
    },
    queue: { ...queue, help: `have it computed by other machines (palm worker): the queue’s address, ${queue.help}` },
    detach: { help: 'of --queue: only put the cells in; the same command without it takes the results' },
    output: { value: 'FILE', help: 'of --shard (default: NAME-I-of-N.palmdb)', short: 'o' },
    plan: { help: 'only say its size and estimated time' },
    workers,
    json,
  },
  notes: `Ready-made, after the paper’s tables: ${readySweepNames.filter((name) => name !== 'tune' && name !== 'all').join(', ')}; tune (three kappas, judged without labels: a guess); all (every method). FILE is a JSON definition (docs/guide/sweeps.md). Ctrl-C stops after the current batch; the same command goes on from there. What is computed is never computed again.`,
  run: sweepCommand,
}

function sweepCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const part = partFrom(parsed)
  const inLab = parsed.values.has('queue')
  if (part && inLab)
    throw new UsageError('--shard and --queue do not go together', 'palm sweep --help lists its options')
  if (!part && parsed.values.has('output'))
    throw new UsageError('-o goes with --shard; `palm table` writes results', 'palm sweep --help lists its options')
  // Database files on a shared disk are not for several machines at once: each part has a folder of its own.
  const where = part ? { data: parsed.values.get('data') ?? part.folder, shard: part.shard } : {}
  return withSweeps(parsed, parts, { ...where, workers: workersFrom(parsed) }, async (workspace, sweeps) => {
    const definition = await definitionOf(parsed, sweeps, libraryLookup(workspace), parts)
    const id = checked(() => sweeps.define(definition))
    const plan = await sweeps.plan(id)
    const json = parsed.switches.has('json')
    const chosen = deviceFrom(parsed)
    if (json) out(`${JSON.stringify({ event: 'plan', plan })}\n`)
    else process.stderr.write(planText(plan))
    if (parsed.switches.has('plan') || plan.done === plan.cells) {
      if (part && !parsed.switches.has('plan')) writePart(workspace, definition, part.file, json)
      else if (!json && plan.done === plan.cells && !parsed.switches.has('plan'))
        out(await tableText(sweeps, definition.name, definition.shows, 'text', false))
      return exitCodes.ok
    }
    if (inLab) {
      const code = await computeInLab({
        name: definition.name,
        json,
        detach: parsed.switches.has('detach'),
        open: (told) => parts.labSweep(workspace, sweeps, parsed.values.get('queue') ?? null, told),
      })
      if (code !== null) return code
      if (json) out(`${JSON.stringify({ event: 'done', results: await sweeps.results(definition.name) })}\n`)
      else out(await tableText(sweeps, definition.name, definition.shows, 'text', false))
      return exitCodes.ok
    }
    const stopped = await follow(workspace, sweeps, { id, plan, json, device: chosen })
    const after = await sweeps.state(id)
    if (part) writePart(workspace, definition, part.file, json)
    if (part && !json)
      process.stderr.write(
        `Part ${part.shard.index} of ${part.shard.of}: ${after.done} of ${after.cells} ${after.cells === 1 ? 'cell' : 'cells'}.\n`,
      )
    else if (!json) out(await tableText(sweeps, definition.name, definition.shows, 'text', false))
    else
      out(
        `${JSON.stringify({ event: stopped ? 'stopped' : 'done', state: after, results: await sweeps.results(definition.name) })}\n`,
      )
    if (stopped) {
      process.stderr.write(
        `Stopped: ${after.done} of ${after.cells} cells are done. The same command goes on from there.\n`,
      )
      return exitCodes.interrupted
    }
    if (after.done < after.cells) process.stderr.write(`${after.message ?? 'Some cells could not be computed.'}\n`)
    return after.done < after.cells ? exitCodes.failed : exitCodes.ok
  })
}

interface Part {
  readonly shard: Shard
  readonly file: string
  readonly folder: string
}

/** `--shard I/N`; null without it. */
function partFrom({ values, operands }: ParsedCommand): Part | null {
  const text = values.get('shard')
  if (text === undefined) return null
  const [, index = '', of = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (of === '' || shard.index < 1 || shard.index > shard.of)
    throw new UsageError(
      `--shard needs a part of all, as 1/4 … 4/4, not '${text}'`,
      'palm sweep --help lists its options',
    )
  const name = values.get('name') ?? basename(operands[0] ?? '').replace(/\.json$/i, '')
  const file = resolve(values.get('output') ?? `${name}-${shard.index}-of-${shard.of}.palmdb`)
  return { shard, file, folder: `${file.replace(/\.palmdb$/, '')}.work` }
}

/** What is done of a sweep, as one file. */
function writePart({ store }: Workspace, definition: SweepDefinition, file: string, json: boolean): void {
  const runs = store.runs.list().filter(({ id, status }) => status === 'done' && store.cells.holds(id))
  const { createdAt } = store.sweeps.get(definition.name)
  store.runFiles.write(
    file,
    runs.map(({ id }) => id),
    [{ definition, createdAt, planned: store.sweeps.remembered(definition.name) }],
  )
  if (json) out(`${JSON.stringify({ event: 'part', file, runs: runs.length })}\n`)
  else
    process.stderr.write(
      `${file}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}. Join the parts with: palm merge ${basename(file).replace(/-\d+-of-/, '-*-of-')}\n`,
    )
}

interface Followed {
  readonly id: number
  readonly plan: SweepPlan
  readonly json: boolean
  readonly device: DeviceChoice | null
}

/** Shows each run until the sweep is over. @returns whether somebody stopped it */
async function follow(
  workspace: Workspace,
  sweeps: SweepService,
  { id, plan, json, device: chosen }: Followed,
): Promise<boolean> {
  const line = liveLine(process.stderr)
  const begun = performance.now()
  let stopped = 0
  let runsDone = 0
  const { sessions, feeds, catalogue } = workspace.runs
  /** Of the runs that are shown: several, where there are several cards. */
  const shown = new Map<number, () => void>()
  const interrupt = (): void => {
    stopped += 1
    line.clear()
    if (stopped === 1) {
      process.stderr.write('Stopping after this batch … (Ctrl-C again ends it at once; both can be resumed)\n')
      sweeps.stop()
    } else for (const run of sessions.activeRuns) sessions.kill(run)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  const show = (run: number): (() => void) => {
    runsDone += 1
    let progress = noProgress
    if (!json) {
      const left =
        plan.estimateMs === null
          ? ''
          : `, about ${duration(Math.max(0, plan.estimateMs - (performance.now() - begun)))} in all`
      const { lanes } = catalogue.get(run).options
      line.clear()
      process.stderr.write(
        `Run ${run} (${runsDone} of ${plan.runs}${left}): ${lanes.map(({ label }) => label).join(', ')}\n`,
      )
    }
    return feeds.follow(run, {
      snapshot: ({ run: { name, options } }) => {
        if (json) out(`${JSON.stringify({ event: 'run', run, name, options })}\n`)
      },
      event(event) {
        progress = advance(progress, event)
        if (json) for (const told of ofRun(run, event)) out(`${JSON.stringify(told)}\n`)
        else if (event.event === 'plan') {
          line.clear()
          process.stderr.write(`${deviceText(event.plan)}${beforeText(event.plan)}`)
        } else line.draw(progressLine(progress, (process.stderr.columns ?? 80) - 1))
      },
      error: () => undefined,
    })
  }
  const unlisten = sweeps.onChange((state) => {
    if (json) out(`${JSON.stringify({ event: 'sweep', state })}\n`)
    for (const run of state.activeRuns) if (!shown.has(run)) shown.set(run, show(run))
    // Its last events come after it is over: it is followed until the next one begins.
    if (state.activeRuns.length === 0) return
    for (const [run, unfollow] of shown) if (!state.activeRuns.includes(run)) unfollow()
  })
  await sessions.slots.find()
  sweeps.start(id, chosen)
  await sweeps.over()
  unlisten()
  for (const unfollow of shown.values()) unfollow()
  line.clear()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt)
  return stopped > 0
}

/** As `palm run --json` has it; the plan of a run is not the sweep's, which comes first. */
function ofRun(run: number, event: RunEvent): object[] {
  if (event.event !== 'plan') return [{ ...event, run }]
  return [...(event.plan.look ? [lookEvent(run, event.plan.look)] : []), { ...event, event: 'run-plan', run }]
}

function planText(plan: SweepPlan): string {
  const { name, cells, done, runs, images, estimateMs, refused } = plan
  const time = estimateMs === null ? 'how long is not known yet' : `about ${duration(estimateMs)}`
  const left = cells - done
  return [
    `Sweep ${name}: ${cells} ${cells === 1 ? 'cell' : 'cells'}, ${done} done${left > 0 ? `; ${left} to compute in ${runs} ${runs === 1 ? 'run' : 'runs'}, ${images} image passes, ${time}` : ''}`,
    `  preset ${plan.preset}, batch ${plan.batchSize}, images in ${orderWords[plan.imageOrder]}`,
    ...(plan.differences.length > 0 ? [`  not as in the paper: ${plan.differences.join('; ')}`] : []),
    ...refused.map(({ label, reason }) => `  left out: ${label}: ${reason}`),
    '',
  ].join('\n')
}
