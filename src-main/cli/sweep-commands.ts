// palm methods, sweep, sweeps, table: what can be compared, comparing it, and the tables that come out.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { severitySchema } from '#contract/inputs/corruption.ts'
import { methodIds, methodInfo, usualMethods } from '#contract/methods/method-info.ts'
import { optionsOf, type MethodId } from '#contract/methods/methods.ts'
import { palmPresetNames, type PalmPresetName } from '#contract/methods/presets.ts'
import { readySweep, readySweepNames } from '#contract/sweeps/ready-sweeps.ts'
import { schedules } from '#contract/runs/run-options.ts'
import {
  formatTable,
  tableFormats,
  tablesOf,
  transposed,
  type Table,
  type TableFormat,
} from '#contract/tables/sweep-table.ts'
import {
  sweepDefinitionSchema,
  tableKinds,
  type SweepDefinition,
  type SweepDefinitionInput,
  type SweepPlan,
} from '#contract/sweeps/sweep.ts'
import type { Workspace } from '#entry/workspace.ts'
import type { CliParts } from './with-workspace.ts'
import { exitCodes } from './help.ts'
import { nearest, UsageError, type ParsedCommand } from './options.ts'
import { advance, duration, liveLine, noProgress, progressLine } from './progress.ts'
import { modelShelf } from './library-commands.ts'
import {
  checked,
  list,
  listOfNumbers,
  member,
  modelFrom,
  number,
  sourceFrom,
  workersFrom,
  type ModelShelf,
} from './run-request.ts'
import { columns } from './table.ts'

const out = (text: string): void => void process.stdout.write(text)
const outJson = (value: unknown): void => out(`${JSON.stringify(value, null, 2)}\n`)

export async function methodsCommand(parsed: ParsedCommand): Promise<number> {
  const [name] = parsed.operands
  if (name === undefined) {
    if (parsed.switches.has('json')) outJson(methodIds.map((id) => ({ id, ...methodInfo[id], options: optionsOf(id) })))
    else {
      const rows = methodIds.map((id) => [
        id,
        methodInfo[id].label,
        `${methodInfo[id].does}${methodInfo[id].ours ? ' *' : ''}`,
      ])
      const width = Math.max(...rows.map(([id = '']) => id.length))
      const labels = Math.max(...rows.map(([, label = '']) => label.length))
      out(
        rows
          .map(([id = '', label = '', does = '']) => `${id.padEnd(width)}  ${label.padEnd(labels)}  ${does}\n`)
          .join(''),
      )
      out(
        `\n* something of it is ours: palm methods NAME says what. Without --methods a run has ${usualMethods.join(', ')}.\n`,
      )
    }
    return exitCodes.ok
  }
  const id = member(name, 'methods', methodIds, []) as MethodId
  const { label, cite, does, needs, ours } = methodInfo[id]
  const options = optionsOf(id)
  if (parsed.switches.has('json')) outJson({ id, label, cite, does, needs, ours, options })
  else {
    out(`${label}: ${cite}\n${does}\n`)
    if (needs.length > 0) out(`Needs: ${needs.map((need) => need.replaceAll('-', ' ')).join(', ')}.\n`)
    if (ours) out(`Ours, not published: ${ours}\n`)
    const rows = options.map((option) => [
      `  ${id}.${option.name}`,
      option.initial === null ? 'null' : String(option.initial),
      `${option.choices.length > 0 ? `${option.choices.join(' | ')}. ` : ''}${option.help}`,
    ])
    if (rows.length > 0)
      out(
        `\n${rows.map(([option = '', initial = '', help = '']) => `${option.padEnd(Math.max(...rows.map(([o = '']) => o.length)))}  ${initial.padEnd(9)}  ${help}`).join('\n')}\n`,
      )
    else out('It has no options.\n')
  }
  return exitCodes.ok
}

