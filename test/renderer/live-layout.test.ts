// How the live screen is divided: dragged within bounds, remembered for wide and for narrow windows apart, put back; one panel alone.
import { expect, test } from 'vitest'
import type { Layouts } from '#contract/app/layout.ts'
import { settingsSchema } from '#contract/app/settings.ts'
import { leastShare, LiveLayout } from '#renderer/state/live/live-layout.svelte.ts'

function make(first?: Layouts) {
  let kept = first
  const writes: Layouts[] = []
  const layout = new LiveLayout({
    read: () => kept,
    write: (layouts) => {
      kept = layouts
      writes.push(layouts)
    },
  })
  return { layout, writes }
}

test('what is dragged is seen at once, remembered when it is let go, and never so far that a panel is gone', () => {
  const { layout, writes } = make()
  const { columns, left } = layout.shares
  expect(layout.changed).toBe(false)
  expect(left).toBeLessThan(0.5) // the layer map has more than the curves above it
  layout.drag('columns', 0.44449)
  expect(layout.shares).toMatchObject({ columns: 0.444, left })
  expect(writes).toEqual([])
  layout.keep()
  expect(writes).toHaveLength(1)
  layout.keep()
  expect(writes).toHaveLength(1)
  layout.drag('left', -3)
  expect(layout.shares.left).toBe(leastShare)
  layout.drag('right', 7)
  layout.keep()
  expect(layout.shares).toEqual({ columns: 0.444, left: leastShare, right: 1 - leastShare })
  expect(settingsSchema.parse({ layouts: writes.at(-1) }).layouts).toEqual(writes.at(-1))
  layout.resetPart('columns')
  expect(layout.shares).toEqual({ columns, left: leastShare, right: 1 - leastShare })
  layout.reset()
  expect([layout.changed, layout.shares.left]).toEqual([false, left])
})

test('a narrow window has a layout of its own', () => {
  const { layout, writes } = make({ wide: { columns: 0.7, left: 0.3, right: 0.4 } })
  expect(layout.shares.columns).toBe(0.7)
  layout.narrow = true
  expect(layout.changed).toBe(false)
  layout.drag('left', 0.6)
  layout.keep()
  layout.narrow = false
  expect(layout.shares).toEqual({ columns: 0.7, left: 0.3, right: 0.4 })
  layout.reset()
  expect(Object.keys(writes.at(-1) ?? {})).toEqual(['narrow'])
})

test('a panel has all of the room until it is asked back', () => {
  const { layout } = make()
  layout.focus('layers')
  expect(layout.focused).toBe('layers')
  layout.focus('batch')
  expect(layout.focused).toBe('batch')
  layout.focus('batch')
  expect(layout.focused).toBeNull()
})

test('panels change places: with the neighbour in a direction, or with any; remembered with the shares, and put back', () => {
  const { layout, writes } = make({ wide: { columns: 0.7, left: 0.3, right: 0.4 } })
  expect(layout.panels).toEqual(['accuracy', 'layers', 'domains', 'batch'])
  expect(layout.move('accuracy', 'up')).toBe(false)
  expect(layout.move('accuracy', 'left')).toBe(false)
  expect([writes, layout.exchanged]).toEqual([[], null])
  expect(layout.move('accuracy', 'down')).toBe(true)
  expect(layout.panels).toEqual(['layers', 'accuracy', 'domains', 'batch'])
  expect(layout.move('accuracy', 'right')).toBe(true)
  expect(layout.move('accuracy', 'up')).toBe(true)
  expect(layout.move('accuracy', 'left')).toBe(true)
  expect(layout.panels).toEqual(['accuracy', 'batch', 'layers', 'domains']) // all the way round
  layout.exchange('domains', 'batch')
  expect(layout.panels).toEqual(['accuracy', 'domains', 'layers', 'batch'])
  expect(layout.exchanged).toEqual(['domains', 'batch'])
  expect(writes.at(-1)?.wide).toEqual({ columns: 0.7, left: 0.3, right: 0.4, panels: layout.panels })
  expect(settingsSchema.parse({ layouts: writes.at(-1) }).layouts).toEqual(writes.at(-1))
  layout.drag('left', 0.5)
  layout.keep()
  expect(layout.panels[1]).toBe('domains') // who resizes moves nothing
  layout.narrow = true
  expect(layout.panels[1]).toBe('layers')
  layout.narrow = false
  layout.reset()
  expect(layout.panels).toEqual(['accuracy', 'layers', 'domains', 'batch'])
})

test('what is carried changes places only where it is let go over another panel', () => {
  const { layout, writes } = make()
  layout.carry('layers', 'layers')
  expect([layout.carried, layout.target]).toEqual(['layers', null])
  layout.drop()
  layout.carry('layers', null)
  layout.drop()
  layout.carry('layers', 'batch')
  expect(layout.target).toBe('batch')
  layout.letGo()
  layout.drop()
  expect([writes, layout.carried, layout.target]).toEqual([[], null, null])
  layout.carry('layers', 'batch')
  layout.drop()
  expect(layout.panels).toEqual(['accuracy', 'batch', 'domains', 'layers'])
  expect(layout.carried).toBeNull()
})

test('a layout that cannot be is refused', () => {
  const shares = { columns: 0.5, left: 0.5, right: 0.5 }
  for (const layouts of [
    { wide: { columns: 1.2, left: 0.5, right: 0.5 } },
    { wide: { columns: 0.5 } },
    { tall: {} },
    { wide: { ...shares, panels: ['accuracy', 'layers', 'domains'] } },
    { wide: { ...shares, panels: ['accuracy', 'layers', 'domains', 'layers'] } },
    { wide: { ...shares, panels: ['accuracy', 'layers', 'domains', 'camera'] } },
  ])
    expect(settingsSchema.safeParse({ layouts }).success).toBe(false)
})
