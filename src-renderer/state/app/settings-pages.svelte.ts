// What the pages of the settings show beside the settings themselves: storage, the data folder, this machine, the log. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { DataPlace } from './data-place.svelte.ts'
import { LogReader } from './log.svelte.ts'
import { Machine } from './machine.svelte.ts'
import { StorageUse } from './storage.svelte.ts'
import { ProgramUpdates } from './updates.svelte.ts'

export class SettingsPages {
  readonly storage: StorageUse
  readonly data: DataPlace
  readonly machine: Machine
  readonly updates: ProgramUpdates
  log = $state.raw<LogReader | null>(null)
  private readonly client: PalmClient

  constructor(client: PalmClient) {
    this.client = client
    this.storage = new StorageUse(client)
    this.data = new DataPlace(client)
    this.machine = new Machine(client)
    this.updates = new ProgramUpdates(client)
  }

  /** The log is read from when somebody looks at it. */
  openLog(): void {
    this.log ??= new LogReader(this.client)
  }

  close(): void {
    this.log?.close()
  }
}