export function sweepCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withSweeps(parsed, parts, workersFrom(parsed), async (workspace, sweeps) => {
    const definition = await definitionOf(parsed, sweeps, modelShelf(workspace))
    const id = checked(() => sweeps.define(definition))
    const plan = await sweeps.plan(id)
    const json = parsed.switches.has('json')
    if (json) out(`${JSON.stringify({ event: 'plan', plan })}\n`)
    else process.stderr.write(planText(plan))
    if (parsed.switches.has('plan') || plan.done === plan.cells) {
      if (!json && plan.done === plan.cells && !parsed.switches.has('plan'))
        out(await tableText(sweeps, definition.name, definition.shows, 'text', false))
      return exitCodes.ok
    }
    const stopped = await follow(workspace, sweeps, id, plan, json)
    const after = await sweeps.state(id)
    if (!json) out(await tableText(sweeps, definition.name, definition.shows, 'text', false))
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

/** Shows each run until the sweep is over. @returns whether somebody stopped it */
async function follow(
  workspace: Workspace,
  sweeps: SweepService,
  id: number,
  plan: SweepPlan,
  json: boolean,
): Promise<boolean> {
  const line = liveLine(process.stderr)
  const begun = Date.now()
  let stopped = 0
  let runsDone = 0
  let unfollow = (): void => undefined
  let shown: number | null = null
  const interrupt = (): void => {
    stopped += 1
    line.clear()
    if (stopped === 1) {
      process.stderr.write('Stopping after this batch … (Ctrl-C again ends it at once; both can be gone on with)\n')
      sweeps.stop()
    } else if (workspace.runs.sessions.activeRun !== null)
      workspace.runs.sessions.kill(workspace.runs.sessions.activeRun)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  const unlisten = sweeps.onChange((state) => {
    if (json) out(`${JSON.stringify({ event: 'sweep', state })}\n`)
    if (state.activeRun === null || state.activeRun === shown) return
    unfollow()
    shown = state.activeRun
    runsDone += 1
    let progress = noProgress
    const at = runsDone
    if (!json) {
      const left =
        plan.estimateMs === null
          ? ''
          : `, about ${duration(Math.max(0, plan.estimateMs - (Date.now() - begun)))} in all`
      process.stderr.write(
        `Run ${shown} (${at} of ${plan.runs}${left}): ${workspace.runs.catalogue
          .get(shown)
          .options.lanes.map((lane) => lane.label)
          .join(', ')}\n`,
      )
    }
    unfollow = workspace.runs.feeds.follow(shown, {
      snapshot: () => undefined,
      event(event) {
        progress = advance(progress, event)
        if (!json) line.draw(progressLine(progress, (process.stderr.columns ?? 80) - 1))
      },
      error: () => undefined,
    })
  })
  sweeps.start(id)
  await sweeps.over()
  unlisten()
  unfollow()
  line.clear()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt)
  return stopped > 0
}

function planText({ name, cells, done, runs, images, estimateMs, refused }: SweepPlan): string {
  const time = estimateMs === null ? 'how long is not known yet' : `about ${duration(estimateMs)}`
  const left = cells - done
  return [
    `Sweep ${name}: ${cells} cells, ${done} done${left > 0 ? `; ${left} to compute in ${runs} ${runs === 1 ? 'run' : 'runs'}, ${images} image passes, ${time}` : ''}`,
    ...refused.map(({ label, reason }) => `  left out: ${label}: ${reason}`),
    '',
  ].join('\n')
}

export function sweepsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withSweeps(parsed, parts, null, async (_workspace, sweeps) => {
    const states = await sweeps.list()
    if (parsed.switches.has('json')) outJson(states)
    else if (states.length === 0) out(`No sweep yet. Ready-made ones: palm sweep ${readySweepNames.join(' | ')}\n`)
    else
      out(
        columns(
          [['sweep', 'state', 'cells', 'title']],
          states.map(({ name, state, done, cells, title }) => [name, state, `${done}/${cells}`, title]),
        ),
      )
    return exitCodes.ok
  })
}

export function tableCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withSweeps(parsed, parts, null, async (_workspace, sweeps) => {
    const name = parsed.operands[0] ?? ''
    const format = member(parsed.values.get('format') ?? 'text', 'format', tableFormats, []) as TableFormat
    const results = await sweeps.results(name)
    if (parsed.switches.has('json')) {
      outJson(results)
      return exitCodes.ok
    }
    const of = member(
      parsed.values.get('of') ?? results.definition.shows,
      'of',
      tableKinds,
      [],
    ) as (typeof tableKinds)[number]
    out(await tableText(sweeps, name, of, format, parsed.switches.has('transpose')))
    return exitCodes.ok
  })
}

async function tableText(
  sweeps: SweepService,
  name: string,
  of: (typeof tableKinds)[number],
  format: TableFormat,
  turn: boolean,
): Promise<string> {
  const results = await sweeps.results(name)
  const tables =
    of === 'importance' ? importanceTables(await sweeps.importance(name), results.protocol) : tablesOf(results, of)
  return tables.map((table) => formatTable(turn ? transposed(table) : table, format)).join('\n')
}

function importanceTables(all: Awaited<ReturnType<SweepService['importance']>>, protocol: string): Table[] {
  return all.map(({ label, tensors, domains, values }) => ({
    title: `${label}: mean importance of each tensor while it was selected, domain by domain (- = frozen throughout)`,
    notes: [protocol],
    foreign: false,
    head: ['tensor', ...domains],
    rows: tensors.map((tensor, i) => ({
      label: tensor,
      cells: (values[i] ?? []).map((value) => ({ text: value === null ? '-' : value.toPrecision(3), best: false })),
    })),
  }))
}

