// Quitting in the middle of a run, without Electron: what is asked, and what becomes of the run and the windows.
import { expect, test } from 'vitest'
import { Quitting, type QuitChoice } from '#app/hosts/quitting.ts'

const made = (choice: QuitChoice, isBusy = true) => {
  const did: string[] = []
  const world = { busy: isBusy, windows: 1 }
  const quitting: Quitting = new Quitting({
    isBusy: () => world.busy,
    ask: async () => {
      did.push('asked')
      return choice
    },
    closeWindows: () => {
      world.windows = 0
      did.push('windows closed')
      quitting.allClosed('linux')
    },
    hasWindow: () => world.windows > 0,
    openWindow: () => {
      world.windows += 1
      did.push('window opened')
    },
    closeApp: async () => void did.push('app closed'),
    quit: () => did.push(quitting.wanted() ? 'quit' : 'held'),
    tellOver: () => did.push('told'),
  })
  return { did, world, quitting }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('with nothing under way it closes and quits without a question', async () => {
  const { did, quitting } = made('cancel', false)
  expect(quitting.wanted()).toBe(false)
  await settled()
  expect(did).toEqual(['app closed', 'quit'])
})

test('stop: the run is stopped by closing, then it quits', async () => {
  const { did, quitting } = made('stop')
  quitting.wanted()
  expect(quitting.wanted()).toBe(false) // a second try does not ask twice
  await settled()
  expect(did).toEqual(['asked', 'app closed', 'quit'])
})

test('cancel: all stays, and a window that was the last one comes back', async () => {
  const { did, world, quitting } = made('cancel')
  quitting.wanted()
  await settled()
  world.windows = 0
  quitting.allClosed('linux')
  await settled()
  expect(did).toEqual(['asked', 'asked', 'window opened'])
})

test('in the background: windows go, the run goes on, its end is told and then it quits', async () => {
  const { did, world, quitting } = made('background')
  quitting.wanted()
  await settled()
  quitting.runChanged()
  expect(did).toEqual(['asked', 'windows closed'])
  world.busy = false
  quitting.runChanged()
  await settled()
  expect(did).toEqual(['asked', 'windows closed', 'told', 'app closed', 'quit'])
})

test('who comes back meanwhile gets a window, and the end of the run does not quit any more', async () => {
  const { did, world, quitting } = made('background')
  quitting.wanted()
  await settled()
  quitting.opened()
  world.busy = false
  quitting.runChanged()
  await settled()
  expect(did).toEqual(['asked', 'windows closed', 'window opened'])
})

test('on macOS the last window is not the end', () => {
  const { did, quitting } = made('stop', false)
  quitting.allClosed('darwin')
  expect(did).toEqual([])
})
