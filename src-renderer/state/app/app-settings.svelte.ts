// The settings as every window has them, and their changes. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { settingsSchema, type Settings } from '#contract/app/settings.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { Problems } from './problems.svelte.ts'
import type { Undo } from './undo.svelte.ts'

export class AppSettings {
  values = $state.raw<Settings>(settingsSchema.parse({}))
  private readonly caller: Pick<PalmClient, 'call'>
  private readonly problems: Problems
  private readonly undo: Undo

  constructor(parts: { readonly caller: Pick<PalmClient, 'call'>; readonly problems: Problems; readonly undo: Undo }) {
    this.caller = parts.caller
    this.problems = parts.problems
    this.undo = parts.undo
  }

  async read(client: PalmClient): Promise<void> {
    this.values = await client.call('settings.get', {})
  }

  /** Every change from any window, as long as the client lasts. */
  follow(client: PalmClient): void {
    const changed = (settings: Settings): void => void (this.values = settings)
    client.subscribe('settings', {}, { snapshot: changed, event: changed, error: this.problems.show })
  }

  /** Changes what is named, in every window. @returns whether it was accepted; if not, all is as it was */
  async change(changes: Partial<Settings>): Promise<boolean> {
    const before = this.values
    this.values = { ...before, ...changes }
    const accepted = await this.problems.attempt(() => this.caller.call('settings.change', { changes: { ...changes } }))
    if (!accepted) this.values = before
    return accepted
  }

  /** All settings as they were at first; can be undone. */
  async reset(): Promise<void> {
    const before = this.values
    const { tourSeen, recentCommands } = before
    if (await this.problems.attempt(() => this.caller.call('settings.set', { tourSeen, recentCommands })))
      this.undo.offer(
        () => strings.settings.resetDone,
        () => this.change(before),
      )
  }
}
