// The app of a host with a window or a page: opens the data folder, answers pages, and after a move of the folder makes every part anew in
// the new one. Pages are connected again by themselves.
import { join } from 'node:path'
import { createApp, type App, type AppParts } from '#app/services/app.ts'
import { atRest, type MoveState } from '#contract/data/data-place.ts'
import { toWireError } from '#contract/errors.ts'
import { prepareDataFolder, followMove } from '#app/services/data/data-folder.ts'
import { DataMove, rememberOld } from '#app/services/data/data-move.ts'
import { FileListing } from '#app/services/files/file-listing.ts'
import { Grants, placesIn, type GrantParts } from '#app/services/grants.ts'
import type { KeyStore } from '#app/services/machine/key-store.ts'
import { Log, loggedSessions } from '#app/services/machine/log.ts'
import { enter, othersIn } from '#app/services/data/open-apps.ts'
import { lockedRuns } from '#app/services/runs/run-lock.ts'
import { goOnAfterUpdate, rememberForUpdate } from '#app/services/machine/after-update.ts'
import { claimFirstLaunch, readSettings } from '#app/services/machine/settings.ts'
import { Updates, usualLook, type UpdateSource } from '#app/services/machine/updates.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { copyInProcess } from '#app/services/processes/task-process.ts'
import { RunQueue } from '#app/services/queue/run-queue.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Port } from '#app/rpc/port.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { hasImageEnding } from '#stream/images/decode.ts'
import { abilities } from './abilities.ts'
import { appLab } from './app-lab.ts'
import { deviceSlots } from './machine-devices.ts'
import { sweepsOf } from './sweeps.ts'
import { openWorkspaceIn, startPlace, type Workspace } from './workspace.ts'

export interface OpenAppOptions extends Pick<
  AppParts,
  'version' | 'host' | 'native' | 'dialogs' | 'openFolder' | 'tour'
> {
  /** As chosen by the user; null = PALM_DATA or the platform's place. */
  readonly data: string | null
  readonly resourcesFolder: string
  /** Where a page may lead from the start, and what a person can do where it may not. */
  readonly places: Pick<GrantParts, 'roots' | 'remedy'>
  /** What the host can do about newer versions, or why it can do nothing. */
  readonly updates: UpdateSource | string
  /** Of the system; keeps a lab's password where it can. */
  readonly keys: KeyStore
  readonly processes: { readonly session: StartSession; readonly probe: StartSession }
}

export interface OpenedApp {
  /** A person handed it to a page, which may open it now. */
  allow(path: string): void
  /** Answers a page until its port closes. */
  connect(port: Port): void
  /** True the first time ever that this data folder is opened with everything that a run needs. */
  readonly firstLaunch: boolean
  /** The same, asked later: when what was missing is there. What an update interrupted goes on then, too. */
  claimFirstLaunch(): boolean
  start(run: RunOptions): void
  /** That another program had the data folder open when this one did, in words; null = none. Both may be used: each steers the runs that it started. */
  readonly alsoOpen: string | null
  /** Whether a run or a sweep is under way, or one that is lined up will begin. */
  readonly busy: boolean
  /** Calls back whenever that may have changed. */
  onRunChange(listener: () => void): void
  close(): Promise<void>
}

interface Current {
  readonly app: App
  readonly workspace: Workspace
  readonly sweeps: SweepService
  readonly queue: RunQueue
  /** Goes on with what an update interrupted, if that has not been done. */
  readonly goOn: () => void
  /** Takes back that this program has the folder open. */
  readonly leave: () => void
  /** Another program that had the folder open before. */
  readonly other: number | null
}

const alsoOpen = (pid: number): string =>
  `PALM Studio is open for this data folder in another program already (process ${pid}).`

/** What somebody chose before: the inputs and models of runs and the library. */
function* openedBefore({ store }: Workspace): Iterable<string> {
  for (const { options } of store.runs.list({ deleted: true })) yield* placesIn(options)
  for (const { path } of store.models.list()) yield path
  for (const { work } of store.queue.list()) yield* placesIn(work)
}

