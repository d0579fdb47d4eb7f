// Models by name: `--model` and `palm models` take a file or the name of a model of the library.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { optionsOfModel } from '#app/services/models/model-library.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import { readyModelNames } from '#contract/models/library.ts'
import { modelOptionsSchema, type ModelOptions } from '#contract/runs/run-options.ts'
import { UsageError, type ParsedCommand } from './command.ts'
import { checked, number, runHint, triple } from './values.ts'

/** What the library of models knows. */
export interface LibraryLookup {
  /** A model that was named instead of a file; anything else as it is. */
  named(options: ModelOptions, given: string | undefined): ModelOptions
  /** For pictures without a model: the ready one, if it was fetched. */
  usual(): Extract<ModelOptions, { kind: 'file' }> | null
}

export const emptyLibrary: LibraryLookup = { named: (options) => options, usual: () => null }

/** The model that `--model` and the options beside it describe; the sample's without. Throws `UsageError`. */
export function modelFrom({ values }: ParsedCommand): ModelOptions {
  const path = values.get('model')
  const ofFile = ['architecture', 'size', 'mean', 'std', 'output', 'weights'].filter((name) => values.has(name))
  if (path === undefined) {
    if (ofFile[0] !== undefined)
      throw new UsageError(`--${ofFile[0]} describes a --model FILE, and none is given`, runHint)
    return { kind: 'sample' }
  }
  if (values.has('mean') !== values.has('std')) throw new UsageError('--mean and --std go together', runHint)
  return checked(() =>
    modelOptionsSchema.parse({
      kind: 'file',
      path: resolve(path),
      architecture: values.get('architecture') ?? null,
      normalization: values.has('mean') ? { mean: triple(values, 'mean'), std: triple(values, 'std') } : null,
      inputSize: number(values, 'size'),
      output: values.get('output') ?? null,
      weights: values.has('weights') ? resolve(values.get('weights') ?? '') : null,
    }),
  )
}

/** `--model` may name a model of the library: the options of that one, else what was given. */
export function libraryOptions(workspace: Workspace, options: ModelOptions, given: string | undefined): ModelOptions {
  if (options.kind !== 'file' || given === undefined || existsSync(options.path)) return options
  const known = workspace.store.models
    .list()
    .find(({ name, sourceFile }) => name === given || sourceFile.startsWith(`ready:${given} `))
  if (!known) return options
  const own = optionsOfModel(known)
  if (own.kind !== 'file') return own
  return {
    ...own,
    normalization: options.normalization ?? own.normalization,
    inputSize: options.inputSize ?? own.inputSize,
    architecture: options.architecture,
    output: options.output,
    weights: options.weights,
  }
}

/** What `palm run` may take from the library. */
export function libraryLookup(workspace: Workspace): LibraryLookup {
  return {
    named: (options, given) => libraryOptions(workspace, options, given),
    usual() {
      const ready = workspace.store.models
        .list()
        .find(({ sourceFile }) => readyModelNames.some((name) => sourceFile.startsWith(`ready:${name} `)))
      const options = ready ? optionsOfModel(ready) : null
      return options?.kind === 'file' ? options : null
    },
  }
}
