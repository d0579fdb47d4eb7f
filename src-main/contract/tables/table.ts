// A table of results, and the same as text, CSV, Markdown and LaTeX. Pure; knows nothing of what stands in it.

export interface TableCell {
  readonly text: string
  /** The best of its column (of its row, when transposed). */
  readonly best: boolean
  /** With more digits, for CSV. */
  readonly exact?: string
}

export interface Table {
  readonly title: string
  /** Said below it: protocol, footnotes. */
  readonly notes: readonly string[]
  readonly head: readonly string[]
  readonly rows: readonly { readonly label: string; readonly cells: readonly TableCell[] }[]
  /** Numbers of others, not computed here. */
  readonly foreign: boolean
}

export const tableFormats = ['text', 'csv', 'markdown', 'latex'] as const
export type TableFormat = (typeof tableFormats)[number]

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null)

const fixed = (value: number | null, digits = 1) => (value === null ? '-' : value.toFixed(digits))

/** Marks the smallest (or largest) shown value of a column. */
export function marked(values: readonly (number | null)[], digits: number, best: 'low' | 'high' | null): TableCell[] {
  const shown = values.map((value) => fixed(value, digits))
  const numbers = known(values)
  const aim =
    best === null || numbers.length < 2
      ? null
      : fixed(best === 'low' ? Math.min(...numbers) : Math.max(...numbers), digits)
  return shown.map((text) => ({ text, best: aim !== null && text === aim }))
}

/** Rows from columns of equal length, a label each. */
export function fromColumns(labels: readonly string[], columns: readonly (readonly TableCell[])[]): Table['rows'] {
  return labels.map((label, i) => ({ label, cells: columns.map((column) => column[i] as TableCell) }))
}

/** Methods as columns, domains as rows. */
export function transposed(table: Table): Table {
  const [corner = '', ...columns] = table.head
  return {
    ...table,
    head: [corner, ...table.rows.map(({ label }) => label)],
    rows: columns.map((label, i) => ({ label, cells: table.rows.map(({ cells }) => cells[i] as TableCell) })),
  }
}

/** Ends with a line break. The best of a column is marked in each format in its own way, but not in CSV. */
export function formatTable(table: Table, format: TableFormat): string {
  if (format === 'csv') return csv(table)
  if (format === 'markdown') return markdown(table)
  return format === 'latex' ? latex(table) : text(table)
}

function text({ title, head, rows, notes }: Table): string {
  const lines = [
    head,
    ...rows.map(({ label, cells }) => [label, ...cells.map((cell) => `${cell.text}${cell.best ? '!' : ' '}`)]),
  ]
  const widths = head.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  const shown = lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd(),
  )
  const legend = rows.some(({ cells }) => cells.some((cell) => cell.best)) ? '! = best\n' : ''
  return `${title}\n\n${[shown[0], widths.map((width) => '-'.repeat(width)).join('  '), ...shown.slice(1)].join('\n')}\n\n${legend}${notes.join('\n')}\n`
}

/** Cells that a spreadsheet would take for a formula get an apostrophe; quotes are doubled. */
function csvCell(value: string): string {
  const safe =
    /^[=+@\t\r]/.test(value) || (value.startsWith('-') && !/^-?[\d.]+$/.test(value) && value !== '-')
      ? `'${value}`
      : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function csv({ title, head, rows, notes }: Table): string {
  const lines = [head, ...rows.map(({ label, cells }) => [label, ...cells.map((cell) => cell.exact ?? cell.text)])]
  return `${[...lines.map((line) => line.map(csvCell).join(',')), '', csvCell(title), ...notes.map(csvCell)].join('\n')}\n`
}

function markdown({ title, head, rows, notes }: Table): string {
  const safe = (value: string) => value.replaceAll('|', '\\|').replaceAll('*', '\\*')
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const bodyLines = rows.map(({ label, cells }) =>
    line([safe(label), ...cells.map((cell) => (cell.best ? `**${cell.text}**` : cell.text))]),
  )
  return `**${safe(title)}**\n\n${[line(head.map(safe)), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...bodyLines].join('\n')}\n\n${notes.map(safe).join('  \n')}\n`
}

function latex({ title, head, rows, notes }: Table): string {
  const escapes: Readonly<Record<string, string>> = {
    '\\': '\\textbackslash{}',
    '~': '\\textasciitilde{}',
    '^': '\\textasciicircum{}',
  }
  const safe = (value: string) => value.replace(/[\\~^&%$#_{}]/g, (character) => escapes[character] ?? `\\${character}`)
  const value = ({ text }: TableCell) => text.replace('±', '$\\pm$')
  const line = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`
  return [
    '\\begin{table}',
    `\\caption{${safe(title)}}`,
    `\\begin{tabular}{l${'r'.repeat(head.length - 1)}}`,
    '\\toprule',
    line(head.map(safe)),
    '\\midrule',
    ...rows.map(({ label, cells }) =>
      line([safe(label), ...cells.map((cell) => (cell.best ? `\\textbf{${value(cell)}}` : value(cell)))]),
    ),
    '\\bottomrule',
    '\\end{tabular}',
    ...notes.map((note) => `% ${note.replaceAll('\n', ' ')}`),
    '\\end{table}',
    '',
  ].join('\n')
}
