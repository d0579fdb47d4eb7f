// From what was typed after `palm run` to the options of a run. Paths become absolute.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { lanesOf, sampleClasses } from '#app/services/runs/lanes.ts'
import { benchmarkCorruptions, corruptionFamilies, corruptionNames } from '#contract/inputs/corruption.ts'
import type { CorruptionName } from '#contract/inputs/corruption.ts'
import { isAuto, palmPresetNames, palmPresets, presetOfUnknown } from '#contract/methods/presets.ts'
import { methodIds, needsSourceImages, usualMethods } from '#contract/methods/method-info.ts'
import { readyModelNames } from '#contract/models/library.ts'
import { drawnSchedules, imageOrders, runOptionsSchema, schedules } from '#contract/runs/run-options.ts'
import { inputDomains } from '#contract/inputs/input-kinds.ts'
import type { ModelOptions, RunOptions } from '#contract/runs/run-options.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { UsageError, type ParsedCommand } from './command.ts'
import { emptyLibrary, modelFrom, type LibraryLookup } from './library-lookup.ts'
import { labelsFrom } from './labels-option.ts'
import { settingsOf } from './method-settings.ts'
import { asNumber, checked, checkedLater, deviceFrom, list, number, one, runHint as hint } from './values.ts'

export interface RunRequest {
  readonly options: RunOptions
  /** Choices made for the user that they should know of. */
  readonly remarks: readonly string[]
}

/** Where source images come from; null when there are none. */
export function sourceFrom(path: string | undefined, sampleModel: boolean): InputOptions | null {
  if (path !== undefined) return { kind: 'folder', path: resolve(path), split: null, domains: 'none', labels: {} }
  return sampleModel ? { kind: 'sample' } : null
}

/** `classesOf` tells how many classes a weights file has; it is asked only when the options need it. */
export async function runRequest(
  parsed: ParsedCommand,
  classesOf: (model: ModelOptions) => Promise<number>,
  library: LibraryLookup = emptyLibrary,
): Promise<RunRequest> {
  const { values, switches } = parsed
  const sample = switches.has('sample')
  const input = values.get('input')
  if (sample && input !== undefined) throw new UsageError('--sample and --input exclude each other', hint)
  if (!sample && input === undefined)
    throw new UsageError('say what to run on: --sample, or --input DIR --model FILE', hint)
  const remarks: string[] = []
  const usual = sample || values.has('model') ? null : library.usual()
  if (!sample && !values.has('model') && !usual)
    throw new UsageError(
      `--input needs --model FILE, the weights to adapt; for photographs there is a ready one: palm models get ${readyModelNames[0]}`,
      hint,
    )
  if (usual) remarks.push(`No model was given: ${usual.name}, the ready one of the library, is used.`)
  const model = usual ?? library.named(modelFrom(parsed), values.get('model'))
  const methods = list(values.get('methods') ?? usualMethods.join(','), 'methods', methodIds)
  const preset = values.has('preset')
    ? one(values, 'preset', palmPresetNames)
    : model.kind === 'sample'
      ? 'sample'
      : presetOfUnknown
  const variant = values.has('variant') ? one(values, 'variant', ['reference', 'paper']) : 'reference'
  const classes =
    model.kind === 'sample'
      ? sampleClasses
      : variant === 'paper' && methods.includes('palm') && !values.has('eta')
        ? await classesOf(model)
        : 1
  const palm = Object.fromEntries(
    (['kappa', 'alpha', 'temperature', 'eta', 'lambda'] as const).flatMap((name) =>
      values.has(name) ? [[name, number(values, name)]] : [],
    ),
  )
  const set = settingsOf(values.get('set'), methods)
  const differs = {
    ...set,
    palm: { ...palm, ...set.palm },
    tent: { ...(values.has('tent-lr') ? { learningRate: number(values, 'tent-lr') } : {}), ...set.tent },
  }
  const lanes = checked(() => lanesOf({ methods, preset, variant, classes, differs }))
  if (model.kind !== 'sample' && !values.has('preset') && lanes.some(({ options }) => isAuto(options)))
    remarks.push(
      'PALM runs with the preset “auto” (ours: it tunes itself), because nothing is known about this model; --preset or --kappa changes that.',
    )
  const imageOrder = imageOrders.find((name) => name === values.get('order')) ?? null
  const schedule = values.has('schedule') ? one(values, 'schedule', schedules) : 'continual'
  if (imageOrder === 'file' && drawnSchedules.includes(schedule))
    throw new UsageError(`--order file does not go with --schedule ${schedule}, which orders the images itself`, hint)
  const needy = lanes.filter(({ options }) => needsSourceImages(options)).map(({ label }) => label)
  const source = sourceFrom(values.get('source'), model.kind === 'sample')
  if (needy.length > 0 && !source)
    throw new UsageError(
      `${needy.join(' and ')} ${needy.length > 1 ? 'need' : 'needs'} images of the kind the model was trained on: --source DIR`,
      hint,
    )
  return {
    options: await checkedLater(async () =>
      runOptionsSchema.parse({
        name: values.get('name') ?? '',
        input: sample
          ? { kind: 'sample' }
          : {
              kind: 'folder',
              path: resolve(input ?? ''),
              split: values.get('split') ?? null,
              domains: values.has('domains') ? one(values, 'domains', inputDomains) : 'none',
              ...(await labelsFrom(values.get('labels'))),
            },
        model,
        schedule,
        corruptions: corruptionsFrom(values.get('corruptions') ?? 'benchmark'),
        severities: (values.get('severity') ?? '5').split(',').map((text) => asNumber(text, 'severity')),
        family: values.has('family') ? one(values, 'family', ['auto', ...corruptionFamilies]) : 'auto',
        batchSize: number(values, 'batch') ?? palmPresets[preset].batchSize,
        seed: number(values, 'seed') ?? 0,
        limit: number(values, 'limit'),
        order: values.has('order') && !imageOrder ? await orderFrom(values.get('order') ?? '') : [],
        imageOrder: imageOrder ?? 'shuffled',
        cycles: number(values, 'cycles') ?? 1,
        window: number(values, 'window'),
        guard: switches.has('guard'),
        device: deviceFrom(parsed),
        source: needy.length > 0 || values.has('source') ? source : null,
        lanes,
      }),
    ),
    remarks,
  }
}

function corruptionsFrom(text: string): readonly CorruptionName[] {
  if (text === 'all') return corruptionNames
  if (text === 'benchmark') return benchmarkCorruptions
  if (text === 'none') return []
  return list(text, 'corruptions', corruptionNames, ['all', 'benchmark', 'none'])
}

/** A JSON file with a list of {corruption, severity}; corruption null = images as they are. */
export async function orderFrom(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `--order: ${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      hint,
    )
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(
      `--order: ${path} is not JSON; it should hold a list like [{"corruption": "fog", "severity": 3}, …]`,
      hint,
    )
  }
}
