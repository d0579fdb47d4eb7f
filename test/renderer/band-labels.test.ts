// The names of domains beside a chart: always level, none over another, all of them where they have room.
import { describe, expect, test } from 'vitest'
import { bandLabels, fitted, shortBandNames } from '#renderer/lib/charts/band-labels.ts'

const width = (text: string) => 5.5 * text.length
const bandsOf = (count: number, each: number, name: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => ({ name: name(i), left: i * each, right: (i + 1) * each }))
const paper = [
  'gaussian noise',
  'shot noise',
  'impulse noise',
  'defocus blur',
  'glass blur',
  'motion blur',
  'zoom blur',
  'snow',
  'frost',
  'fog',
  'brightness',
  'contrast',
  'elastic transform',
  'pixelate',
  'jpeg compression',
]

function overlaps(labels: ReturnType<typeof bandLabels>['labels']): string[] {
  return labels.flatMap((a, i) =>
    labels
      .slice(i + 1)
      .filter((b) => b.line === a.line && a.x < b.x + width(b.text) && b.x < a.x + width(a.text))
      .map((b) => `${a.text} over ${b.text}`),
  )
}

describe('names of bands', () => {
  test('the paper’s fifteen domains have their whole names in two lines at the width of the live screen', () => {
    const { lines, labels } = bandLabels(
      bandsOf(15, 51, (i) => `${paper[i]} 5`),
      { from: 0, to: 765 },
      2,
      width,
    )
    expect(lines).toBe(2)
    expect(labels.map(({ text }) => text).slice(0, 14)).toEqual(paper.slice(0, 14))
    expect(overlaps(labels)).toEqual([])
    expect(labels.every(({ x, text }) => x + width(text) <= 765)).toBe(true)
  })

  test('one line where one holds them, and none over another however many there are and however they are seen', () => {
    expect(
      bandLabels(
        bandsOf(3, 200, (i) => paper[i] ?? ''),
        { from: 0, to: 600 },
        2,
        width,
      ).lines,
    ).toBe(1)
    for (const count of [1, 2, 7, 15, 40, 150, 3000])
      for (const [from, to] of [
        [0, 700],
        [33, 420],
        [100, 140],
      ] as const)
        for (const most of [1, 2]) {
          const { labels, lines } = bandLabels(
            bandsOf(count, 700 / count, (i) => `${paper[i % 15]} ${1 + (i % 5)}`),
            { from, to },
            most,
            width,
          )
          expect(lines).toBeLessThanOrEqual(most)
          expect(overlaps(labels)).toEqual([])
          expect(labels.every(({ x, text }) => x >= from && x + width(text) <= to + 0.01)).toBe(true)
        }
  })

  test('the severity stands there only where it says something', () => {
    expect(shortBandNames(['fog 5', 'snow 5'])).toEqual(['fog', 'snow'])
    expect(shortBandNames(['fog 5', 'fog 4'])).toEqual(['fog 5', 'fog 4'])
    expect(shortBandNames(['fog 5'])).toEqual(['fog 5'])
    expect(shortBandNames(['monday', 'snow 5'])).toEqual(['monday', 'snow 5'])
  })

  test('a text is cut to its room, and left out where that would say nothing', () => {
    expect(fitted('elastic', 60, width)).toBe('elastic')
    expect(fitted('elastic', 34, width)).toBe('elast…')
    expect(fitted('elastic', 12, width)).toBe('')
  })
})
