// Rows of the database that cannot be read, as the window needs them: asked for when it is connected, saved or removed one by one. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { Problems } from './problems.svelte.ts'

export class Damage {
  rows = $state.raw<readonly DamagedRow[]>([])
  /** What was done last, to be read out. */
  said = $state('')
  private readonly caller: Pick<PalmClient, 'call'>
  private readonly problems: Pick<Problems, 'attempt'>

  constructor(caller: Pick<PalmClient, 'call'>, problems: Pick<Problems, 'attempt'>) {
    this.caller = caller
    this.problems = problems
  }

  async look(): Promise<void> {
    try {
      this.rows = await this.caller.call('damage.list', {})
    } catch {
      // Where the database cannot be read at all, the lists themselves say so.
    }
  }

  /** What can be read of it, as JSON; null where it failed, which is told. */
  async read({ table, key }: DamagedRow): Promise<string | null> {
    let text: string | null = null
    await this.problems.attempt(async () => {
      text = (await this.caller.call('damage.read', { table, key })).text
    })
    return text
  }

  /** For good. */
  async remove(row: DamagedRow): Promise<void> {
    const { table, key } = row
    await this.problems.attempt(async () => {
      await this.caller.call('damage.remove', { table, key })
      this.said = strings.damage.removed(nameOf(row))
    })
    await this.look()
  }
}

/** As a person knows it: “Run 7 (noise)”. */
export const nameOf = ({ table, key, name }: DamagedRow): string =>
  `${strings.damage.tables[table]} ${key}${name && name !== key ? ` (${name})` : ''}`
