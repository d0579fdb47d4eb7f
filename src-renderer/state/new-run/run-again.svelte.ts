// "Same again with one change": the form filled with an earlier run's options, what differs from them as it is changed, and a name that says so. Runs without
// a page.
import { said, saidName } from '#renderer/lib/german/said.svelte.ts'
import { inputKindOf } from '#contract/inputs/input-kinds.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { words } from '#renderer/lib/text/format.ts'
import { differencesOf, shortKey, type Difference } from '#renderer/lib/runs/run-differences.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { Looker, NewRun } from './new-run.svelte.ts'

const longestName = 200
/** Names list so many differences. */
const namedDifferences = 2

export class RunAgain {
  readonly run: number
  readonly name: string
  readonly before: RunOptions
  private readonly form: NewRun
  readonly changes: readonly Difference[] = $derived.by(() => {
    const now = this.form.complete
    return now ? differencesOf(this.before, now) : []
  })

  constructor(
    form: NewRun,
    { id, name, options, inputName }: Pick<RunSummary, 'id' | 'name' | 'options' | 'inputName'>,
  ) {
    this.form = form
    this.run = id
    this.name = saidName(name) || said(inputName)
    this.before = options
  }

  /** A webcam's frames are not kept: there is nothing to run over again. */
  static possible({ options }: Pick<RunSummary, 'options'>): boolean {
    return inputKindOf(options.input).kept
  }

  /** Images and model first, because the lanes are told apart by what suits the model. @returns whether both were found */
  async fill(looker: Looker): Promise<boolean> {
    const { form, before } = this
    form.forgetInput()
    form.forgetModel()
    form.applyModel(before.model)
    form.applyInput(before.input)
    form.applySource(before.source)
    form.applyStream(before)
    form.applyLanes(before.lanes, 10)
    const found = await form.look(looker)
    if (form.details) form.applyLanes(before.lanes, form.details.classes)
    return found
  }

  get suggestedName(): string {
    const parts = this.changes.slice(0, namedDifferences).map((one) => this.text(one))
    const more = this.changes.length - parts.length
    return strings.setup.againName(parts.length > 0 ? parts.join(', ') : this.name, more).slice(0, longestName)
  }

  /** `eta 0.3 -> 0.5` */
  text({ key, before, now }: Difference): string {
    const text = strings.setup
    const name = Object.hasOwn(text.keys, key) ? text.keys[key as keyof typeof text.keys] : shortKey(key, this.before)
    return text.change(name, shownValue(before), shownValue(now))
  }

  /** What a field was before; undefined = it says the same. `key` as in the differences. */
  was(key: string): string | undefined {
    const found = this.changes.find((one) => one.key === key)
    return found ? shownValue(found.before) : undefined
  }
}

/** As short as it can be said. */
export function shownValue(value: unknown): string {
  const text = strings.setup
  if (value === undefined || value === null) return text.nothing
  if (typeof value === 'boolean') return value ? text.yes : text.no
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string')
    return value.includes('/') || value.includes('\\')
      ? (value.split(/[\\/]/).filter(Boolean).at(-1) ?? value)
      : words(value)
  if (Array.isArray(value)) {
    if (value.length === 0) return text.nothing
    return value.length <= 4 && value.every((one) => typeof one !== 'object')
      ? value.map((one) => words(String(one))).join(', ')
      : text.count(value.length)
  }
  return JSON.stringify(value).slice(0, 80)
}
