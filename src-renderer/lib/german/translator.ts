// The program says what it says in English, also in what it stores; the page shows it in German by these tables: a template with holes, and its German.
// `{0}` holds what the program was given (a path, a name, a number) and stays as it is, but for a number's comma; `{0~}` holds words of the program, which are
// said in German as well; `{0!}` is left alone altogether. Nothing is guessed: a sentence without a row stays English, and whoever shows it can tell.

export type Rows = Readonly<Record<string, string>>

interface Template {
  /** What stands between the holes. */
  readonly parts: readonly string[]
  /** Hole numbers in their order. */
  readonly holes: readonly number[]
  readonly german: string
  readonly letters: number
}

export interface Translator {
  /** A sentence, several, or a part that begins with words of its own; null where no row says it. */
  whole(english: string): string | null
  /** Words in a table or list, of which some may be names: what has a row is said, the rest stays. */
  worded(english: string): string
}

const mostKept = 2000
const sentenceEnd = /[.!?…]$/

/** `predicates`: ends of sentences whose subject is a name (`has 3 groups`), with and without it. */
export function translator(tables: readonly Rows[], predicates: Rows): Translator {
  const exact = new Map<string, string>()
  /** Single ones, which may as well be somebody's name for something: said only where words are known to stand. */
  const words = new Map<string, string>()
  /** What cannot be mistaken, and parts that begin with a hole (`{0} more`): they are tried only where words are known to stand. */
  const firm: Template[] = []
  const loose: Template[] = []
  const add = (english: string, german: string) => {
    const { parts, holes } = cut(english)
    if (holes.length === 0) return (english.includes(' ') ? exact : words).set(english, german)
    const list = parts[0] !== '' || sentenceEnd.test(english) ? firm : loose
    return list.push({ parts, holes, german, letters: parts.join('').length })
  }
  for (const rows of [...tables, predicates]) for (const [english, german] of Object.entries(rows)) add(english, german)
  for (const [english, german] of Object.entries(predicates)) add(`{99} ${english}`, `{99} ${german}`)
  // What says most by itself is meant.
  for (const list of [firm, loose]) list.sort((a, b) => b.letters - a.letters)

  const kept = new Map<string, string | null>()

  function whole(english: string): string | null {
    const known = kept.get(english)
    if (known !== undefined) return known
    const found = exact.get(english) ?? bySentence(english) ?? (/^[\w.]+: /.test(english) ? named(english) : null)
    if (kept.size > mostKept) kept.clear()
    kept.set(english, found)
    return found
  }

  /** One row; where that would take the end of another sentence for a name, rather a row for each. */
  function bySentence(english: string): string | null {
    const one = firstMatch(firm, english)
    if (one && !/[.!?] \p{Lu}/u.test(one.template.parts[0] === '' ? (one.values[0] ?? '') : '')) return filled(one)
    return sentences(english) ?? (one && filled(one))
  }

  function sentences(english: string): string | null {
    for (const { index } of [...english.matchAll(/(?<=[.!?…]) (?=[\p{Lu}“‘'`\d])/gu)].reverse()) {
      const first = whole(english.slice(0, index))
      const rest = first === null ? null : whole(english.slice(index + 1))
      if (rest !== null) return `${first} ${rest}`
    }
    return null
  }

  function filled({ template: { holes, german }, values }: Match): string {
    return german.replace(holePattern, (_, number: string, mark: string) => {
      const value = values[holes.indexOf(Number(number))] ?? ''
      return mark === '!' ? value : mark === '~' ? worded(value) : numbered(value)
    })
  }

  /** Words of the program: a row, a row with another first letter, or a list of such. */
  function worded(value: string): string {
    const text = value.trim()
    if (text === '') return value
    return value.replace(text, () => said(text) ?? named(text) ?? part(text) ?? listed(text) ?? numbered(text))
  }

  function said(text: string): string | null {
    const own = words.get(text) ?? whole(text)
    if (own !== null) return own
    const lower = text.slice(0, 1).toLowerCase() + text.slice(1)
    const other = lower === text ? null : whole(lower)
    return other === null ? null : other.slice(0, 1).toUpperCase() + other.slice(1)
  }

  /** `batchSize: …`: the rest of it. */
  function named(text: string): string | null {
    const at = text.indexOf(': ')
    const rest = at < 0 ? null : said(text.slice(at + 2))
    return rest === null ? null : `${text.slice(0, at)}: ${rest}`
  }

  /** Not of a list, whose commas would come into a hole. */
  function part(text: string): string | null {
    const found = firstMatch(loose, text)
    if (!found) return null
    const { parts } = found.template
    const listing = ['; ', ' / ', ', '].some((mark) => text.includes(mark) && !parts.some((one) => one.includes(mark)))
    return listing ? null : filled(found)
  }

  function listed(text: string): string | null {
    const between = listMarks.find(([mark]) => text.includes(mark))
    return between ? text.split(between[0]).map(worded).join(between[1]) : null
  }

  return { whole, worded }
}

interface Match {
  readonly template: Template
  readonly values: readonly string[]
}

function firstMatch(templates: readonly Template[], text: string): Match | null {
  for (const template of templates) {
    const values = match(template.parts, text)
    if (values) return { template, values }
  }
  return null
}

const listMarks = [
  ['; ', '; '],
  [' / ', ' / '],
  [', ', ', '],
  [' and ', ' und '],
  [' or ', ' oder '],
] as const

export const holePattern = /\{(\d+)([~!]?)\}/g

/** The parts of a template around its holes. */
export function cut(template: string): { readonly parts: readonly string[]; readonly holes: readonly number[] } {
  const parts: string[] = []
  const holes: number[] = []
  let from = 0
  for (const { index, 0: all, 1: number } of template.matchAll(holePattern)) {
    parts.push(template.slice(from, index))
    holes.push(Number(number))
    from = index + all.length
  }
  return { parts: [...parts, template.slice(from)], holes }
}

/** What stands in the holes, each as short as can be; null where it does not fit. */
function match(parts: readonly string[], text: string): string[] | null {
  const first = parts[0] as string
  const last = parts.at(-1) as string
  if (!text.startsWith(first) || !text.endsWith(last)) return null
  const end = text.length - last.length
  const values: string[] = []
  let from = first.length
  if (from > end) return null
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from)
    if (at < 0 || at + part.length > end) return null
    values.push(text.slice(from, at))
    from = at + part.length
  }
  return [...values, text.slice(from, end)]
}

/** `1,024` and `1.5 GiB` as German writes them; anything else as it is. */
export function numbered(text: string): string {
  const number = /^([-−+~]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(e[-+]?\d+)?( ?(?:%|[KMGT]i?B|ms|s|min|h))?$/.exec(text)
  if (!number) return text
  const [, sign = '', whole = '', decimals = '', power = '', unit = ''] = number
  return `${sign}${whole.replaceAll(',', '.')}${decimals.replace('.', ',')}${power}${unit}`
}
