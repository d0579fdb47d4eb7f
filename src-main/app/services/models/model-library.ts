// The library of models: files are copied into the data folder, so that what a run used is still there when the original is gone. What a file holds
// is told by the reader that the entry wires in.
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import type { LibraryModel, ModelChanges, ModelDetailsReport, ReadyModel } from '#contract/models/library.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'

export interface ModelRecords {
  list(): LibraryModel[]
  get(idOrName: number | string): LibraryModel
  freeName(name: string): string
  insert(model: Omit<LibraryModel, 'id'>): LibraryModel
  update(id: number, changes: ModelChanges): LibraryModel
  remove(id: number): void
}

export interface ModelLibraryParts {
  readonly records: ModelRecords
  readonly dataFolder: string
  readonly describe: (model: ModelOptions) => Promise<ModelDetailsReport>
  /** Files that belong to a model besides its main one, by name: external data, shards. */
  readonly partsOf: (path: string) => Promise<readonly string[]>
  /** Fetches a ready model into a folder; gives the file. */
  readonly fetch: (
    name: ReadyModel,
    folder: string,
    progress: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<{ path: string; classNames: readonly string[]; licence: string; label: string; sourceFile: string }>
  readonly now: () => number
}

interface AddOptions {
  readonly name?: string | null
  readonly normalization?: LibraryModel['normalization'] | null
  readonly inputSize?: number | null
  /** ONNX: the output that gives the scores, and a state dict that brings batch normalisation back; both are kept beside the copy. */
  readonly output?: string | null
  readonly weights?: string | null
  readonly classNames?: readonly string[] | null
  readonly licence?: string | null
  readonly sourceFile?: string
}

/** How a run names a model of the library. */
export function optionsOfModel(model: LibraryModel): ModelOptions {
  return {
    kind: 'file',
    path: model.path,
    name: model.name,
    architecture: null,
    normalization: model.normalization,
    classNames: model.classNames,
    inputSize: model.inputSize || null,
    output: null,
    weights: null,
  }
}

export class ModelLibrary {
  private fetching: AbortController | null = null
  private readonly parts: ModelLibraryParts

  constructor(parts: ModelLibraryParts) {
    this.parts = parts
  }

  list(): LibraryModel[] {
    return this.parts.records.list()
  }

  get(idOrName: number | string): LibraryModel {
    return this.parts.records.get(idOrName)
  }

  /** Copies a file and all that belongs to it. @throws PalmError `model-unreadable`, `model-unsupported`, `disk-full` */
  async add(path: string, own: AddOptions = {}): Promise<LibraryModel> {
    const { records, describe, partsOf, dataFolder, now } = this.parts
    const details = await describe({
      kind: 'file',
      path,
      name: null,
      architecture: null,
      normalization: own.normalization ?? null,
      classNames: own.classNames ? [...own.classNames] : null,
      inputSize: own.inputSize ?? null,
      output: own.output ?? null,
      weights: own.weights ?? null,
    })
    const folder = join(
      dataFolder,
      'models',
      `${details.hash.slice(0, 16)}-${createHash('sha256').update(`${path}${now()}`).digest('hex').slice(0, 8)}`,
    )
    await mkdir(folder, { recursive: true })
    try {
      const target = join(folder, basename(path))
      await copyFile(path, target)
      let sizeBytes = (await stat(target)).size
      for (const part of await partsOf(path)) {
        await copyFile(join(dirname(path), part), join(folder, part))
        sizeBytes += (await stat(join(folder, part))).size
      }
      if (own.weights || own.output) {
        const weights = own.weights ? `weights-${basename(own.weights)}` : null
        if (own.weights && weights !== null) {
          await copyFile(own.weights, join(folder, weights))
          sizeBytes += (await stat(join(folder, weights))).size
        }
        await writeFile(`${target}.reading.json`, JSON.stringify({ weights, output: own.output ?? null }))
      }
      await copyFile(`${path}.card.json`, `${target}.card.json`).catch(() => undefined)
      return records.insert({
        name: records.freeName(own.name ?? basename(path, extname(path))),
        path: target,
        sourceFile: own.sourceFile ?? path,
        addedAt: now(),
        hash: details.hash,
        format: details.format,
        architecture: details.architecture,
        parameters: details.parameters,
        classes: details.classes,
        sizeBytes,
        normalization: details.normalization as LibraryModel['normalization'],
        inputSize: details.inputSize.width,
        classNames: own.classNames
          ? [...own.classNames]
          : details.classNames.every((name, i) => name === `class ${i}`)
            ? null
            : [...details.classNames],
        licence: own.licence ?? null,
      })
    } catch (thrown) {
      await rm(folder, { recursive: true, force: true })
      throw thrown
    }
  }

  change(id: number, changes: ModelChanges): LibraryModel {
    return this.parts.records.update(id, changes)
  }

  /** The same weights under another name, with settings of their own; the file is shared. */
  duplicate(id: number): LibraryModel {
    const { records, now } = this.parts
    const { id: _, ...model } = records.get(id)
    return records.insert({ ...model, name: records.freeName(`${model.name} copy`), addedAt: now() })
  }

  /** Its file goes too, unless another entry shares it. */
  async remove(id: number): Promise<void> {
    const { records, dataFolder } = this.parts
    const { path } = records.get(id)
    records.remove(id)
    const folder = dirname(path)
    if (records.list().some((other) => other.path === path) || dirname(folder) !== join(dataFolder, 'models')) return
    await rm(folder, { recursive: true, force: true })
  }

  /** Fetches a ready model by name; what is there already is not fetched again. @throws PalmError `input-unreadable`, `run-busy` while one is on its way, `cancelled` */
  async fetch(name: ReadyModel, progress: (text: string) => void = () => undefined): Promise<LibraryModel> {
    const known = this.list().find((model) => model.sourceFile.startsWith(`ready:${name}`))
    if (known && (await stat(known.path).catch(() => null))) return known
    if (this.fetching) throw new PalmError('run-busy', 'It is being fetched already: wait for it, or cancel that.')
    this.fetching = new AbortController()
    const { signal } = this.fetching
    const scratch = join(this.parts.dataFolder, 'models', `.fetching-${name}`)
    try {
      await rm(scratch, { recursive: true, force: true })
      await mkdir(scratch, { recursive: true })
      const { path, classNames, licence, label, sourceFile } = await this.parts.fetch(name, scratch, progress, signal)
      return await this.add(path, { name: label, classNames, licence, sourceFile })
    } finally {
      this.fetching = null
      await rm(scratch, { recursive: true, force: true })
    }
  }

  /** Ends the fetch on its way, if there is one; it leaves nothing. */
  cancelFetch(): void {
    this.fetching?.abort()
  }

  /** Folders that no entry knows: left by a crash in the middle of an addition. */
  async tidy(): Promise<void> {
    const folder = join(this.parts.dataFolder, 'models')
    const known = new Set(this.list().map((model) => basename(dirname(model.path))))
    for (const name of await readdir(folder).catch(() => []))
      if (!known.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** The bytes' SHA-256. */
export async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

export const notFetched = (what: string, why: string, detail?: string): PalmError =>
  new PalmError(
    'input-unreadable',
    `${what} could not be fetched: ${why}. Try again when this machine is on line.`,
    detail,
  )
