// What was found on this machine, and the report of it for somebody else. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { DoctorReport } from '#contract/app/app-info.ts'
import { toWireError } from '#contract/errors.ts'

export class Machine {
  doctor = $state.raw<DoctorReport | null>(null)
  report = $state('')
  personal = $state(false)
  busy = $state<'' | 'looking' | 'reporting'>('')
  problem = $state('')
  private readonly client: PalmClient

  constructor(client: PalmClient) {
    this.client = client
  }

  /** A second or two: a process loads the native library and times it. */
  async look(): Promise<void> {
    await this.attempt('looking', async () => {
      this.doctor = await this.client.call('app.doctor', {})
    })
  }

  async makeReport(): Promise<void> {
    const { personal } = this
    await this.attempt('reporting', async () => {
      this.report = (await this.client.call('app.report', { personal })).text
    })
  }

  private async attempt(what: 'looking' | 'reporting', work: () => Promise<void>): Promise<void> {
    if (this.busy) return
    this.busy = what
    this.problem = ''
    try {
      await work()
    } catch (thrown) {
      this.problem = toWireError(thrown).message
    } finally {
      this.busy = ''
    }
  }
}