/** Throws `input-unreadable`, `store-damaged`, `disk-full`. */
export async function openApp(options: OpenAppOptions): Promise<OpenedApp> {
  const place = startPlace(options.data)
  const runListeners = new Set<() => void>()
  let first = false
  let closing = false
  let log: Log | null = null
  let grants: Grants | null = null
  const updates = new Updates({ installed: options.version, source: options.updates, ...usualLook })

  async function open(folder: string, before: MoveState | null, claim: boolean): Promise<Current> {
    const own = new Log(join(await prepareDataFolder(folder), 'logs'), Date.now)
    log = own
    const session = loggedSessions(options.processes.session, own)
    const workspace = await openWorkspaceIn(folder, {
      resourcesFolder: options.resourcesFolder,
      startSession: session,
      workers: null,
      preview: true,
      findSlots: () => deviceSlots(options.processes.probe),
    })
    // Not claimed while the native library is missing: the sample shall still run by itself once it is there.
    if (claim) first = options.native().ok && claimFirstLaunch(workspace.store)
    const sweeps = sweepsOf(workspace, options.processes.probe)
    const busy = (): string | null => {
      if (sweeps.active !== null) return 'A sweep is under way. Stop it first; it goes on where it stopped.'
      const run = workspace.runs.sessions.activeRuns[0] ?? lockedRuns(folder)[0] ?? null
      if (run !== null) return `Run ${run} is under way. Stop it first; it can be resumed.`
      const [other] = othersIn(folder)
      return other === undefined ? null : `${alsoOpen(other)} Close it first.`
    }
    const move = new DataMove({
      place,
      folder,
      store: workspace.store,
      log: own,
      busy,
      before,
      copy: (order, told, signal) => copyInProcess(session, order, told, signal),
      switchTo: (target) => switchTo(folder, target),
    })
    const queue = new RunQueue({
      store: workspace.store,
      runs: workspace.runs,
      sweeps,
      now: Date.now,
      isMoving: () => move.isMoving,
      everyMs: 2000,
    })
    const isMoving = () => move.isMoving
    const lab = appLab({ workspace, sweeps, session, keys: options.keys, log: own, isMoving })
    const granted = new Grants({
      ...options.places,
      own: [workspace.dataFolder, options.resourcesFolder],
      openedBefore: () => openedBefore(workspace),
    })
    grants = granted
    const { version, host, native, dialogs, openFolder, tour } = options
    const app = createApp({
      version,
      host,
      native,
      dialogs,
      openFolder,
      tour,
      firstLaunch: first,
      sweeps,
      queue,
      lab,
      log: own,
      move,
      updates,
      grants: granted,
      files: new FileListing({ grants: granted, places: options.places.roots, hasImageEnding }),
      ...workspace,
      ...abilities(workspace, { session, probe: options.processes.probe, look: options.processes.session }),
    })
    const [other] = othersIn(folder)
    if (other !== undefined) own.warning('app', alsoOpen(other))
    const leave = enter(folder)
    const changed = (): void => runListeners.forEach((listener) => listener())
    workspace.runs.feeds.onChange(changed)
    sweeps.onChange(changed)
    own.info(
      'app',
      `PALM Studio ${version} (${host}) opened.`,
      `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    )
    const underWay = { store: workspace.store, sessions: workspace.runs.sessions, sweeps }
    const goOn = (): void => void goOnAfterUpdate({ ...underWay, log: own })
    if (claim && options.native().ok) goOn()
    updates.opened(own, () => rememberForUpdate(underWay))
    void lab.reopen()
    updates.allow(readSettings(workspace.store).lookForUpdates)
    return { app, workspace, sweeps, queue, goOn, leave, other: other ?? null }
  }

  async function switchTo(from: string, to: string): Promise<void> {
    const { app, leave } = current ?? {}
    current = null
    await app?.close()
    leave?.()
    try {
      current = await open(to, { ...atRest, phase: 'moved', folder: to }, false)
      rememberOld(current.workspace.store, from)
    } catch (thrown) {
      current = await open(from, { ...atRest, phase: 'failed', folder: to, error: toWireError(thrown) }, false)
      throw thrown
    }
  }

  // Only noted: what happens then is Node's business.
  const note = (thrown: unknown): void => log?.error('app', toWireError(thrown))
  process.on('uncaughtExceptionMonitor', note)
  let current: Current | null = await open(followMove(place), null, true)
  return {
    allow: (path) => grants?.allow(path),
    connect(port) {
      // In the middle of a move's last moment nobody is at home: the page comes again.
      if (current) current.app.connect(port)
      else port.close()
    },
    get firstLaunch() {
      return first
    },
    claimFirstLaunch() {
      current?.goOn()
      return current !== null && claimFirstLaunch(current.workspace.store)
    },
    start: (run) => void current?.workspace.runs.sessions.start(run),
    get alsoOpen() {
      const { other } = current ?? {}
      return typeof other === 'number' ? alsoOpen(other) : null
    },
    get busy() {
      if (!current) return false
      const { workspace, sweeps, queue } = current
      return workspace.runs.sessions.activeRuns.length > 0 || sweeps.active !== null || queue.isPending
    },
    onRunChange: (listener) => void runListeners.add(listener),
    async close() {
      if (closing) return
      closing = true
      updates.close()
      await current?.app.close()
      current?.leave()
      process.off('uncaughtExceptionMonitor', note)
    },
  }
}
