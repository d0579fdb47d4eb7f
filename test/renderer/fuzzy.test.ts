import { describe, expect, test } from 'vitest'
import { match, rank } from '#renderer/lib/text/fuzzy.ts'

const choices = [
  'Pause or continue the run',
  'Stop the run',
  'New run',
  'Go to: live run',
  'Go to: history',
  'Go to: sweeps',
  'Settings',
  'Settings: Data folder',
  'About PALM Studio',
  'Theme: Dark',
  'Open run 12: Roof camera',
  'Open run 112: Night bus',
  'Open run 2: Über den Dächern',
].map((title) => ({ id: title, title }))
const best = (query: string, recent: string[] = []) => rank(query, choices, recent, 5).map(({ choice }) => choice.title)

describe('finding by a few letters', () => {
  test.each([
    ['set', 'Settings'],
    ['data', 'Settings: Data folder'],
    ['sdf', 'Settings: Data folder'],
    ['hist', 'Go to: history'],
    ['dark', 'Theme: Dark'],
    ['nr', 'New run'],
    ['run 12', 'Open run 12: Roof camera'],
    ['112', 'Open run 112: Night bus'],
    ['roof', 'Open run 12: Roof camera'],
    ['uber dach', 'Open run 2: Über den Dächern'],
    ['ÜBER', 'Open run 2: Über den Dächern'],
    ['palm about', 'About PALM Studio'],
  ])('“%s” means “%s”', (query, title) => expect(best(query)[0]).toBe(title))

  test('what lacks a letter, or has them in another order, does not fit', () => {
    expect(match('xyz', 'Settings')).toBeNull()
    expect(match('gnittes', 'Settings')).toBeNull()
    expect(best('zzz')).toEqual([])
  })

  test('the places of the letters are told, the best ones', () => {
    expect(match('dat', 'Add a data folder')?.at).toEqual([6, 7, 8])
    expect(match('', 'x')).toEqual({ score: -0.01, at: [] })
  })
})

describe('the order', () => {
  test('without letters: lately chosen first, newest first, then the table’s own order; no more than asked for', () => {
    expect(best('', ['Theme: Dark', 'New run'])).toEqual([
      'Theme: Dark',
      'New run',
      'Pause or continue the run',
      'Stop the run',
      'Go to: live run',
    ])
  })

  test('lately chosen wins among what fits alike', () => {
    expect(best('go')[0]).toBe('Go to: sweeps') // the shortest
    expect(best('go', ['Go to: live run'])[0]).toBe('Go to: live run')
  })

  test('but does not bring what does not fit', () => expect(best('dark', ['New run'])).toEqual(['Theme: Dark']))

  test('ten thousand runs are ranked while somebody types', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      id: `run ${i}`,
      title: `Open run ${i}: Roof camera, night ${i}`,
    }))
    rank('n', many, [], 50) // the letter before
    const began = process.cpuUsage() // not the clock: other tests share the cores
    expect(rank('night', many, [], 50)).toHaveLength(50) // every one of them fits
    const ms = process.cpuUsage(began).user / 1000
    expect(rank('night 4321', many, [], 50)[0]?.choice.title).toContain('4321')
    console.log(`ranking 10,000 runs: ${ms.toFixed(0)} ms of processor`)
    expect(ms).toBeLessThan(500)
  })
})
