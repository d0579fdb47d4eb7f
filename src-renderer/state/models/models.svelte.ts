// The library of models as a screen needs it: the list, the chosen one's details, and what is done to them. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import {
  readyModelNames,
  type LibraryModel,
  type ModelChanges,
  type ModelDetailsReport,
} from '#contract/models/library.ts'
import type { ModelOptionsInput } from '#contract/runs/run-options.ts'
import { classNamesFrom } from '#renderer/lib/text/class-names.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** A model of the library by its number, or the bundled one. */
export type ModelChoice = number | 'sample'

/** How a run names it. */
export function optionsOf(model: LibraryModel | null): ModelOptionsInput {
  if (!model) return { kind: 'sample' }
  return {
    kind: 'file',
    path: model.path,
    name: model.name,
    normalization: model.normalization,
    classNames: model.classNames ? [...model.classNames] : null,
    inputSize: model.inputSize,
  }
}

/** The same of a choice in a form. @throws Error when the library does not have it (any more) */
export function optionsOfChoice(
  choice: ModelChoice | 'file',
  library: readonly LibraryModel[],
  path: string,
): ModelOptionsInput {
  if (choice === 'file') return { kind: 'file', path: path.trim() }
  const model = library.find(({ id }) => id === choice) ?? null
  if (choice !== 'sample' && !model) throw new Error(strings.models.goneFromLibrary)
  return optionsOf(model)
}

/** The one that was fetched by name, if it is there. */
export const readyOf = (models: readonly LibraryModel[]): LibraryModel | null =>
  models.find(({ sourceFile }) => readyModelNames.some((name) => sourceFile.startsWith(`ready:${name} `))) ?? null

export class Models {
  list = $state.raw<readonly LibraryModel[]>([])
  loaded = $state(false)
  chosen = $state<ModelChoice>('sample')
  details = $state.raw<ModelDetailsReport | null>(null)
  /** Images of the batch whose memory is estimated. */
  batch = $state(64)
  /** What is going on, in words; '' = nothing. */
  busy = $state<'' | 'adding' | 'fetching' | 'looking'>('')
  /** What went wrong with the chosen model, and with the list or what was to come into it. */
  problem = $state('')
  listProblem = $state('')
  private readonly client: PalmClient
  private looks = 0

  constructor(client: PalmClient) {
    this.client = client
  }

  get model(): LibraryModel | null {
    return this.list.find(({ id }) => id === this.chosen) ?? null
  }

  get ready(): LibraryModel | null {
    return readyOf(this.list)
  }

  /** The list anew, and the details of the chosen one. */
  async look(): Promise<void> {
    try {
      this.list = await this.client.call('models.list', {})
      this.loaded = true
      this.listProblem = ''
      if (this.chosen !== 'sample' && !this.model) this.chosen = 'sample'
    } catch (thrown) {
      this.listProblem = toWireError(thrown).message
    }
    await this.describe()
  }

  async choose(choice: ModelChoice): Promise<void> {
    if (choice !== this.chosen) this.details = null
    this.chosen = choice
    this.problem = ''
    await this.describe()
  }

  async setBatch(batch: number): Promise<void> {
    if (!Number.isInteger(batch) || batch < 1 || batch > 4096) return
    this.batch = batch
    await this.describe()
  }

  private async describe(): Promise<void> {
    const look = ++this.looks
    try {
      const details = await this.client.call('models.details', { model: optionsOf(this.model), batch: this.batch })
      if (look === this.looks) this.details = details
    } catch (thrown) {
      if (look !== this.looks) return
      this.details = null
      this.problem = toWireError(thrown).message
    }
  }

  /** @returns whether it was added */
  async add(path: string): Promise<boolean> {
    return this.work('adding', async () => {
      this.enter(await this.client.call('models.add', { path: path.trim() }))
    })
  }

  async fetchReady(): Promise<boolean> {
    return this.work('fetching', async () => {
      this.enter(
        await this.client.call('models.fetch', { name: readyModelNames[0] as (typeof readyModelNames)[number] }),
      )
    })
  }

  async cancelFetch(): Promise<void> {
    await this.client.call('models.cancelFetch', {})
  }

  async change(changes: ModelChanges): Promise<boolean> {
    const { model } = this
    if (!model) return false
    return this.work('looking', () => this.client.call('models.change', { id: model.id, changes }))
  }

  async rename(name: string): Promise<boolean> {
    const plain = name.trim()
    if (plain === this.model?.name) return true
    if (plain === '') return this.refuse(strings.models.nameNeeded)
    if (plain.length > 200 || /[\p{Cc}/\\]/u.test(plain)) return this.refuse(strings.models.nameWrong)
    return this.change({ name: plain })
  }

  async setInputSize(size: number): Promise<boolean> {
    if (!Number.isInteger(size) || size < 8 || size > 1024) return this.refuse(strings.models.inputSizeWrong)
    return this.change({ inputSize: size })
  }

  /** As they were pasted or loaded: one a line, or a JSON list; nothing = unknown. */
  async setClassNames(text: string): Promise<boolean> {
    try {
      return await this.change({ classNames: classNamesFrom(text) })
    } catch (thrown) {
      return this.refuse(toWireError(thrown).message)
    }
  }

  /** A new one is the chosen one. */
  private enter(model: LibraryModel): void {
    this.list = [model, ...this.list.filter(({ id }) => id !== model.id)]
    this.chosen = model.id
    this.details = null
  }

  private refuse(why: string): boolean {
    this.problem = why
    return false
  }

  async duplicate(): Promise<boolean> {
    const { model } = this
    if (!model) return false
    return this.work('looking', async () => {
      this.enter(await this.client.call('models.duplicate', { id: model.id }))
    })
  }

  async remove(): Promise<boolean> {
    const { model } = this
    if (!model) return false
    return this.work('looking', () => this.client.call('models.remove', { id: model.id }))
  }

  private async work(what: Exclude<Models['busy'], ''>, work: () => Promise<unknown>): Promise<boolean> {
    this.busy = what
    this.problem = ''
    this.listProblem = ''
    try {
      await work()
    } catch (thrown) {
      const { message } = toWireError(thrown)
      if (what === 'looking') this.problem = message
      else this.listProblem = message
      return false
    } finally {
      this.busy = ''
    }
    await this.look()
    return true
  }
}
