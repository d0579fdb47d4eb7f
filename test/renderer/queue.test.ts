// The queue as the window has it, over a real client and a host that answers from memory: without a page.
import { beforeEach, expect, test } from 'vitest'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { PalmError } from '#contract/errors.ts'
import { wholeMachine, type UsedSlot } from '#contract/runs/device-slots.ts'
import { emptyQueue, type QueueItem, type QueueState } from '#contract/runs/queue.ts'
import { Problems } from '#renderer/state/app/problems.svelte.ts'
import { setLanguage } from '#renderer/lib/strings/strings.svelte.ts'
import { nameOf, Queue, totalOf } from '#renderer/state/app/queue.svelte.ts'
import { Undo } from '#renderer/state/app/undo.svelte.ts'
import { sampleOptions, tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

const item = (id: number, more: Partial<QueueItem> = {}): QueueItem => ({
  id,
  kind: 'start',
  name: `run ${id}`,
  inputName: 'photos',
  modelName: 'model',
  methods: ['PALM'],
  run: null,
  sweep: null,
  step: null,
  addedAt: 0,
  asks: 'auto',
  estimateMs: { low: 1000, high: 2000 },
  held: false,
  problem: null,
  ...more,
})

let calls: (readonly [string, unknown])[]
let tell: (state: QueueState) => void
let undo: Undo
let problems: Problems
let queue: Queue
let refuses = false

beforeEach(async () => {
  calls = []
  refuses = false
  const [near, far] = portPair()
  const noted =
    <T>(name: string, answer: T) =>
    (request: unknown): T => {
      if (refuses) throw new PalmError('bad-request', 'It has begun.')
      calls.push([name, request])
      return answer
    }
  serve(
    far,
    tableOfHandlers({
      'queue.add': noted('add', { id: 9 }),
      'queue.move': noted('move', {}),
      'queue.hold': noted('hold', {}),
      'queue.remove': noted('remove', {}),
      'queue.restore': noted('restore', {}),
      'queue.pause': noted('pause', {}),
      'queue.instead': noted('instead', { run: 4 }),
    }),
    tableOfSubscribers({
      queue: (_request, sink) => {
        sink.snapshot(emptyQueue)
        tell = (state) => sink.event(state)
        return () => undefined
      },
    }),
  )
  const client: PalmClient = createClient(near)
  undo = new Undo()
  problems = new Problems()
  queue = new Queue({ caller: client, runs: { underWay: [] }, problems, undo })
  queue.follow(client)
  await expect.poll(() => tell).toBeDefined()
})
const state = async (more: Partial<QueueState>) => {
  tell({ ...emptyQueue, ...more })
  await expect.poll(() => queue.state).toMatchObject(more)
}

test('what is lined up is told with the way back, and where it stands', async () => {
  await state({ items: [item(1), item(2)], slots: [{ ...wholeMachine, use: { kind: 'run', run: 3 } }] })
  expect(queue.waiting()).toEqual({ when: 'Start when run 3 ends', instead: 'Stop run 3 and start' })
  await queue.lineUp({ kind: 'start', options: sampleOptions }, 'mine', { low: 1, high: 2 })
  expect(calls[0]).toMatchObject(['add', { work: { kind: 'start' }, estimateMs: { low: 1, high: 2 }, first: false }])
  expect(undo.done).toBe('“mine” is lined up, at place 3.')
  setLanguage('de')
  expect(undo.done).toContain('„mine“') // in the language that is set now
  setLanguage('en')
  await undo.undo()
  expect(calls[1]).toEqual(['remove', { id: 9 }])
  await state({ paused: 'user' })
  await queue.lineUp({ kind: 'resume', run: 1 }, 'old')
  expect(undo.done).toContain('The queue is paused')
  expect(await queue.instead({ kind: 'start', options: sampleOptions })).toBe(4)
})

test('a move is seen at once, stops at the ends, and is read out; a removal can be taken back', async () => {
  await state({ items: [item(1), item(2), item(3)] })
  const [first, , last] = queue.items
  await queue.move(last as QueueItem, -1)
  expect(queue.items.map(({ id }) => id)).toEqual([1, 3, 2])
  expect([calls.at(-1), queue.said]).toEqual([['move', { id: 3, to: 1 }], 'run 3: now place 2 of 3.'])
  await queue.move(first as QueueItem, -1)
  expect(calls).toHaveLength(1)
  await queue.remove(first as QueueItem)
  expect(undo.done).toBe('“run 1” was removed from the queue.')
  await undo.undo()
  expect(calls.slice(-2)).toEqual([
    ['remove', { id: 1 }],
    ['restore', { id: 1 }],
  ])
  refuses = true
  await queue.hold(first as QueueItem, true)
  expect(problems.current?.message).toBe('It has begun.')
})

test('time of all counts what will be computed, with what is under way', () => {
  const problem = { code: 'input-unreadable', message: 'gone' } as const
  const items = [item(1), item(2, { held: true }), item(3, { problem }), item(4, { estimateMs: null }), item(5)]
  const slots = [{ ...wholeMachine, use: { kind: 'run', run: 9 } as const }]
  expect(totalOf({ items, slots }, () => 500)).toEqual({ low: 2500, high: 4500, unknown: 1 })
  expect(totalOf({ items: [], slots: [] }, () => null)).toEqual({ low: 0, high: 0, unknown: 0 })
})

test('knows what is lined up already, and what waits in words', async () => {
  await state({ items: [item(1, { kind: 'resume', run: 7 }), item(2, { kind: 'sweep', sweep: 3 })] })
  expect([queue.holds(7), queue.holds(8), queue.holdsSweep(3), queue.waiting()]).toEqual([true, false, true, null])
  await state({ slots: [{ ...wholeMachine, use: { kind: 'sweep', sweep: 3 } }] })
  expect(queue.waiting()?.when).toBe('Start when the sweep ends')
  await state({ slots: [{ ...wholeMachine, use: { kind: 'elsewhere', run: 5 } }] })
  expect(queue.waiting()?.instead).toBe('Start at once all the same')
  expect(nameOf(item(1, { name: '', inputName: '', run: 7, kind: 'resume' }))).toBe('Run 7')
})

test('with several devices a run waits only for the one that it asks for, and all of it takes as long as the longest', async () => {
  const slot = (id: string, kind: 'cpu' | 'cuda', name: string, use: UsedSlot['use']): UsedSlot => ({
    id,
    kind,
    name,
    card: null,
    use,
  })
  const slots = [
    slot('cuda:0', 'cuda', 'H200', { kind: 'run', run: 3 }),
    slot('cuda:1', 'cuda', 'H100', { kind: 'sweep', sweep: 7 }),
    slot('cpu', 'cpu', 'Xeon', null),
  ]
  await state({ slots, asks: 'auto' })
  expect([queue.waiting()?.when, queue.waiting('cpu'), queue.busyFor('cuda')]).toEqual([
    'Start when run 3 ends',
    null,
    true,
  ])
  expect(queue.waiting('cpu', 'sweep')?.when).toBe('Start when the sweep ends') // sweeps take turns
  expect([queue.deviceOf(3), queue.deviceOf(8)]).toEqual(['CUDA H200', ''])
  const items = [item(1), item(2), item(3, { asks: 'cpu', estimateMs: { low: 300, high: 400 } })]
  const left = (use: NonNullable<UsedSlot['use']>) => (use.kind === 'run' ? 1500 : null)
  // The first goes where the sweep is, whose end nobody knows; the second after the run, which ends before that.
  expect(totalOf({ items, slots }, left)).toEqual({ low: 2500, high: 3500, unknown: 0 })
})
