// Snapshot + tail: a subscriber gets the rows up to seq k, then every event with seq > k, whatever arrives in between.
// Neither loses nor doubles an event, because a committed event is in the snapshot or comes later, and its seq tells which.
import { toWireError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'

/** The part of an event that the feed looks at. `preview` events are not stored and are always handed on. */
export interface Sequenced {
  readonly event: string
  readonly seq: number
}

export interface FeedSource<Snapshot, Event> {
  /** Calls `listener` with each event after it was committed, in order. */
  onEvent(listener: (event: Event) => void): () => void
  /** All rows up to the `seq` in it. */
  snapshot(): Snapshot | Promise<Snapshot>
}

export interface FeedSink<Snapshot, Event> {
  snapshot(snapshot: Snapshot): void
  event(event: Event): void
  error(error: WireError): void
}

/** Follows a run until the returned function is called. */
export function followRun<Snapshot extends { readonly seq: number }, Event extends Sequenced>(
  source: FeedSource<Snapshot, Event>,
  sink: FeedSink<Snapshot, Event>,
): () => void {
  let live = true
  let buffered: Event[] | null = []
  let seq = 0

  function pass(event: Event): void {
    if (!live) return
    if (event.event !== 'preview') {
      if (event.seq <= seq) return
      seq = event.seq
    }
    sink.event(event)
  }

  const unlisten = source.onEvent((event) => {
    if (buffered) buffered.push(event)
    else pass(event)
  })
  const stop = (): void => {
    live = false
    unlisten()
  }

  function begin(snapshot: Snapshot): void {
    if (!live) return
    seq = snapshot.seq
    sink.snapshot(snapshot)
    const waiting = buffered ?? []
    buffered = null
    for (const event of waiting) pass(event)
  }
  function fail(thrown: unknown): void {
    if (!live) return
    stop()
    sink.error(toWireError(thrown))
  }

  try {
    const snapshot = source.snapshot()
    if (snapshot instanceof Promise) snapshot.then(begin).catch(fail)
    else begin(snapshot)
  } catch (thrown) {
    fail(thrown)
  }
  return stop
}
