// When a lane counts as collapsed, and that the watch goes on from its state.
import { describe, expect, test } from 'vitest'
import { CollapseWatch, effectiveClasses } from '#session/measures/collapse-watch.ts'
import { ImageWindow } from '#session/lanes.ts'
import type { StreamBatch } from '#stream/stream.ts'

const mixed = (n: number, classes: number, from = 0) => Int32Array.from({ length: n }, (_, i) => (i + from) % classes)
const one = (n: number, label = 3) => new Int32Array(n).fill(label)

test('effective classes: all equal count in full, one alone counts one', () => {
  expect(effectiveClasses([5, 5, 5, 5])).toBeCloseTo(4)
  expect(effectiveClasses([9, 0, 0])).toBe(1)
  expect(effectiveClasses([])).toBe(0)
})

describe('the watch', () => {
  test('marks the step at which hardly any classes are left, once', () => {
    const watch = new CollapseWatch(10, 100)
    for (let i = 0; i < 5; i++) expect(watch.see(mixed(50, 10), true)).toBeNull()
    expect(watch.see(one(50), true)).toBeNull() // half of the window is still well
    expect(watch.see(one(50), true)).toBe('few-classes')
    expect(watch.healthy).toBe(false)
    expect(watch.see(one(50), true)).toBeNull()
  })

  test('a lane that recovers is well again, and may collapse again', () => {
    const watch = new CollapseWatch(10, 100)
    for (let i = 0; i < 5; i++) watch.see(mixed(50, 10), true)
    for (let i = 0; i < 2; i++) watch.see(one(50), true)
    for (let i = 0; i < 2; i++) watch.see(mixed(50, 10), true)
    expect(watch.healthy).toBe(true)
    watch.see(one(50), true)
    expect(watch.see(one(50), true)).toBe('few-classes')
  })

  test('numbers that are none count at once', () => {
    const watch = new CollapseWatch(10, 100)
    expect(watch.see(mixed(50, 10), false)).toBe('not-finite')
  })

  test('fewer classes than all of them are nothing odd, nor is a model that never predicted more', () => {
    const watch = new CollapseWatch(10, 100)
    for (let i = 0; i < 5; i++) watch.see(mixed(50, 10), true)
    for (let i = 0; i < 5; i++) expect(watch.see(mixed(50, 5), true)).toBeNull()
    const narrow = new CollapseWatch(10, 100)
    for (let i = 0; i < 5; i++) narrow.see(mixed(50, 2), true)
    for (let i = 0; i < 5; i++) expect(narrow.see(mixed(50, 2, i), true)).toBeNull()
  })

  test('a lane that predicts one class from the very beginning is found too', () => {
    const watch = new CollapseWatch(10, 100)
    expect(watch.see(one(50), true)).toBeNull()
    expect(watch.see(one(50), true)).toBe('few-classes')
    watch.restart()
    expect(watch.healthy).toBe(true)
  })

  test('goes on from its state as if it had never stopped', () => {
    const whole = new CollapseWatch(10, 100)
    const first = new CollapseWatch(10, 100)
    for (const watch of [whole, first]) for (let i = 0; i < 4; i++) watch.see(mixed(50, 10, i), true)
    const second = new CollapseWatch(10, 100)
    second.restore(JSON.parse(JSON.stringify(first.state())))
    for (let i = 0; i < 4; i++) expect(second.see(one(40), true)).toBe(whole.see(one(40), true))
    expect(second.state()).toEqual(whole.state())
    expect(() => second.restore({ history: 'x' })).toThrow(/history/)
  })
})

test('a window holds the last images, the newest batch at its end', () => {
  const batch = (value: number, n: number) =>
    ({
      ids: Array.from({ length: n }, String),
      height: 1,
      width: 1,
      pixels: new Uint8Array(3 * n).fill(value),
    }) as unknown as StreamBatch
  const window = new ImageWindow(3)
  expect([...window.push(batch(1, 1)).pixels]).toEqual([1, 1, 1])
  expect(window.push(batch(2, 1)).images).toBe(2)
  window.push(batch(3, 1))
  expect([...window.push(batch(4, 1)).pixels]).toEqual([2, 2, 2, 3, 3, 3, 4, 4, 4])
  expect(window.push(batch(5, 5)).images).toBe(5) // a batch is never cut
  window.clear()
  expect(window.push(batch(6, 1)).images).toBe(1)
})
