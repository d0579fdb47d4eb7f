// Rows of the database that cannot be read, for whoever looks: listed, read as far as they can be, removed.
import type { DamagedKey, DamagedRow } from '#contract/data/damage.ts'
import { PalmError } from '#contract/errors.ts'
import type { Handlers } from '#app/rpc/server.ts'
import type { Log } from '#app/services/machine/log.ts'
import { isRunLocked } from '#app/services/runs/run-lock.ts'

/** The store satisfies it. */
export interface DamageRecords {
  readonly damage: {
    list(): DamagedRow[]
    /** @throws PalmError `bad-request` where the row is not damaged */
    read(which: DamagedKey): string
    /** Belongs in a transaction. @throws PalmError `bad-request` where the row is not damaged */
    remove(which: DamagedKey): void
  }
  transaction<T>(work: () => T): T
}

/** @throws PalmError `bad-request` where the row is not damaged, `run-busy` where its session lives */
export function removeDamaged(store: DamageRecords, dataFolder: string, which: DamagedKey): void {
  if (which.table === 'runs' && isRunLocked(dataFolder, Number(which.key)))
    throw new PalmError('run-busy', `Run ${which.key} is under way: stop it first.`)
  store.transaction(() => store.damage.remove(which))
}

export function damageHandlers(parts: {
  readonly store: DamageRecords
  readonly log: Pick<Log, 'warning'>
  readonly dataFolder: string
}): Pick<Handlers, 'damage.list' | 'damage.read' | 'damage.remove'> {
  const { store, dataFolder, log } = parts
  const logged = new Set<string>()
  return {
    'damage.list': () => {
      const rows = store.damage.list()
      for (const { table, key, message, detail } of rows) {
        if (logged.has(`${table} ${key}`)) continue
        logged.add(`${table} ${key}`)
        log.warning('store', `${message} It is left out (${table} ${key}).`, detail)
      }
      return rows
    },
    'damage.read': (which) => ({ text: store.damage.read(which) }),
    'damage.remove': (which) => {
      removeDamaged(store, dataFolder, which)
      return {}
    },
  }
}
