// What is asked before a run is branched from a checkpoint of another. Runs without a page.
import { toWireError, type WireError } from '#contract/errors.ts'
import type { OptionRequest } from '#contract/runs/option-change.ts'
import type { Waiting } from '#renderer/state/app/queue.svelte.ts'
import type { OptionFields } from '#renderer/state/new-run/option-fields.svelte.ts'

export interface BranchRequest {
  readonly run: number
  readonly step: number
  readonly options: OptionRequest[]
  readonly name: string
  /** What is under way is to be stopped first. */
  readonly stop: boolean
}

interface BranchParts {
  readonly run: number
  readonly step: number
  readonly domain: string
  readonly other: boolean
  readonly fields: OptionFields
  readonly waiting: () => Waiting | null
  /** `later`: lined up. */
  readonly begin: (request: BranchRequest, later: boolean) => Promise<void>
}

export class BranchForm {
  name = $state('')
  state = $state<'asking' | 'starting' | 'started'>('asking')
  error = $state.raw<WireError | null>(null)
  readonly run: number
  readonly step: number
  readonly domain: string
  readonly other: boolean
  readonly fields: OptionFields
  private readonly parts: Pick<BranchParts, 'waiting' | 'begin'>

  constructor({ run, step, domain, other, fields, ...parts }: BranchParts) {
    this.run = run
    this.step = step
    this.domain = domain
    this.other = other
    this.fields = fields
    this.parts = parts
  }

  /** Another option at least, where others are wanted. */
  get ready(): boolean {
    return this.state === 'asking' && this.fields.problem() === '' && (!this.other || this.fields.requests().length > 0)
  }

  /** While something computes: to begin at its end (`submit`), or in its place. */
  get waiting(): Waiting | null {
    return this.parts.waiting()
  }

  /** Lined up where something computes, unless it shall be stopped for it. */
  async submit(instead = false): Promise<void> {
    if (!this.ready) return
    const busy = this.waiting !== null
    this.state = 'starting'
    this.error = null
    try {
      const { run, step } = this
      const request = { run, step, options: this.fields.requests(), name: this.name.trim(), stop: busy }
      await this.parts.begin(request, busy && !instead)
      this.state = 'started'
    } catch (thrown) {
      this.error = toWireError(thrown)
      this.state = 'asking'
    }
  }
}
