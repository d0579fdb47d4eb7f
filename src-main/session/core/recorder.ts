// Writes what a session has to say: rows and the numbers of their events in one transaction, the events themselves when it is
// committed. Whoever reads a snapshot up to an event's `seq` therefore has its rows.
import type { RunEvent, RunPlan, RunStatus } from '#contract/tables/report.ts'
import type { Store } from '#store/store.ts'
import { stretchSteps } from '#store/tables/stretches-table.ts'
import type { SessionLink } from './session-link.ts'

type Unnumbered<Event> = Event extends RunEvent ? Omit<Event, 'seq'> : never
/** An event whose number its recording gives. */
export type NewEvent = Unnumbered<RunEvent>
export type Tell = (event: NewEvent) => void

export class Recorder {
  private readonly store: Store
  private readonly run: number
  private readonly link: SessionLink
  private readonly now: () => number
  private lastSeq = 0

  /** `now` in ms since the epoch. */
  constructor(store: Store, run: number, link: SessionLink, now: () => number) {
    this.store = store
    this.run = run
    this.link = link
    this.now = now
  }

  /** All that `work` writes, or nothing; what it tells is sent afterwards, in order. @throws PalmError `disk-full`, `store-damaged` */
  record<T>(work: (tell: Tell) => T): T {
    const told: RunEvent[] = []
    const result = this.store.transaction(() =>
      work((event) => told.push({ ...event, seq: this.store.runs.nextSeq(this.run) })),
    )
    for (const event of told) this.send(event)
    return result
  }

  status(status: RunStatus): void {
    const { store, run, now } = this
    const seq = store.transaction(() => store.runs.setStatus(run, status, null, now()))
    this.send({ event: 'status', seq, status, error: null, message: null })
  }

  plan(plan: RunPlan): void {
    const seq = this.store.transaction(() => this.store.runs.setPlan(this.run, plan))
    this.send({ event: 'plan', seq, plan })
  }

  /** Within `record`. */
  checkpoint(tell: Tell, lane: string, step: number, domain: number, delta: Uint8Array): void {
    const checkpoint = this.store.checkpoints.insert(this.run, lane, step, domain, delta, this.now())
    tell({ event: 'checkpoint', checkpoint })
  }

  /** Within `record`: the sums of a domain whose last step is recorded. */
  domain(tell: Tell, domain: number): void {
    const metrics = this.store.steps.domainSums(this.run, domain)
    for (const metric of metrics) this.store.steps.insertDomain(this.run, metric)
    tell({ event: 'domain', domain, metrics })
  }

  /** Within `record`, after the last step of a stretch: packs it, and thins the tensor reports of one that is old enough, as the plan says. */
  stretchEnds(step: number, { reports }: Pick<RunPlan, 'reports'>, domains: RunPlan['domains']): void {
    const { store, run } = this
    store.steps.pack(run)
    // A sweep's tables are made from all of them.
    if (!reports || store.cells.holds(run)) return
    const to = step + 1 - reports.newest
    store.steps.thinLayers(run, {
      every: reports.every,
      from: to - stretchSteps,
      to,
      ends: domains.map(({ firstStep, steps }) => firstStep + steps - 1),
    })
  }

  /** Images to look at: not recorded, hence with the number of the last event. */
  preview(step: number, images: Extract<RunEvent, { event: 'preview' }>['images']): void {
    this.send({ event: 'preview', seq: this.lastSeq, step, images })
  }

  private send(event: RunEvent): void {
    this.lastSeq = event.seq
    this.link.send({ type: 'event', event })
  }
}
