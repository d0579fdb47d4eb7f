// Finds what a cell needs on this machine, by content: in the folders that its owner named, else among the files that travel with the queue. Same name and sizes but
// other bytes are not the same: then it says so, and the cells stay for others.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { isPlaced } from '#contract/inputs/input-kinds.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { QueuedContents, QueuedInput, QueuedModel } from '#contract/sweeps/lab.ts'
import { toWireError } from '#contract/errors.ts'
import type { LabFiles } from './lab-files.ts'

/** What other rooms know of contents. Each throws a PalmError for what it cannot read. */
export interface ContentAbilities {
  /** Quick: by names and sizes. */
  inputPrint(input: InputOptions, source: boolean): Promise<string>
  /** Reads every byte. */
  inputContent(input: InputOptions, source: boolean): Promise<string>
  modelPrint(model: ModelOptions): Promise<string>
  modelContent(model: ModelOptions): Promise<string>
}

/** The contents of a queue in their places here. */
export interface FoundContents {
  readonly input: InputOptions
  readonly model: ModelOptions
  readonly source: InputOptions | null
}

const deepest = 2
const mostEntries = 20_000
const modelEndings = /\.(pth|pt|safetensors|onnx|json|tar|bin|ckpt)$/i

export class LabLibrary {
  private readonly parts: {
    readonly folders: readonly string[]
    readonly cache: string
    readonly files: LabFiles
    readonly abilities: ContentAbilities
    readonly told: (note: string) => void
  }
  private readonly found = new Map<string, InputOptions | ModelOptions | null>()
  /** Being looked for: several devices of a machine ask at the same time. */
  private readonly looking = new Map<string, Promise<InputOptions | ModelOptions | null>>()
  private entries: Promise<readonly string[]> | null = null
  private readonly said = new Set<string>()

  constructor(parts: LabLibrary['parts']) {
    this.parts = parts
  }

  /** Null where something of it is not on this machine and does not travel with the queue. */
  async find({ input, model, source }: QueuedContents): Promise<FoundContents | null> {
    const model_ = await this.model(model)
    const input_ = model_ && (await this.input(input, false))
    const source_ = source && input_ ? await this.input(source, true) : null
    if (!model_ || !input_ || (source && !source_)) return null
    return { input: input_, model: model_, source: source_ }
  }

  /** What was not found is looked for again, in folders that may have changed. */
  forget(): void {
    this.entries = null
    for (const [key, value] of this.found) if (value === null) this.found.delete(key)
  }

  private input(queued: QueuedInput, source: boolean): Promise<InputOptions | null> {
    const { abilities } = this.parts
    return this.place(queued, `${source ? 'source' : 'input'} ${queued.content} ${JSON.stringify(queued.options)}`, {
      at: (path) => (isPlaced(queued.options) ? { ...queued.options, path } : queued.options),
      print: (options) => abilities.inputPrint(options, source),
      content: (options) => abilities.inputContent(options, source),
      candidate: () => true,
    })
  }

  private model(queued: QueuedModel): Promise<ModelOptions | null> {
    const { abilities } = this.parts
    const { options } = queued
    return this.place(queued, `model ${queued.content} ${JSON.stringify(options)}`, {
      at: (path) =>
        options.kind === 'file'
          ? { ...options, path, weights: options.weights === null ? null : join(path, '..', basename(options.weights)) }
          : options,
      print: (options) => abilities.modelPrint(options),
      content: (options) => abilities.modelContent(options),
      candidate: (path) => modelEndings.test(path),
    })
  }

  private place<Options extends InputOptions | ModelOptions>(
    ...[queued, key, how]: Parameters<typeof this.lookFor<Options>>
  ): Promise<Options | null> {
    const before = this.looking.get(key)
    if (before) return before as Promise<Options | null>
    const found = this.lookFor(queued, key, how).finally(() => this.looking.delete(key))
    this.looking.set(key, found)
    return found
  }

  private async lookFor<Options extends InputOptions | ModelOptions>(
    queued: { readonly name: string; readonly content: string; readonly print: string; readonly options: Options },
    key: string,
    how: {
      readonly at: (path: string) => Options
      readonly print: (options: Options) => Promise<string>
      readonly content: (options: Options) => Promise<string>
      readonly candidate: (path: string) => boolean
    },
  ): Promise<Options | null> {
    const known = this.found.get(key) as Options | null | undefined
    // A folder may change while the worker lives: what was found is still as it was, or is looked for again.
    if (known === null || (known && (await how.print(known).catch(() => '')) === queued.print)) return known
    const fits = async (options: Options, where: string): Promise<boolean> => {
      try {
        if ((await how.print(options)) !== queued.print) return false
        if ((await how.content(options)) === queued.content) return true
        this.say(`${where} has the names and sizes of “${queued.name}”, but not its contents: it is not taken for it.`)
      } catch {
        // Not what is looked for, or not readable: others may be.
      }
      return false
    }
    let found: Options | null = null
    if (!('path' in queued.options)) found = (await fits(queued.options, 'The bundled sample')) ? queued.options : null
    else {
      for (const path of await this.candidates(queued.name)) {
        if (!how.candidate(path)) continue
        const options = how.at(path)
        if (await fits(options, path)) {
          found = options
          break
        }
      }
      found ??= await this.fetched(queued, how.at, fits)
    }
    this.found.set(key, found)
    if (found === null) this.say(`“${queued.name}” is not in this machine’s library: its cells are left to others.`)
    return found
  }

  private async fetched<Options>(
    { name, content }: { readonly name: string; readonly content: string },
    at: (path: string) => Options,
    fits: (options: Options, where: string) => Promise<boolean>,
  ): Promise<Options | null> {
    const list = await this.parts.files.list(content)
    if (list === null) return null
    const folder = join(this.parts.cache, content)
    try {
      await this.parts.files.fetch(list, folder)
    } catch (thrown) {
      this.say(`“${name}” cannot be fetched: ${toWireError(thrown).message}`)
      return null
    }
    const options = at(join(folder, list[0]?.path.split('/')[0] ?? ''))
    return (await fits(options, folder)) ? options : null
  }

  /** Files and folders of the library, those called `name` first. */
  private async candidates(name: string): Promise<readonly string[]> {
    this.entries ??= this.list()
    const entries = await this.entries
    const same = (path: string) => basename(path) === name
    return [...entries.filter(same), ...entries.filter((path) => !same(path))]
  }

  private async list(): Promise<readonly string[]> {
    const found: string[] = []
    let level = [...this.parts.folders]
    for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
      const next: string[] = []
      for (const path of level) {
        if (found.length >= mostEntries) return found
        found.push(path)
        if (depth === deepest) continue
        const inside = await readdir(path, { withFileTypes: true }).catch(() => [])
        for (const entry of inside)
          if (!entry.name.startsWith('.') && (entry.isDirectory() || entry.isFile())) next.push(join(path, entry.name))
      }
      level = next
    }
    return found
  }

  private say(note: string): void {
    if (this.said.has(note)) return
    this.said.add(note)
    this.parts.told(note)
  }
}
