// Every text that the program's sources hold, as a person reads it: what is computed stands as “…”. For tests that hold pages against what the program says.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** Of all TypeScript and JavaScript below the folders. Texts that are added to each other are one. */
export function textsOf(root: string, folders: readonly string[]): string[] {
  const texts: string[] = []
  for (const folder of folders)
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|mjs)$/.test(name) || name.includes('node_modules')) continue
      const path = join(root, folder, name)
      const visit = (node: ts.Node): void => {
        const text = textOf(node)
        if (text !== null && text.length > 12) texts.push(text)
        ts.forEachChild(node, visit)
      }
      visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true))
    }
  return texts
}

function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node))
    return node.templateSpans.reduce((text, span) => `${text}…${span.literal.text}`, node.head.text)
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)]
    return left === null && right === null ? null : `${left ?? '…'}${right ?? '…'}`
  }
  return null
}
