// The settings as every window has them, and their changes. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { settingsSchema, type Settings } from '#contract/app/settings.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { Problems } from './problems.svelte.ts'
import type { Undo } from './undo.svelte.ts'

export class AppSettings {
  /** As the program has them. */
  private held = $state.raw<Settings>(settingsSchema.parse({}))
  /** Changes of this window that are on their way, the oldest first: what is told meanwhile may not know them yet. */
  private underWay = $state.raw<readonly Partial<Settings>[]>([])
  readonly values = $derived(this.underWay.reduce<Settings>((all, changes) => ({ ...all, ...changes }), this.held))
  private readonly caller: Pick<PalmClient, 'call'>
  private readonly problems: Problems
  private readonly undo: Undo

  constructor(parts: { readonly caller: Pick<PalmClient, 'call'>; readonly problems: Problems; readonly undo: Undo }) {
    this.caller = parts.caller
    this.problems = parts.problems
    this.undo = parts.undo
  }

  async read(client: PalmClient): Promise<void> {
    this.held = await client.call('settings.get', {})
  }

  /** Every change from any window, as long as the client lasts. */
  follow(client: PalmClient): void {
    const changed = (settings: Settings): void => void (this.held = settings)
    client.subscribe('settings', {}, { snapshot: changed, event: changed, error: this.problems.show })
  }

  /** Changes what is named, in every window. @returns whether it was accepted; if not, all is as it was */
  async change(changes: Partial<Settings>): Promise<boolean> {
    this.underWay = [...this.underWay, changes]
    const accepted = await this.problems.attempt(() => this.caller.call('settings.change', { changes: { ...changes } }))
    if (accepted) this.held = { ...this.held, ...changes }
    this.underWay = this.underWay.filter((one) => one !== changes)
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
