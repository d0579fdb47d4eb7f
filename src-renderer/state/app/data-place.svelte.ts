// The data folder as a screen needs it: where it is, and its move to another one. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { atRest, isMoving, type DataCheck, type DataInfo, type MoveState } from '#contract/data/data-place.ts'
import { toWireError } from '#contract/errors.ts'

export class DataPlace {
  info = $state.raw<DataInfo | null>(null)
  move = $state.raw<MoveState>(atRest)
  /** The folder that is typed. */
  target = $state('')
  check = $state.raw<DataCheck | null>(null)
  problem = $state('')
  private readonly client: PalmClient
  private checks = 0

  constructor(client: PalmClient) {
    this.client = client
    const heard = (state: MoveState): void => {
      this.move = state
      if (!isMoving(state)) void this.look()
    }
    client.subscribe('data', {}, { snapshot: heard, event: heard, error: (error) => (this.problem = error.message) })
  }

  get isMoving(): boolean {
    return isMoving(this.move)
  }

  async look(): Promise<void> {
    await this.attempt(async () => {
      this.info = await this.client.call('data.info', {})
    })
  }

  /** Whether everything fits there; the newest answer counts. */
  async setTarget(folder: string): Promise<void> {
    this.target = folder
    this.checks += 1
    const mine = this.checks
    this.check = null
    if (folder.trim() === '') return
    await this.attempt(async () => {
      const check = await this.client.call('data.check', { folder: folder.trim() })
      if (mine === this.checks) this.check = check
    })
  }

  begin(): Promise<boolean> {
    return this.attempt(() => this.client.call('data.move', { folder: this.target.trim() }))
  }

  cancel(): Promise<boolean> {
    return this.attempt(() => this.client.call('data.cancel', {}))
  }

  async forgetOld(remove: boolean): Promise<void> {
    if (await this.attempt(() => this.client.call('data.forget', { remove }))) await this.look()
  }

  open(what: 'data' | 'logs'): Promise<boolean> {
    return this.attempt(() => this.client.call('data.open', { what }))
  }

  private async attempt(work: () => Promise<unknown>): Promise<boolean> {
    this.problem = ''
    try {
      await work()
      return true
    } catch (thrown) {
      const { code, message } = toWireError(thrown)
      if (code !== 'cancelled') this.problem = message // the connection went: it comes back by itself, and with it this
      return false
    }
  }
}
