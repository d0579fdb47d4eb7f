// Puts a sweep's missing cells into a lab's queue, and takes their results into this data folder as they come. What comes is held against what was asked for.
import { PalmError, toWireError, type WireError } from '#contract/errors.ts'
import { isPlaced, type InputOptions } from '#contract/inputs/input-kinds.ts'
import type { ModelOptions, RunOptions } from '#contract/runs/run-options.ts'
import type { LabState, QueuedCell, QueuedContents, QueuedInput, QueuedModel } from '#contract/sweeps/lab.ts'
import { resultsRevision } from '#contract/sweeps/sweep.ts'
import { runOf, type Cell } from '#app/services/sweeps/sweep-cells.ts'
import type { Planned } from '#app/services/sweeps/sweep-results.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Store } from '#store/store.ts'
import { LabCollect, named } from './lab-collect.ts'
import type { ContentAbilities } from './lab-library.ts'
import type { LabQueue } from './lab-queue.ts'

export interface LabSweepParts {
  readonly queue: LabQueue
  readonly store: Store
  readonly sweeps: SweepService
  readonly abilities: Pick<ContentAbilities, 'inputContent' | 'modelContent'>
  /** Files that may be sent along; null where they are too many or lie apart. */
  readonly filesOf: (
    what: { readonly input: InputOptions } | { readonly model: ModelOptions },
  ) => Promise<readonly { readonly path: string; readonly file: string }[] | null>
  readonly program: string
  readonly told: (note: string) => void
  /** Ends what is on its way. */
  readonly signal?: AbortSignal
}

export interface LabProgress {
  readonly cells: number
  readonly done: number
  /** Labels and errors of cells that were set aside. */
  readonly aside: readonly { readonly label: string; readonly error: WireError }[]
  readonly state: LabState | null
}

const everyMs = 1000

export class LabSweep {
  private readonly parts: LabSweepParts

  constructor(parts: LabSweepParts) {
    this.parts = parts
  }

  /** Puts in what is neither computed here nor in the queue. @returns the cells that are waited for. @throws PalmError `sweep-not-found`, and why images or models cannot be read */
  async put(
    which: string,
    progress: (put: number, of: number) => void = () => undefined,
  ): Promise<{ readonly planned: Planned; readonly cells: readonly Cell[]; readonly added: number }> {
    const { queue, sweeps, told } = this.parts
    const { planned, cells } = await sweeps.left(which)
    const contents = await this.contentsOf(planned, cells)
    const byKey = new Map(cells.map((cell) => [cell.key, cell]))
    for (const [key, error] of await queue.results.aside([...byKey.keys()]))
      told(`${named(byKey.get(key))} had failed three times (${error.message}) and is tried again.`)
    let added = 0
    let put = 0
    const goOn = (): void => {
      if (this.parts.signal?.aborted) throw new PalmError('cancelled', 'It was cancelled.')
    }
    for (const [name, group] of Map.groupBy(cells, (cell) => `${cell.input} ${cell.model}`)) {
      const own = contents.get(name)
      if (!own) throw new PalmError('internal', 'A cell without contents.')
      const target = await queue.queueOf(own)
      const streams = new Map<string, string>()
      const rows: QueuedCell[] = []
      for (const cell of group) {
        let stream = streams.get(cell.stream)
        if (stream === undefined) {
          stream = await queue.putStream({ run: this.streamOf(planned, cell) })
          streams.set(cell.stream, stream)
        }
        rows.push({ key: cell.key, stream, label: cell.label.slice(0, 80), options: cell.options })
      }
      const before = put
      added += await queue.put(target, rows, (sent) => {
        goOn()
        progress(before + sent, cells.length)
      })
      put += rows.length
    }
    return { planned, cells, added }
  }

  /** For results as they come. */
  collector(planned: Planned, cells: readonly Cell[]): LabCollect {
    return new LabCollect(this.parts, planned, cells)
  }

  /** Takes results until all are here, or `signal` says so. @throws PalmError `bad-request` for a result that is not what was asked for */
  async collect(
    planned: Planned,
    cells: readonly Cell[],
    signal: AbortSignal,
    progress: (state: LabProgress) => void,
  ): Promise<LabProgress> {
    const collector = this.collector(planned, cells)
    let last: LabProgress = { cells: cells.length, done: 0, aside: [], state: null }
    let more = false
    while (!signal.aborted) {
      let state: LabState | null = null
      try {
        const { cells: all, done, aside, more: some } = await collector.take()
        more = some
        last = { cells: all, done, aside, state: last.state }
        if (!more) state = await this.parts.queue.state()
      } catch (thrown) {
        if (thrown instanceof PalmError) throw thrown
        this.parts.told(`The queue does not answer: ${toWireError(thrown).message}`)
      }
      last = { ...last, state: state ?? last.state }
      progress(last)
      if (collector.isOver) break
      if (more) continue
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs)
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
      })
    }
    return last
  }

  private streamOf({ definition }: Planned, cell: Cell): Omit<RunOptions, 'lanes' | 'input' | 'model' | 'source'> {
    const placeholder = { id: 'x', label: 'x', options: { method: 'source' } } as const
    const { lanes: _l, input: _i, model: _m, source: _s, ...run } = runOf(definition, cell, [placeholder])
    return run
  }

  /** By input and model of a cell; what may travel is sent along. */
  private async contentsOf(planned: Planned, cells: readonly Cell[]): Promise<Map<string, QueuedContents>> {
    const { definition, inputs, models, source } = planned
    const input = once((at: number) =>
      this.inputOf(definition.inputs[at] as InputOptions, inputs[at]?.hash ?? '', false),
    )
    const model = once((at: number) => this.modelOf(definition.models[at] as ModelOptions, models[at]?.hash ?? ''))
    const own = definition.source && source !== null ? await this.inputOf(definition.source, source, true) : null
    const contents = new Map<string, QueuedContents>()
    for (const cell of cells) {
      const name = `${cell.input} ${cell.model}`
      if (contents.has(name)) continue
      contents.set(name, {
        program: this.parts.program,
        revision: resultsRevision,
        input: await input(cell.input),
        model: await model(cell.model),
        source: own,
      })
    }
    return contents
  }

  private async inputOf(options: InputOptions, print: string, source: boolean): Promise<QueuedInput> {
    const name = isPlaced(options) ? nameOf(options.path) : 'sample'
    const content = await this.parts.abilities.inputContent(options, source)
    if (isPlaced(options)) await this.send(content, name, { input: options })
    return { name, content, print, options: isPlaced(options) ? { ...options, path: name } : options }
  }

  private async modelOf(options: ModelOptions, print: string): Promise<QueuedModel> {
    const content = await this.parts.abilities.modelContent(options)
    if (options.kind !== 'file') return { name: 'sample', content, print, options }
    const name = nameOf(options.path)
    await this.send(content, name, { model: options })
    const weights = options.weights === null ? null : nameOf(options.weights)
    return { name, content, print, options: { ...options, path: name, weights } }
  }

  private async send(content: string, name: string, what: Parameters<LabSweepParts['filesOf']>[0]): Promise<void> {
    const { queue, filesOf, told } = this.parts
    if (await queue.files.has(content)) return
    const files = await filesOf(what)
    if (files) await queue.files.put(content, files)
    else told(`“${name}” is too large to travel with the queue: each worker needs it in its --library.`)
  }
}

const nameOf = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== '') ?? 'root'

function once<T>(make: (at: number) => Promise<T>): (at: number) => Promise<T> {
  const made = new Map<number, Promise<T>>()
  return (at) => {
    const known = made.get(at) ?? make(at)
    made.set(at, known)
    return known
  }
}
