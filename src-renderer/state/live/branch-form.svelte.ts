// What is asked before a run is branched from a checkpoint of another. Runs without a page.
import { toWireError, type WireError } from '#contract/errors.ts'
import type { OptionRequest } from '#contract/runs/option-change.ts'
import type { OptionFields } from '#renderer/state/new-run/option-fields.svelte.ts'

export interface BranchRequest {
  readonly run: number
  readonly step: number
  readonly options: OptionRequest[]
  readonly name: string
  /** The run is under way and is to be stopped first. */
  readonly stop: boolean
}

interface BranchParts {
  readonly run: number
  readonly step: number
  readonly domain: string
  readonly other: boolean
  readonly stops: boolean
  readonly fields: OptionFields
  readonly begin: (request: BranchRequest) => Promise<void>
}

export class BranchForm {
  name = $state('')
  state = $state<'asking' | 'starting' | 'started'>('asking')
  error = $state.raw<WireError | null>(null)
  readonly run: number
  readonly step: number
  readonly domain: string
  readonly other: boolean
  /** The run is under way now. */
  readonly stops: boolean
  readonly fields: OptionFields
  private readonly begin: (request: BranchRequest) => Promise<void>

  constructor({ run, step, domain, other, stops, fields, begin }: BranchParts) {
    this.stops = stops
    this.run = run
    this.step = step
    this.domain = domain
    this.other = other
    this.fields = fields
    this.begin = begin
  }

  /** Another option at least, where others are wanted. */
  get ready(): boolean {
    return this.state === 'asking' && this.fields.problem() === '' && (!this.other || this.fields.requests().length > 0)
  }

  async submit(): Promise<void> {
    if (!this.ready) return
    this.state = 'starting'
    this.error = null
    try {
      await this.begin({
        run: this.run,
        step: this.step,
        options: this.fields.requests(),
        name: this.name.trim(),
        stop: this.stops,
      })
      this.state = 'started'
    } catch (thrown) {
      this.error = toWireError(thrown)
      this.state = 'asking'
    }
  }
}
