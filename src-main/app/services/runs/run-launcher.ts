// Begins sessions on the devices that are free for them, and takes their end: the lock and the device are free again, what no session can say of it is
// recorded, and a run whose card failed goes on without it.
import { kindName, type DeviceChoice, type RuledOut } from '#contract/devices.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import { forgetBy, readPolicy } from '#app/services/data/storage.ts'
import { readSettings } from '#app/services/machine/settings.ts'
import type { SessionEnd } from '#app/services/processes/supervisor.ts'
import { ActiveSession } from './active-session.ts'
import { busyError, lentHold, MachineSlots, type SlotHold } from './machine-slots.ts'
import type { RunCatalogue } from './run-catalogue.ts'
import type { RunFeeds } from './run-feeds.ts'
import { orUnlock, takeRunLock, type RunLock } from './run-lock.ts'
import type { RunSessionsParts } from './run-sessions-parts.ts'
import { sessionOrder, type SessionOrder } from './session-order.ts'

export interface Launch {
  readonly asked: DeviceChoice | null
  /** Devices that failed this run since it was started or resumed. */
  readonly without: RuledOut
  /** Of a sweep that the run belongs to, which lets go of it; null = the run takes one. */
  readonly lent: SlotHold | null
  readonly halve: boolean
}

export interface ActiveRun {
  readonly session: ActiveSession
  /** Resolves when the process is gone and what it left is recorded. */
  readonly over: Promise<void>
}

export class RunLauncher {
  /** By run, in the order in which they began. */
  readonly active = new Map<number, ActiveRun>()
  readonly slots: MachineSlots
  private readonly parts: RunSessionsParts
  private readonly catalogue: RunCatalogue
  private readonly feeds: RunFeeds
  private closing = false

  constructor(parts: RunSessionsParts, catalogue: RunCatalogue, feeds: RunFeeds) {
    this.parts = parts
    this.catalogue = catalogue
    this.feeds = feeds
    this.slots = new MachineSlots(parts.findSlots ?? null)
  }

  /** Nothing begins any more. @returns what is at work */
  close(): ActiveRun[] {
    this.closing = true
    return [...this.active.values()]
  }

  /** `record` belongs to a transaction and gives the run's number; null = none shall begin. */
  begin(record: () => number, how?: Partial<Launch>): number
  begin(record: () => number | null, how?: Partial<Launch>): number | null
  begin(record: () => number | null, how: Partial<Launch> = {}): number | null {
    if (this.closing) throw new PalmError('cancelled', 'The program is closing.')
    const launch: Launch = { asked: null, without: [], lent: null, halve: false, ...how }
    const taken: { release(): void }[] = []
    let run: number | null = null
    try {
      let begin = (): void => undefined
      run = this.parts.store.transaction(() => {
        const recorded = record()
        if (recorded === null) return null
        const lock = this.lockOf(recorded)
        taken.push(lock)
        const order = sessionOrder(this.parts, recorded, launch.asked, launch.without)
        const hold = launch.lent ? lentHold(launch.lent) : this.takeSlot(recorded, order)
        taken.push(hold)
        begin = () => this.launch(recorded, order, launch, lock, hold)
        return recorded
      })
      begin()
      return run
    } catch (thrown) {
      for (const one of taken) one.release()
      // One that cannot even begin (a full disk) is not left waiting for a session that never comes.
      if (run !== null && this.catalogue.get(run).status === 'queued')
        this.feeds.recordEnd(run, 'failed', toWireError(thrown))
      throw thrown
    }
  }

  /** @throws PalmError `run-busy` */
  private takeSlot(run: number, { asks, device: { without } }: SessionOrder): SlotHold {
    const hold = this.slots.take(asks, without, { kind: 'run', run })
    if (!hold) throw busyError(this.slots.blocker(asks, without))
    return hold
  }

  private lockOf(run: number): RunLock {
    const lock = takeRunLock(this.parts.dataFolder, run)
    if (!lock) throw new PalmError('run-busy', `Run ${run} is under way in another window or command.`)
    return lock
  }

  private launch(run: number, { wanted, device }: SessionOrder, how: Launch, lock: RunLock, hold: SlotHold): void {
    const { dataFolder, resourcesFolder, preview, startSession, store } = this.parts
    const workers = this.parts.workers ?? readSettings(store).workers
    const halve = how.halve ? { halve: true } : {}
    const session = new ActiveSession(
      startSession({ ...wanted, card: hold.slot.card }),
      { type: 'start', run, dataFolder, resourcesFolder, workers, preview, device, ...halve },
      lock,
      (event) => {
        const kind = event.event === 'plan' ? event.plan.devices?.at(-1)?.kind : undefined
        if (kind) hold.computesOn(kind)
        this.feeds.heard(run, event)
      },
    )
    const over = session.end.then((end) => this.ended(session, hold, end, how))
    this.active.set(run, { session, over })
    this.feeds.sessionBegan(run)
  }

  /** Resolves when the run is over: where it goes on without a device that failed, with its next session. */
  private async ended(session: ActiveSession, hold: SlotHold, end: SessionEnd, how: Launch): Promise<void> {
    const { run } = session
    session.close()
    hold.release()
    this.active.delete(run)
    this.feeds.sessionEnded(run)
    if (end.kind === 'ended' && end.leaves !== null && !this.closing) {
      const reason = end.error?.message ?? `${kindName(end.leaves)} failed.`
      try {
        const lock = this.lockOf(run)
        const without = [...how.without, { kind: end.leaves, reason }]
        orUnlock(lock, () => {
          const order = sessionOrder(this.parts, run, how.asked, without)
          // It goes on at once, also beside another one.
          const next = this.slots.share(order.asks, order.device.without, { kind: 'run', run })
          orUnlock(next, () => this.launch(run, order, { ...how, without, halve: false }, lock, next))
        })
        await this.active.get(run)?.over
        return
      } catch (thrown) {
        this.feeds.recordEnd(run, 'failed', toWireError(thrown))
      }
    }
    if (end.kind === 'died') this.feeds.recordEnd(run, 'interrupted', end.error)
    // It said how it ended but could not write it (a full disk, a damaged store): say it here, where it may work by now.
    else if (this.catalogue.isUnderWay(run)) this.feeds.recordEnd(run, end.status, end.error)
    else this.feeds.changed(run)
    this.tidy(run)
  }

  /** A run that ended keeps of its checkpoints what the policy says. */
  private tidy(run: number): void {
    try {
      const { store } = this.parts
      const forgot = (...what: Parameters<RunFeeds['forgot']>) => this.feeds.forgot(...what)
      forgetBy(readPolicy(store), this.catalogue.get(run), { store, forgot })
    } catch {
      // The store cannot be asked now: it is done at the next end, or when somebody asks for it.
    }
  }
}
