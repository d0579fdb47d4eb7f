// A table as SVG.
import type { TablePicture } from '#renderer/lib/charts/picture.ts'
import { inks, type Body, type Theme } from './body.ts'
import { element, label, widthOf } from './svg-text.ts'

/** The best is bold and has a sign, as on the screen. */
export function tableBody({ table: { head, rows } }: TablePicture, theme: Theme): Body {
  const ink = inks[theme]
  const size = 12
  const rowHeight = 20
  const shown = rows.map(({ label: name, cells }) => [
    name,
    ...cells.map(({ text, best }) => (best ? `${text} •` : text)),
  ])
  const widths = head.map(
    (name, i) => Math.max(widthOf(name, size), ...shown.map((row) => 1.06 * widthOf(row[i] ?? '', size))) + 16,
  )
  const rights = widths.map((_, i) => widths.slice(0, i + 1).reduce((sum, one) => sum + one, 0))
  const place = (i: number) => (i === 0 ? { x: 0 } : { x: (rights[i] as number) - 8, 'text-anchor': 'end' })
  const width = rights.at(-1) ?? 0
  const parts = head.map((name, i) =>
    label(name, { ...place(i), y: 14, 'font-size': size, 'font-weight': 600, fill: ink.soft }),
  )
  for (const [i, row] of shown.entries()) {
    const y = (i + 1) * rowHeight
    parts.push(element('line', { x1: 0, x2: width, y1: y, y2: y, stroke: ink.line }))
    for (const [j, text] of row.entries())
      parts.push(
        label(text, {
          ...place(j),
          y: y + 14,
          'font-size': size,
          'font-weight': j > 0 && rows[i]?.cells[j - 1]?.best ? 700 : undefined,
          fill: ink.ink,
        }),
      )
  }
  const height = (shown.length + 1) * rowHeight
  parts.push(element('line', { x1: 0, x2: width, y1: height, y2: height, stroke: ink.line }))
  return { width, height: height + 2, markup: parts.join('\n') }
}
