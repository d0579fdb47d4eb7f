// The list of runs: many changes at once become one.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RunSummary } from '#contract/tables/report.ts'
import { RunList } from '#renderer/state/app/run-list.svelte.ts'
import { emptySnapshot } from '#test/app/rpc/tables.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const run = (id: number, some: Partial<RunSummary> = {}): RunSummary => ({
  ...emptySnapshot(0).run,
  id,
  status: 'done',
  ...some,
})

test('a change replaces its run, a new run comes first, and the one under way is known', () => {
  const list = new RunList()
  expect([list.listed, list.underWay]).toEqual([false, []])
  list.replace([run(2), run(1, { archived: true })])
  list.update(run(2, { name: 'renamed' }))
  list.update(run(3, { status: 'running' }))
  expect(list.all.length).toBe(2)
  vi.advanceTimersByTime(20)
  expect(list.all.map(({ id, name }) => [id, name])).toEqual([
    [3, 'test'],
    [2, 'renamed'],
    [1, 'test'],
  ])
  expect([list.kept.map(({ id }) => id), list.underWay.map(({ id }) => id)]).toEqual([[3, 2], [3]])
})

test('while hundreds are still coming the list waits, and changes once', () => {
  const list = new RunList()
  list.replace(Array.from({ length: 300 }, (_, i) => run(300 - i)))
  const lists = new Set([list.all])
  for (let ms = 0; ms < 400; ms++) {
    if (ms < 300) list.update(run(ms + 1, { tags: ['night'] }))
    vi.advanceTimersByTime(1)
    lists.add(list.all)
  }
  vi.advanceTimersByTime(200)
  lists.add(list.all)
  expect(list.all.every(({ tags }) => tags[0] === 'night')).toBe(true)
  expect(lists.size).toBeLessThan(20)
})
