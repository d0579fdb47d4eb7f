// The program on this machine: settings that every window sees, the data folder and its move, the log, the report for a mail. A part of the
// handler table (app.ts).
import type { Settings } from '#contract/app/settings.ts'
import { PalmError } from '#contract/errors.ts'
import { isUnderWay, type RunSummary } from '#contract/tables/report.ts'
import type { Handlers, Subscribers } from '#app/rpc/server.ts'
import { sizeOf } from '#app/services/data/data-files.ts'
import type { DataMove } from '#app/services/data/data-move.ts'
import { examine, type DoctorParts } from './doctor.ts'
import type { Log } from './log.ts'
import type { Records } from '#app/services/runs/records.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import { changeSettings, readSettings, writeSettings } from './settings.ts'
import { systemReport } from './system-report.ts'
import type { Updates } from './updates.ts'

export interface MachineParts {
  readonly version: string
  readonly host: string
  readonly store: Records
  readonly runs: Runs
  readonly log: Log
  readonly move: DataMove
  readonly updates: Updates
  readonly dataFolder: string
  /** Shows a folder in the system's file manager; null where the host cannot. */
  readonly openFolder: ((folder: string) => Promise<void>) | null
  readonly doctor: () => DoctorParts
}

type MachineMethod =
  | 'settings.get'
  | 'settings.set'
  | 'settings.change'
  | 'data.info'
  | 'data.check'
  | 'data.move'
  | 'data.cancel'
  | 'data.forget'
  | 'data.open'
  | 'updates.look'
  | 'updates.fetch'
  | 'updates.cancel'
  | 'updates.install'
  | 'app.report'

export function machineTable(parts: MachineParts): {
  readonly handlers: Pick<Handlers, MachineMethod>
  readonly subscribers: Pick<Subscribers, 'settings' | 'updates' | 'data' | 'log'>
} {
  const { store, log, move, updates, dataFolder, openFolder } = parts
  const listeners = new Set<(settings: Settings) => void>()
  const told = (settings: Settings, what: readonly string[]): Settings => {
    const noted = what.filter((name) => name !== 'recentCommands')
    if (noted.length > 0) log.info('settings', `Changed: ${noted.join(', ')}.`)
    for (const listener of [...listeners]) listener(settings)
    updates.allow(settings.lookForUpdates)
    return settings
  }
  return {
    handlers: {
      'settings.get': () => readSettings(store),
      'settings.set': (settings) => told(writeSettings(store, settings), ['all']),
      'settings.change': ({ changes }) => told(changeSettings(store, changes), Object.keys(changes)),
      'data.info': () => move.info(),
      'data.check': ({ folder }) => move.check(folder),
      'data.move': async ({ folder }) => {
        await move.start(folder)
        return {}
      },
      'data.cancel': () => {
        move.cancel()
        return {}
      },
      'data.forget': async ({ remove }) => {
        await move.forget(remove)
        return {}
      },
      'data.open': async ({ what }) => {
        if (!openFolder)
          throw new PalmError('bad-request', 'There is no file manager to open it with here. The path can be copied.')
        await openFolder(what === 'logs' ? log.folder : dataFolder)
        return {}
      },
      // What comes of it is told by the subscription: nobody waits for a download here.
      'updates.look': () => {
        void updates.look()
        return {}
      },
      'updates.fetch': () => {
        void updates.fetch()
        return {}
      },
      'updates.cancel': () => {
        updates.cancel()
        return {}
      },
      'updates.install': async () => {
        await updates.install()
        return {}
      },
      'app.report': async ({ personal }) => ({
        text: systemReport({
          version: parts.version,
          host: parts.host,
          doctor: await examine(parts.doctor()),
          settings: readSettings(store),
          dataBytes: await sizeOf(dataFolder),
          runs: parts.runs.catalogue.list().length,
          log: log.entries(),
          personal,
        }),
      }),
    },
    subscribers: {
      settings: (_request, sink) => {
        const listener = (settings: Settings): void => sink.event(settings)
        sink.snapshot(readSettings(store))
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      updates: (_request, sink) => updates.follow(sink),
      data: (_request, sink) => move.follow(sink),
      log: (_request, sink) => log.follow(sink),
    },
  }
}

/** Each change of a run's status, in the log until the returned function is called. */
export function logRuns(runs: Runs, log: Log): () => void {
  const known = new Map<number, RunSummary['status']>()
  return runs.feeds.onChange(({ id, status, error, step, totalSteps, lanes }) => {
    if (known.get(id) === status) return
    const before = known.get(id)
    known.set(id, status)
    if (before === undefined && !isUnderWay(status)) return // renamed, tagged, put away
    log.info(
      'runs',
      `Run ${id}: ${status}${totalSteps > 0 ? `, step ${step} of ${totalSteps}` : ''}.`,
      before === undefined ? `methods: ${lanes.map(({ method }) => method).join(', ')}` : null,
    )
    if (error && !isUnderWay(status)) log.error('runs', error)
  })
}
