// Numbers as people read them, and colours that everybody can tell apart.
import { expect, test } from 'vitest'
import { heat, laneColour, laneDash } from '#renderer/lib/charts/colours.ts'
import { duration, errorText, percent, small, words } from '#renderer/lib/text/format.ts'

test('what is not known is a dash, never NaN', () => {
  for (const text of [
    percent(null),
    percent(Number.NaN),
    errorText(null),
    small(null),
    small(Number.POSITIVE_INFINITY),
    duration(null),
    duration(Number.NaN),
  ])
    expect(text).toBe('–')
})

test('numbers', () => {
  expect([
    percent(0.1234),
    percent(1, 0),
    errorText(24.06),
    small(0),
    small(0.0005),
    small(0.25),
    small(12345),
  ]).toEqual(['12.3 %', '100 %', '24.1', '0', '5.0e-4', '0.250', '1.2e+4'])
  expect([duration(900), duration(61_000), duration(3_720_000)]).toEqual(['1 s', '1 min 1 s', '1 h 2 min'])
  expect(words('gaussian_noise 5')).toBe('gaussian noise 5')
})

/** Relative luminance and contrast ratio as WCAG 2.2 defines them. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * ([0.2126, 0.7152, 0.0722][i] as number), 0)
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

test('lanes stand out from the ground by 3:1 in both themes, and differ by dash as well', () => {
  for (let lane = 0; lane < 6; lane++) {
    expect(contrast(laneColour(lane, 'light'), '#ffffff')).toBeGreaterThanOrEqual(3)
    expect(contrast(laneColour(lane, 'dark'), '#1e1e1e')).toBeGreaterThanOrEqual(3)
  }
  expect(new Set([0, 1, 2].map((lane) => laneDash(lane).join())).size).toBe(3)
})

test('the heat scale rises in brightness from end to end', () => {
  const brightness = heat.map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b)
  expect(brightness).toHaveLength(256)
  for (let i = 16; i < 256; i += 16) expect(brightness[i]).toBeGreaterThan(brightness[i - 16] as number)
})