/** What the operand names: a ready-made sweep, a definition in a file, or one that was made before. */
async function definitionOf(parsed: ParsedCommand, sweeps: SweepService, shelf: ModelShelf): Promise<SweepDefinition> {
  const { values, switches, operands } = parsed
  const [what = ''] = operands
  const differs = changesOf(parsed)
  const ready = readySweepNames.find((name) => name === what)
  if (ready) {
    const model = shelf.named(modelFrom(parsed), values.get('model'))
    if (values.has('input') !== values.has('model'))
      throw new UsageError('--input and --model go together', 'palm sweep --help lists its options')
    const preset = values.has('preset')
      ? (member(values.get('preset') ?? '', 'preset', palmPresetNames, []) as PalmPresetName)
      : null
    const input = values.has('input')
      ? ({
          kind: 'folder',
          path: resolve(values.get('input') ?? ''),
          split: null,
          domains: 'none',
          labels: {},
        } as const)
      : ({ kind: 'sample' } as const)
    return checked(() =>
      readySweep(
        ready,
        { input, model, source: sourceFrom(values.get('source'), model.kind === 'sample'), preset },
        { name: values.get('name') ?? ready, guard: switches.has('guard'), ...differs },
      ),
    )
  }
  if (what.toLowerCase().endsWith('.json')) return fromFile(what, differs)
  const known = (await sweeps.list()).map(({ name }) => name)
  if (known.includes(what))
    return checked(() => sweepDefinitionSchema.parse({ ...sweeps.definition(what), ...differs }))
  const near = nearest(what, [...readySweepNames, ...known])
  throw new UsageError(
    `there is no sweep '${what}'${near ? `; did you mean '${near}'?` : ''}`,
    `ready-made: ${readySweepNames.join(', ')}; or a definition in a .json file`,
  )
}

/** Options that change a definition. */
function changesOf({ values, switches }: ParsedCommand): Partial<SweepDefinitionInput> {
  const hint = 'palm sweep --help lists its options'
  return {
    ...(values.has('seeds') ? { seeds: listOfNumbers(values, 'seeds') } : {}),
    ...(values.has('limit') ? { limit: number(values, 'limit') } : {}),
    ...(values.has('batch') ? { batchSize: number(values, 'batch') } : {}),
    ...(values.has('severity')
      ? { severities: listOfNumbers(values, 'severity').map((value) => severitySchema.parse(value)) }
      : {}),
    ...(values.has('schedule') ? { schedules: list(values.get('schedule') ?? '', 'schedule', schedules) } : {}),
    ...(values.has('methods') ? { methods: list(values.get('methods') ?? '', 'methods', methodIds) } : {}),
    ...(values.has('name') ? { name: values.get('name') ?? hint } : {}),
    ...(switches.has('guard') ? { guard: true } : {}),
  }
}

/** Paths in a definition are relative to where the command runs. */
async function fromFile(path: string, differs: Partial<SweepDefinitionInput>): Promise<SweepDefinition> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      'give a ready-made sweep or a definition in a .json file',
    )
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(
      `${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      'docs/sweeps.md shows a definition',
    )
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new UsageError(`${path} does not hold a sweep's definition`, 'docs/sweeps.md shows one')
  const parsed = sweepDefinitionSchema.safeParse({ ...value, ...differs })
  if (parsed.success) {
    const absolute = <T extends { kind: string }>(item: T): T =>
      'path' in item ? { ...item, path: resolve(String(item.path)) } : item
    return {
      ...parsed.data,
      inputs: parsed.data.inputs.map(absolute),
      models: parsed.data.models.map(absolute),
      source: parsed.data.source && absolute(parsed.data.source),
    }
  }
  const issue = parsed.error.issues[0]
  throw new UsageError(
    `${path}: ${issue?.path.join('.') || 'definition'}: ${issue?.message}`,
    'docs/sweeps.md shows a definition',
  )
}

async function withSweeps(
  parsed: ParsedCommand,
  parts: CliParts,
  workers: number | null,
  work: (workspace: Workspace, sweeps: SweepService) => Promise<number>,
): Promise<number> {
  const workspace = await parts.open(parsed.values.get('data') ?? null, workers)
  const sweeps = parts.sweeps(workspace)
  try {
    return await work(workspace, sweeps)
  } finally {
    await sweeps.close()
    await workspace.runs.sessions.close()
    workspace.store.close()
  }
}
