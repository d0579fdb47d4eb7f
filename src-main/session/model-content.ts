// Knows a model by everything of its files that a run depends on: on another machine the same weights under another normalisation are another model. And which files it
// is read from, so that they can be sent.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname, relative, sep } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import { describeModel, hashTensors } from '#engine/models/load.ts'
import { loadOptions, readContents, readModelFile, readWhole } from './open-model.ts'

/** Network, weights, classes, and how images come to it. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function modelContent(options: ModelOptions, resourcesFolder: string): Promise<string> {
  const file = await readModelFile(options, resourcesFolder)
  const { graph, values, classes, classNames, normalization, inputSize, resize } = describeModel(
    file.contents,
    loadOptions(file.path, options),
  )
  const known = { graph, hash: hashTensors(values), classes, classNames, normalization, inputSize, resize }
  return createHash('sha256').update(JSON.stringify(known, plainly)).digest('hex')
}

/** Numbers of typed arrays and maps as JSON has them. */
const plainly = (_key: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as Float32Array)
    : value instanceof Map
      ? [...(value as Map<unknown, unknown>)]
      : value

/** A file of a model; `path` relative to the folder of its first one, with `/`. */
export interface FilePart {
  readonly path: string
  readonly file: string
}

/** All files that a model is read from, its own first. @throws PalmError `model-unreadable`, `model-unsupported` for files that lie apart */
export async function modelFiles(options: Extract<ModelOptions, { kind: 'file' }>): Promise<FilePart[]> {
  const read = new Set<string>()
  await readContents(options.path, options, (path) => {
    read.add(path)
    return readWhole(path)
  })
  for (const ending of ['.card.json', '.reading.json'])
    if (existsSync(`${options.path}${ending}`)) read.add(`${options.path}${ending}`)
  const folder = dirname(options.path)
  return [...read].map((file) => {
    // A state dict beside an ONNX file may lie anywhere: it is sent along under its name.
    const path = file === options.weights ? basename(file) : relative(folder, file).split(sep).join('/')
    if (path.startsWith('..')) throw new PalmError('model-unsupported', `${file} does not lie beside ${options.path}.`)
    return { path, file }
  })
}
