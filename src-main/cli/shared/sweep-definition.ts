// From what was typed after `palm sweep` to a definition.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { severitySchema } from '#contract/inputs/corruption.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { palmPresetNames, type PalmPresetName } from '#contract/methods/presets.ts'
import { drawnSchedules, imageOrders, schedules } from '#contract/runs/run-options.ts'
import { paperFamilyOf } from '#contract/sweeps/paper-settings.ts'
import { readySweep, readySweepNames } from '#contract/sweeps/ready-sweeps.ts'
import { sweepDefinitionSchema, type SweepDefinition, type SweepDefinitionInput } from '#contract/sweeps/sweep.ts'
import { UsageError, type ParsedCommand } from './command.ts'
import { modelFrom, type LibraryLookup } from './library-lookup.ts'
import { nearest } from './nearest.ts'
import type { CliParts } from './parts.ts'
import { sourceFrom } from './run-request.ts'
import { checked, list, listOfNumbers, member, number, one } from './values.ts'
import { labelsFrom } from './labels-option.ts'

/** What the operand names: a ready-made sweep, a definition in a file, or one that was made before. */
export async function definitionOf(
  parsed: ParsedCommand,
  sweeps: SweepService,
  library: LibraryLookup,
  look: Pick<CliParts, 'inspectInput' | 'classesOf'>,
): Promise<SweepDefinition> {
  const { values, switches, operands } = parsed
  const [what = ''] = operands
  const differs = changesOf(parsed)
  const ready = readySweepNames.find((name) => name === what)
  if (ready) {
    const model = library.named(modelFrom(withoutFile(parsed)), values.get('model'))
    if (values.has('input') !== values.has('model'))
      throw new UsageError('--input and --model go together', 'palm sweep --help lists its options')
    const preset = values.has('preset')
      ? member<PalmPresetName>(values.get('preset') ?? '', 'preset', palmPresetNames, [])
      : null
    const input = values.has('input')
      ? ({
          kind: 'folder',
          path: resolve(values.get('input') ?? ''),
          split: null,
          domains: 'none',
          ...(await labelsFrom(values.get('labels'))),
        } as const)
      : ({ kind: 'sample' } as const)
    const paper =
      input.kind === 'sample'
        ? null
        : paperFamilyOf((await look.inspectInput(input, null)).kind, await look.classesOf(model))
    return checked(() =>
      readySweep(
        ready,
        { input, model, source: sourceFrom(values.get('source'), model.kind === 'sample'), preset, paper },
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
  const drawn = (values.get('schedule') ?? '').split(',').find((name) => drawnSchedules.some((one) => one === name))
  if (values.get('order') === 'file' && drawn !== undefined)
    throw new UsageError(`--order file does not go with --schedule ${drawn}, which orders the images itself`, hint)
  return {
    ...(values.has('seeds') ? { seeds: listOfNumbers(values, 'seeds') } : {}),
    ...(values.has('limit') ? { limit: number(values, 'limit') } : {}),
    ...(values.has('batch') ? { batchSize: number(values, 'batch') } : {}),
    ...(values.has('severity')
      ? { severities: listOfNumbers(values, 'severity').map((value) => severitySchema.parse(value)) }
      : {}),
    ...(values.has('schedule') ? { schedules: list(values.get('schedule') ?? '', 'schedule', schedules) } : {}),
    ...(values.has('methods') ? { methods: list(values.get('methods') ?? '', 'methods', methodIds) } : {}),
    ...(values.has('order') ? { imageOrder: one(values, 'order', imageOrders) } : {}),
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
      'docs/guide/sweeps.md shows a definition',
    )
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new UsageError(`${path} does not hold a sweep's definition`, 'docs/guide/sweeps.md shows one')
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
    'docs/guide/sweeps.md shows a definition',
  )
}

/** `-o` of a sweep is the file of a part; of a run's model it would be the name of an output. */
const withoutFile = (parsed: ParsedCommand): ParsedCommand => ({
  ...parsed,
  values: new Map([...parsed.values].filter(([name]) => name !== 'output')),
})
