// The pieces of an SVG file's text: escaping, attributes, lines that fit a width. Pure; knows no chart.

/** For text and attributes. What XML cannot hold is left out. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

export type Attributes = Readonly<Record<string, string | number | undefined>>

const shown = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value)

/** `inner` is markup already. */
export function element(name: string, attributes: Attributes, inner = ''): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${shown(value)}"`],
  )
  return inner === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${inner}</${name}>`
}

export const label = (text: string, attributes: Attributes): string => element('text', attributes, escaped(text))

/** Of a proportional sans-serif; there is nothing here that could measure it. */
export const widthOf = (text: string, size: number): number => 0.56 * size * Array.from(text).length

/** Cut at spaces, and inside of words that are longer than a line. */
export function wrapped(text: string, size: number, width: number): string[] {
  const most = Math.max(8, Math.floor(width / (0.52 * size)))
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).flatMap((one) => one.match(new RegExp(`.{1,${most}}`, 'gsu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** Cut with an ellipsis. */
export function shortened(text: string, size: number, width: number): string {
  const letters = Array.from(text)
  const most = Math.max(2, Math.floor(width / (0.56 * size)))
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`
}
