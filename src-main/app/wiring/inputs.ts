// What the app can say of an input: what it holds, and pictures of it.
import { join } from 'node:path'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { inspectModel } from '#session/open-model.ts'
import { inspectInput } from '#stream/inputs/inspect.ts'
import { imageNetClasses } from '#stream/inputs/labels.ts'

/** Where the drivers of inputs find the bundled sample. */
export const foldersIn = (resourcesFolder: string, part: 'images' | 'source') => ({
  sampleFolder: join(resourcesFolder, 'sample', part),
})

/** What an input holds; with a model, how its classes fit. */
export async function inspectInputOf(
  resourcesFolder: string,
  input: InputOptions,
  model: ModelOptions | null,
): Promise<InputInfo> {
  const info = model ? await inspectModel(model, resourcesFolder) : null
  const unnamed = info?.classNames.every((name, i) => name === `class ${i}`)
  return inspectInput(
    input,
    foldersIn(resourcesFolder, 'images'),
    info ? { classes: info.classes, classNames: unnamed ? null : info.classNames } : null,
    await imageNetClasses(resourcesFolder),
  )
}
