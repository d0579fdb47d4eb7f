// Newer versions as a screen needs them: what there is, how far it is. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { UpdateState } from '#contract/app/updates.ts'
import { toWireError } from '#contract/errors.ts'

export class ProgramUpdates {
  state = $state.raw<UpdateState | null>(null)
  problem = $state('')
  /** The version whose notice was put away; of another one it is shown again. */
  private dismissed = $state('')
  private readonly client: PalmClient

  constructor(client: PalmClient) {
    this.client = client
    const heard = (state: UpdateState): void => void (this.state = state)
    client.subscribe('updates', {}, { snapshot: heard, event: heard, error: (error) => (this.problem = error.message) })
  }

  /** Whole percent of what is being fetched. */
  get percent(): number {
    const { doneBytes, totalBytes } = this.state ?? { doneBytes: 0, totalBytes: 0 }
    return totalBytes > 0 ? Math.floor((100 * doneBytes) / totalBytes) : 0
  }

  /** The version that was found and that nobody has looked at yet; null = none. */
  get news(): string | null {
    const version = this.state?.phase === 'found' ? (this.state.found?.version ?? null) : null
    return version === this.dismissed ? null : version
  }

  dismiss(): void {
    this.dismissed = this.state?.found?.version ?? ''
  }

  look(): Promise<void> {
    return this.attempt(() => this.client.call('updates.look', {}))
  }

  fetch(): Promise<void> {
    return this.attempt(() => this.client.call('updates.fetch', {}))
  }

  cancel(): Promise<void> {
    return this.attempt(() => this.client.call('updates.cancel', {}))
  }

  install(): Promise<void> {
    return this.attempt(() => this.client.call('updates.install', {}))
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    this.problem = ''
    try {
      await work()
    } catch (thrown) {
      const { code, message } = toWireError(thrown)
      if (code !== 'cancelled') this.problem = message
    }
  }
}
