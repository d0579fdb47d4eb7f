// What runs take on the disk and what is kept of their checkpoints: measured, a policy tried before it is applied, space given back. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { KeepPolicy, SpaceOfRun, StoragePlan, StorageUsage } from '#contract/data/storage.ts'

export type PolicyChoice = 'all' | 'only' | 'last' | 'every'

const rowsAtOnce = 100
export const totalOf = ({ checkpointBytes, stateBytes, stepBytes, otherBytes }: SpaceOfRun): number =>
  checkpointBytes + stateBytes + stepBytes + otherBytes

export class StorageUse {
  usage = $state.raw<StorageUsage | null>(null)
  plan = $state.raw<StoragePlan | null>(null)
  error = $state.raw<WireError | null>(null)
  busy = $state<'reading' | 'deleting' | 'shrinking' | null>(null)
  /** Whether the question before deleting stands. */
  asking = $state(false)
  done = $state.raw<
    | { readonly what: 'deleted'; readonly checkpoints: number; readonly bytes: number }
    | { readonly what: 'shrunk'; readonly before: number; readonly after: number }
    | null
  >(null)
  limit = $state(rowsAtOnce)
  choice = $state<PolicyChoice>('all')
  number = $state<number | null>(5)
  private readonly client: PalmClient
  private planned = 0

  constructor(client: PalmClient) {
    this.client = client
  }

  /** Measures, and takes up the rule as it is set. */
  async open(): Promise<void> {
    await this.attempt('reading', async () => {
      await this.measure()
      this.take(this.usage?.policy ?? { keep: 'all' })
    })
    await this.look()
  }

  /** As chosen; null while the number does not fit. */
  get policy(): KeepPolicy | null {
    const { choice, number } = this
    if (choice === 'all') return { keep: 'all' }
    if (choice === 'only') return { keep: 'last', count: 1 }
    if (number === null || !Number.isInteger(number) || number < (choice === 'every' ? 2 : 1) || number > 10_000)
      return null
    return choice === 'last' ? { keep: 'last', count: number } : { keep: 'every', k: number }
  }

  /** Whether the chosen one is the rule. */
  get isRule(): boolean {
    return JSON.stringify(this.policy) === JSON.stringify(this.usage?.policy)
  }

  choose(choice: PolicyChoice): void {
    this.choice = choice
    void this.look()
  }

  setNumber(number: number | null): void {
    this.number = number
    void this.look()
  }

  /** For runs that end from now on. */
  async keepSo(): Promise<void> {
    const { policy, usage } = this
    if (!policy || !usage) return
    await this.attempt(null, async () => {
      this.usage = { ...usage, policy: await this.client.call('storage.setPolicy', policy) }
    })
  }

  /** Deletes what was asked about. */
  async apply(): Promise<void> {
    const { policy } = this
    this.asking = false
    if (!policy) return
    await this.attempt('deleting', async () => {
      this.done = { what: 'deleted', ...(await this.client.call('storage.apply', { policy, runs: null })) }
      await this.measure()
    })
    await this.look()
  }

  async shrink(): Promise<void> {
    await this.attempt('shrinking', async () => {
      this.done = { what: 'shrunk', ...(await this.client.call('storage.shrink', {})) }
      await this.measure()
    })
  }

  /** Largest first. */
  readonly rows = $derived<readonly SpaceOfRun[]>(
    this.usage?.runs.toSorted((a, b) => totalOf(b) - totalOf(a) || b.run - a.run) ?? [],
  )

  readonly sums = $derived.by<SpaceOfRun>(() => {
    const sum = { run: 0, checkpoints: 0, checkpointBytes: 0, stateBytes: 0, stepBytes: 0, otherBytes: 0 }
    for (const row of this.rows)
      for (const key of ['checkpoints', 'checkpointBytes', 'stateBytes', 'stepBytes', 'otherBytes'] as const)
        sum[key] += row[key]
    return sum
  })

  more(): void {
    this.limit += rowsAtOnce
  }

  private take(policy: KeepPolicy): void {
    this.choice = policy.keep === 'last' && policy.count === 1 ? 'only' : policy.keep
    if (policy.keep === 'last' && policy.count > 1) this.number = policy.count
    if (policy.keep === 'every') this.number = policy.k
  }

  private async measure(): Promise<void> {
    this.usage = await this.client.call('storage.usage', {})
  }

  /** What the chosen policy would remove; an answer that comes too late is dropped. */
  private async look(): Promise<void> {
    const planned = ++this.planned
    const { policy } = this
    this.asking = false
    this.plan = null
    if (!policy) return
    try {
      const plan = await this.client.call('storage.plan', { policy, runs: null })
      if (planned === this.planned) this.plan = plan
    } catch (thrown) {
      if (planned === this.planned) this.error = toWireError(thrown)
    }
  }

  private async attempt(busy: StorageUse['busy'], work: () => Promise<void>): Promise<void> {
    this.busy = busy
    this.error = null
    if (busy !== 'reading') this.done = null
    try {
      await work()
    } catch (thrown) {
      this.error = toWireError(thrown)
    }
    this.busy = null
  }
}
