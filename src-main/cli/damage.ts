// `palm damage`: entries of the database that cannot be read; all others are used without them.
import { damagedTables, type DamagedKey, type DamagedRow } from '#contract/data/damage.ts'
import { removeDamaged } from '#app/services/data/damage.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import type { CliParts } from './shared/parts.ts'
import { json } from './shared/options.ts'
import { member } from './shared/values.ts'
import { out, outJson, withWorkspace } from './shared/with-workspace.ts'

export const damage: Command = {
  name: 'damage',
  operands: '[ACTION] [ROW]',
  summary: 'entries of the database that cannot be read: list, show, remove',
  options: { json },
  notes: 'ROW as it is listed: runs/7. show prints what can be read, as JSON; remove takes it out for good.',
  run: damageCommand,
}

function damageCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const [word = 'list', entry] = parsed.operands
  const action = member(word, 'damage', ['list', 'show', 'remove'] as const, [])
  if (action !== 'list' && entry === undefined)
    throw new UsageError(`palm damage ${action} needs ROW`, 'palm damage lists them')
  const which = (): DamagedKey => {
    const [table = '', ...key] = (entry ?? '').split('/')
    return { table: member(table, 'damage', damagedTables, []), key: key.join('/') }
  }
  return withWorkspace(parsed, parts, null, ({ store, dataFolder }) => {
    if (action === 'show') out(store.damage.read(which()))
    else if (action === 'remove') {
      removeDamaged(store, dataFolder, which())
      out(`${entry} was removed.\n`)
    } else {
      const rows = store.damage.list()
      if (parsed.switches.has('json')) outJson(rows)
      else out(rows.length === 0 ? 'Nothing is damaged.\n' : rows.map((row) => `${lineOf(row)}\n`).join(''))
    }
    return exitCodes.ok
  })
}

const lineOf = ({ table, key, name, message, detail }: DamagedRow): string =>
  `${table}/${key}${name && name !== key ? ` (${name})` : ''}: ${message}${detail ? ` ${detail}` : ''}`
