// Where the names of domains stand: level, beside the picture and never across it, in as few lines one below the other as hold all of them. Pure: pixels and texts.

export interface Band {
  readonly name: string
  readonly left: number
  readonly right: number
}

export interface BandLabel {
  readonly text: string
  readonly x: number
  /** The band's own edge, which may lie outside of the picture. */
  readonly band: number
  readonly line: number
}

export interface BandLabels {
  readonly lines: number
  readonly labels: readonly BandLabel[]
}

/** Left of a name, and right of it before the next. */
const margin = 3
const gap = 5
/** Less than this holds no name that says anything. */
const leastRoom = 38
/** Every so many bands have a name where not all can. */
const strides = [1, 2, 3, 4, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000]

/** The severity, where all have the same: it says nothing there, and the readout has it. */
export function shortBandNames(names: readonly string[]): string[] {
  const ends = new Set(names.map((name) => / (\d)$/.exec(name)?.[1] ?? ''))
  return names.length > 1 && ends.size === 1 && !ends.has('') ? names.map((name) => name.slice(0, -2)) : [...names]
}

/** The text, or as much of it as has room; '' where that would say nothing. */
export function fitted(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text
  let length = Math.floor((text.length * room) / Math.max(1, width(text)))
  while (length > 2 && width(`${text.slice(0, length)}…`) > room) length -= 1
  return length > 2 ? `${text.slice(0, length).trimEnd()}…` : ''
}

/**
 * @param bands from left to right; what lies outside of [from, to] is left out
 * @param most lines that there may be
 * @param width of a text
 */
export function bandLabels(
  bands: readonly Band[],
  { from, to }: { readonly from: number; readonly to: number },
  most: number,
  width: (text: string) => number,
): BandLabels {
  const names = shortBandNames(bands.map(({ name }) => name))
  const seen = bands
    .map((band, i) => ({ ...band, name: names[i] ?? band.name, index: i }))
    .filter(({ left, right }) => right > from && left < to)
  for (const stride of strides) {
    const named = seen.filter(({ index }) => index % stride === 0)
    const place = (lines: number) =>
      named.map((band, i) => {
        const x = Math.max(from, band.left) + margin
        const next = named[i + lines]
        return { band, x, line: i % lines, room: (next ? Math.max(from, next.left) - gap : to) - x }
      })
    for (let lines = 1; lines <= most; lines++) {
      const places = place(lines)
      const holds = places.every(({ band, room }) => width(band.name) <= room)
      // The last one may be cut off by the end of the picture, whatever the stride.
      const cut = lines === most && places.slice(0, -most).every(({ room }) => room >= leastRoom)
      if (!holds && !cut) continue
      const labels = places.flatMap(({ band, x, line, room }) => {
        const text = fitted(band.name, room, width)
        return text === '' ? [] : [{ text, x, band: band.left, line }]
      })
      return { lines, labels }
    }
  }
  return { lines: 1, labels: [] }
}
