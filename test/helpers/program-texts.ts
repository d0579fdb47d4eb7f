// Every sentence of src-main that a person may come to read, as a template with holes: `There is no run {0}.`
// What a source says by itself: a literal, a template, their sum. `${n === 1 ? 'class' : 'classes'}` gives two templates, so that each has its plural.
// Not read: what only a terminal, a programmer, SQLite, a graphics card or a browser reads. Those are excepted by kind below, never by name.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface ProgramText {
  readonly template: string
  /** A sentence or a part of one; others are names and keys, which German may say otherwise (`processor`) and need not. */
  readonly spoken: boolean
  /** File and line. */
  readonly at: string
  /** Holes that hold words of the program: another error's sentence, or a list joined by words. */
  readonly worded: readonly number[]
}

const hole = '\uE000'
const wordedHole = '\uE001'
const mostVariants = 24

/** Rooms and files whose texts reach no screen: the command, what starts processes, the device's proof, a card's programs, what speaks to a browser. */
const unread = [
  /^src-main\/(cli|entry|engine\/parity|store\/migrations)\//,
  /^src-main\/(app\/services\/lab\/lab-(worker|library)\.ts|app\/wiring\/(lab|machine-devices)\.ts)/, // a worker is started by the command only
  /^src-main\/engine\/compute\/webgpu\/(kernels\/|runtime\/|device\.ts)/,
  /^src-main\/app\/hosts\/(app-window|hand-over|security|static-files|web|web-arguments|web-keys)\.ts/,
  /^src-main\/app\/hosts\/electron\/(page|menu|sessions|window)\.ts/,
  /^src-main\/app\/services\/machine\/system-report\.ts/, // a report for those who mend the program
]

/** Names of nodes in a written network, marks that are looked for, paths, lists of keywords: read by programs. */
const unreadCalls =
  /^(.*\.)?(constant|emit|scalar|tensor|add|ints|startsWith|endsWith|includes|replace|replaceAll|split|join|indexOf|padEnd|withConstant|withParameter|writeOnnxLayers|writeOnnxGate|stretched|fresh|words|writeStringField|pragma|prepare|exec|copy|stepOf|counts|db|margin|setHeader|writeHead|error|set|has|get)$/

