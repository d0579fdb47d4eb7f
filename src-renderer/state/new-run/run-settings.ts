// Parts of a new run's fields as plain data: which methods are ticked, the usual settings, and a model's file as the fields show it. Pure.
import { benchmarkCorruptions } from '#contract/inputs/corruption.ts'
import { methodIds, usualMethods } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import type { LibraryModel } from '#contract/models/library.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import { runSettingsSchema, type RunSettings } from '#contract/runs/run-template.ts'
import { optionsOf, type ModelChoice } from '#renderer/state/models/models.svelte.ts'

/** Images a domain. */
export const usualLimit = 500

export const ticked = (methods: readonly MethodId[]): Record<MethodId, boolean> =>
  Object.fromEntries(methodIds.map((method) => [method, methods.includes(method)])) as Record<MethodId, boolean>

/** The usual settings, for whatever model. */
export const defaultSettings: RunSettings = runSettingsSchema.parse({
  methods: [...usualMethods],
  corruptions: [...benchmarkCorruptions],
  limit: usualLimit,
})

type FileModel = Extract<ModelOptions, { kind: 'file' }>

export interface ModelFields {
  readonly model: ModelChoice | 'file'
  readonly modelPath: string
  /** Null = as the model has it. */
  readonly normalization: FileModel['normalization']
  readonly inputSize: FileModel['inputSize']
  readonly output: FileModel['output']
  readonly weights: FileModel['weights']
  /** What no field shows, where the file is not one of the library. */
  readonly base: FileModel | null
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** A model of an earlier run: one of the library where it is still there as it was, else the file. */
export function modelFieldsOf(model: ModelOptions, library: readonly LibraryModel[]): ModelFields {
  if (model.kind === 'sample')
    return {
      model: 'sample',
      modelPath: '',
      normalization: null,
      inputSize: null,
      output: null,
      weights: null,
      base: null,
    }
  const known =
    model.architecture === null
      ? library.find(
          (one) => one.path === model.path && one.name === model.name && same(one.classNames, model.classNames),
        )
      : undefined
  const own = known ? (optionsOf(known) as Partial<FileModel>) : null
  return {
    model: known?.id ?? 'file',
    modelPath: known ? '' : model.path,
    normalization: own && same(own.normalization, model.normalization) ? null : model.normalization,
    inputSize: own && own.inputSize === model.inputSize ? null : model.inputSize,
    output: model.output,
    weights: model.weights,
    base: known ? null : { ...model, normalization: null, inputSize: null },
  }
}
