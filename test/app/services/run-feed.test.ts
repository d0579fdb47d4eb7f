// Snapshot + tail under random interleavings: rows are committed, told later and in order, and read at any moment.
import { describe, expect, it } from 'vitest'
import { followRun } from '#app/services/runs/run-feed.ts'

interface Told {
  readonly event: string
  readonly seq: number
}

/** mulberry32: small, seeded, good enough to choose interleavings. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One run of `total` commits with a subscriber that comes at a random moment; gives what the subscriber has in the end. */
async function interleave(
  random: () => number,
  total: number,
): Promise<{ snapshotSeq: number; tail: number[]; previews: number; previewsToldLive: number }> {
  let committed = 0
  let told = 0
  const now: { listener: ((event: Told) => void) | null; readSnapshot: (() => void) | null } = {
    listener: null,
    readSnapshot: null,
  }
  let snapshotSeq = -1
  let previews = 0
  let previewsToldLive = 0
  const tail: number[] = []
  let subscribed = false
  const asynchronous = random() < 0.5

  const subscribe = (): void => {
    subscribed = true
    followRun<{ seq: number }, Told>(
      {
        onEvent(added) {
          now.listener = added
          return () => {
            now.listener = null
          }
        },
        snapshot() {
          if (!asynchronous) return { seq: committed }
          return new Promise((resolve) => {
            now.readSnapshot = () => {
              const seq = committed // the rows as they are at the moment of reading
              now.readSnapshot = null
              resolve({ seq })
            }
          })
        },
      },
      {
        snapshot: (snapshot) => {
          expect(snapshotSeq, 'one snapshot only').toBe(-1)
          snapshotSeq = snapshot.seq
        },
        event: (event) => {
          expect(snapshotSeq, 'the snapshot comes first').toBeGreaterThanOrEqual(0)
          if (event.event === 'preview') previews++
          else tail.push(event.seq)
        },
        error: (error) => expect.fail(error.message),
      },
    )
  }

  while (committed < total || told < committed || !subscribed || now.readSnapshot) {
    const choice = random()
    if (choice < 0.3 && committed < total) committed++
    else if (choice < 0.6 && told < committed) {
      told++
      now.listener?.({ event: 'step', seq: told })
    } else if (choice < 0.65) {
      if (now.listener) previewsToldLive++
      now.listener?.({ event: 'preview', seq: told })
    } else if (choice < 0.75 && !subscribed) subscribe()
    else if (choice < 0.85) now.readSnapshot?.()
    else await Promise.resolve()
  }
  await new Promise((resolve) => setImmediate(resolve))
  return { snapshotSeq, tail, previews, previewsToldLive }
}

describe('snapshot + tail', () => {
  it('neither loses nor doubles an event, whatever the interleaving', async () => {
    for (let seed = 0; seed < 2_000; seed++) {
      const random = seeded(seed)
      const total = Math.floor(random() * 12)
      const { snapshotSeq, tail, previews, previewsToldLive } = await interleave(random, total)
      const expected = Array.from({ length: total - snapshotSeq }, (_, index) => snapshotSeq + 1 + index)
      expect(tail, `seed ${seed}`).toEqual(expected)
      expect(previews, `seed ${seed}`).toBe(previewsToldLive)
    }
  })

  it('ends with the error of a snapshot that cannot be read', async () => {
    let listening = 0
    const message = await new Promise<string>((resolve) => {
      followRun(
        {
          onEvent: () => {
            listening++
            return () => listening--
          },
          snapshot: () => Promise.reject(new Error('no such run')),
        },
        {
          snapshot: () => expect.fail('a snapshot'),
          event: () => expect.fail('an event'),
          error: (error) => resolve(error.message),
        },
      )
    })
    expect(message).toBe('no such run')
    expect(listening).toBe(0)
  })
})