const sql =
  /^\s*\(?(SELECT|WITH|BEGIN|INSERT|UPDATE|DELETE|WHERE|AND|CREATE|ALTER|DROP|ATTACH|PRAGMA|sum\(|id, )|[<=>] [?@]/

/** `Chen et al., CVPR 2022`: the same in every language. */
const citation = /^\p{Lu}[\p{L} .,]+ \d{4}$/u

/** Two words, or a word beside a hole. */
const isProse = (text: string) =>
  /\p{L}{2,}[\p{L}’'-]*[,;:.]? +["“(]?[\p{L}\uE000\uE001]/u.test(text) ||
  /[\uE000\uE001][”"',;:)]* +\(?\p{L}{2,}/u.test(text) ||
  /\p{L}{2,} %/u.test(text) ||
  /^ ?\p{L}{2,} $/u.test(text)

export function programTexts(root: string): ProgramText[] {
  const found: ProgramText[] = []
  for (const entry of readdirSync(join(root, 'src-main'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(root.length + 1).replaceAll('\\', '/')
    if (unread.some((one) => one.test(name))) continue
    found.push(...textsOf(name, readFileSync(path, 'utf8')))
  }
  return [...found, ...shippedTexts(root)]
}

/** Sentences in files that ship: the paper's tables, and what is said of other people's work beside its licence. */
function shippedTexts(root: string): ProgramText[] {
  const found: ProgramText[] = []
  const folder = join(root, 'resources/paper')
  for (const file of readdirSync(folder)) {
    JSON.parse(readFileSync(join(folder, file), 'utf8'), (key, value: unknown) => {
      if (typeof value === 'string')
        found.push({
          template: value,
          spoken: /^(title|setting|unit|source)$/.test(key),
          worded: [],
          at: `resources/paper/${file}`,
        })
      return value
    })
  }
  for (const [, template = ''] of readFileSync(join(root, 'build/licences.mjs'), 'utf8').matchAll(/where: '(.+)'/g))
    found.push({ template, spoken: true, worded: [], at: 'build/licences.mjs' })
  return found
}

/** Of one source. */
export function textsOf(name: string, code: string): ProgramText[] {
  const source = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true)
  const found: ProgramText[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return
    if (isText(node)) {
      const text = node as ts.Expression
      const shown = !excepted(text)
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      for (const raw of variantsOf(text))
        found.push({ ...numbered(raw), spoken: shown && (isProse(raw) || isHead(node)), at: `${name}:${line}` })
      insides(node, visit)
      return
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || (ts.isBinaryExpression(node) && isSum(node))

const isSum = (node: ts.BinaryExpression): boolean =>
  node.operatorToken.kind === ts.SyntaxKind.PlusToken && (isText(node.left) || isText(node.right))

/** Goes on into what a text holds but did not take in: the arguments of a call in a hole, say. */
function insides(node: ts.Node, visit: (node: ts.Node) => void): void {
  if (ts.isStringLiteralLike(node)) return
  if (ts.isTemplateExpression(node)) for (const span of node.templateSpans) inHole(span.expression, visit)
  else if (ts.isBinaryExpression(node)) for (const side of [node.left, node.right]) inHole(side, visit)
}

function inHole(node: ts.Expression, visit: (node: ts.Node) => void): void {
  if (isText(node)) insides(node, visit)
  else if (ts.isParenthesizedExpression(node)) inHole(node.expression, visit)
  else if (ts.isConditionalExpression(node)) {
    visit(node.condition)
    inHole(node.whenTrue, visit)
    inHole(node.whenFalse, visit)
  } else if (isFallback(node)) {
    visit(node.left)
    inHole(node.right, visit)
  } else visit(node)
}

const isFallback = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken && isText(node.right)

/** All that an expression can say, holes as marks. */
function variantsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isParenthesizedExpression(node)) return variantsOf(node.expression)
  if (ts.isTemplateExpression(node)) {
    let all = [node.head.text]
    for (const span of node.templateSpans) {
      const inner = variantsOf(span.expression)
      const few = inner.length * all.length > mostVariants ? [hole] : inner
      all = all.flatMap((before) => few.map((text) => before + text + span.literal.text))
    }
    return all
  }
  if (ts.isBinaryExpression(node) && isSum(node)) {
    const right = variantsOf(node.right)
    return variantsOf(node.left).flatMap((before) => right.map((text) => before + text))
  }
  if (ts.isConditionalExpression(node)) {
    return [...new Set([...variantsOf(node.whenTrue), ...variantsOf(node.whenFalse)])]
  }
  if (isFallback(node)) return [hole, ...variantsOf(node.right).filter((text) => text !== '')]
  return [isWorded(node) ? wordedHole : hole]
}

/** The head of a table's column, which may be one word. */
const isHead = (node: ts.Node): boolean => {
  const { parent } = node
  if (!node.getSourceFile().fileName.includes('/contract/')) return false
  if (ts.isArrayLiteralExpression(parent))
    return /^head$/.test(ts.isPropertyAssignment(parent.parent) ? parent.parent.name.getText() : '')
  return ts.isCallExpression(parent) && /^(head\.push|total)$/.test(parent.expression.getText())
}

function isWorded(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'message' || node.name.text === 'reason'
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  const [between] = node.arguments
  return node.expression.name.text === 'join' && !!between && ts.isStringLiteral(between) && /[a-z]/.test(between.text)
}

function numbered(raw: string): Pick<ProgramText, 'template' | 'worded'> {
  const worded: number[] = []
  let count = 0
  const template = raw.trim().replace(/[\uE000\uE001]/g, (mark) => {
    if (mark === wordedHole) worded.push(count)
    return `{${count++}}`
  })
  return { template, worded }
}

function excepted(node: ts.Expression): boolean {
  const [first] = variantsOf(node)
  if (first === undefined || sql.test(first)) return true
  for (let at: ts.Node = node; at.parent; at = at.parent) {
    const parent = at.parent
    if (ts.isNewExpression(parent)) {
      // An Error of the language itself is for programmers, unless it is part of a sentence that somebody goes on with.
      const kind = parent.expression.getText()
      if (/^(Error|RangeError|TypeError|SyntaxError)$/.test(kind)) return /^[\p{Lu}\uE000]/u.test(first)
      // The third part of an error is technical detail, and stays as it is.
      return /^(Set|Response|Map)$/.test(kind) || (parent.arguments?.indexOf(at as ts.Expression) ?? 0) > 1
    }
    if (ts.isVariableDeclaration(parent) && parent.name.getText() === 'detail') return true
    if (ts.isCallExpression(parent) && parent.expression !== at)
      return unreadCalls.test(parent.expression.getText()) || takesDetail(parent)
    if (ts.isPropertyAssignment(parent)) {
      const key = parent.name.getText()
      if (key === 'name' && isTensor(parent.parent)) return true
      // Both languages stand side by side.
      if (key === 'en' || key === 'de' || (key === 'paper' && citation.test(first))) return true
      if (ts.isObjectLiteralExpression(parent.parent) && isOfLanguage(parent.parent)) return true
    }
    if (ts.isBlock(parent) || ts.isSourceFile(parent)) return false
  }
  return false
}

/** `const damaged = (detail: string) => …` */
function takesDetail(call: ts.CallExpression): boolean {
  const name = call.expression.getText()
  return new RegExp(`\\b${name.replaceAll(/[^\w]/g, '.')} = \\(detail\\b`).test(call.getSourceFile().text)
}

/** `{ name, value }` of a network that is written. */
const isTensor = (node: ts.ObjectLiteralExpression): boolean =>
  node.properties.length === 2 && node.properties.some((property) => property.name?.getText() === 'value')

/** The object of one language, whose other stands beside it. */
const isOfLanguage = (node: ts.ObjectLiteralExpression): boolean =>
  ts.isPropertyAssignment(node.parent) && ['en', 'de'].includes(node.parent.name.getText())
