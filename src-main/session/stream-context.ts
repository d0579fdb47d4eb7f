// What a stream needs to know of the model and of where things ship.
import { join } from 'node:path'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { Model } from '#engine/models/model.ts'
import { imageNetClasses } from '#stream/inputs/labels.ts'
import type { StreamContext } from '#stream/stream.ts'
import { inputSizeOf } from './open-model.ts'

export async function streamContext(
  model: Pick<Model, 'inputSize' | 'classes' | 'classNames' | 'resize'>,
  options: ModelOptions,
  resourcesFolder: string,
  own: Pick<StreamContext, 'workers' | 'previewCount'>,
): Promise<StreamContext> {
  return {
    sampleFolder: join(resourcesFolder, 'sample', 'images'),
    inputSize: inputSizeOf(model, options),
    modelClasses: model.classes,
    classNames: model.classNames,
    imageNet: await imageNetClasses(resourcesFolder),
    resize: model.resize,
    ...own,
  }
}
