// A picture as the text of an SVG file: title, legend, axes with units, the chart, and a line on what it is of. Pure: text in, text out, the same on every
// machine. Light whatever the screen's theme, unless asked otherwise: pictures go into papers.
import { laneColour, laneDash, laneWidth } from '#renderer/lib/charts/colours.ts'
import type { Picture } from '#renderer/lib/charts/picture.ts'
import { barsBody } from './bars.ts'
import { inks, type Body, type Theme } from './body.ts'
import { linesBody } from './lines.ts'
import { matrixBody } from './matrix.ts'
import { element, escaped, label, shortened, widthOf, wrapped } from './svg-text.ts'
import { tableBody } from './table.ts'

export type { Theme }

interface Entry {
  readonly label: string
  readonly index: number
}

const pad = 16
const titleSize = 16
const aboutSize = 11

export function svgChart(
  picture: Picture,
  theme: Theme = 'light',
): { readonly text: string; readonly width: number; readonly height: number } {
  const ink = inks[theme]
  const body = bodyOf(picture, theme)
  const width = Math.ceil(Math.max(480, body.width + 2 * pad))
  const inner = width - 2 * pad
  const title = wrapped(picture.title, titleSize, inner)
  const entries: readonly Entry[] =
    picture.kind === 'lines'
      ? picture.lines.filter(({ faint }) => !faint)
      : picture.kind === 'bars'
        ? picture.series.map((one, index) => ({ label: one, index }))
        : []
  const legend = legendOf(entries, inner, theme, picture.kind === 'bars')
  const about = picture.about.flatMap((line) => wrapped(line, aboutSize, inner))
  const titleBottom = pad + title.length * 20
  const bodyTop = titleBottom + legend.height + 8
  const aboutTop = bodyTop + body.height + 10
  const height = Math.ceil(aboutTop + about.length * 15 + pad)
  const markup = [
    element('rect', { width, height, fill: ink.ground }),
    ...title.map((line, i) =>
      label(line, { x: pad, y: pad + 13 + i * 20, 'font-size': titleSize, 'font-weight': 600, fill: ink.ink }),
    ),
    element('g', { transform: `translate(${pad} ${titleBottom})` }, legend.markup || ' '),
    element('g', { transform: `translate(${pad} ${bodyTop})` }, body.markup || ' '),
    ...about.map((line, i) =>
      label(line, { x: pad, y: aboutTop + 11 + i * 15, 'font-size': aboutSize, fill: ink.soft }),
    ),
  ].join('\n')
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" role="img">\n<title>${escaped(picture.title)}</title>\n${markup}\n</svg>\n`
  return { text, width, height }
}

function bodyOf(picture: Picture, theme: Theme): Body {
  if (picture.kind === 'lines') return linesBody(picture, theme)
  if (picture.kind === 'matrix') return matrixBody(picture, theme)
  return picture.kind === 'bars' ? barsBody(picture, theme) : tableBody(picture, theme)
}

function legendOf(
  entries: readonly Entry[],
  width: number,
  theme: Theme,
  blocks: boolean,
): { readonly markup: string; readonly height: number } {
  let x = 0
  let row = 0
  const markup = entries.map((entry) => {
    const text = shortened(entry.label, 12, width - 40)
    const own = 34 + widthOf(text, 12) + 16
    if (x > 0 && x + own > width) {
      x = 0
      row += 1
    }
    const colour = laneColour(entry.index, theme)
    const y = 12 + row * 18
    const sign = blocks
      ? element('rect', { x, y: y - 5, width: 26, height: 9, fill: colour })
      : element('line', {
          x1: x,
          x2: x + 26,
          y1: y,
          y2: y,
          stroke: colour,
          'stroke-width': laneWidth(entry.index) + 0.6,
          'stroke-dasharray': laneDash(entry.index).join(' ') || undefined,
        })
    const piece = sign + label(text, { x: x + 32, y: y + 4, 'font-size': 12, fill: inks[theme].ink })
    x += own
    return piece
  })
  return { markup: markup.join('\n'), height: entries.length === 0 ? 4 : 22 + row * 18 }
}
