// House rules that no rule of oxlint's own says: an oxlint plugin (`.oxlintrc.json` names it `house`). What each is for: docs/contributing.md.

/**
 * @typedef {{type: string, name?: string, value?: unknown, computed?: boolean, source?: Node | null, argument?: Node, key?: Node, callee?: Node, property?: Node, parent?: Node | null}} Node what these rules look at
 * @typedef {{value: string, loc: unknown, range: unknown}} Comment
 * @typedef {{report: (found: {node: object, message: string}) => void, sourceCode: {getAllComments: () => Comment[]}}} Context
 */

/** @param {(context: Context) => Record<string, (node: Node) => void>} create */
const rule = (create) => ({ create })

/** `../` says nothing about where a file is: `#engine/…` does. */
const noParentImports = rule((context) => {
  const check = (/** @type {Node | null | undefined} */ source) => {
    if (source && typeof source.value === 'string' && /^\.\.(\/|$)/.test(source.value))
      context.report({
        node: source,
        message: `“${source.value}” leaves this folder: use a subpath import such as #engine/… (package.json, "imports").`,
      })
  }
  return {
    ImportDeclaration: ({ source }) => check(source),
    ExportNamedDeclaration: ({ source }) => check(source),
    ExportAllDeclaration: ({ source }) => check(source),
    ImportExpression: ({ source }) => check(source),
    TSImportType: ({ source, argument }) => check(source ?? argument),
  }
})

/** One way to make a member private: TypeScript's. */
const noHashPrivate = rule((context) => {
  const check = (/** @type {Node} */ member) => {
    if (member.key?.type === 'PrivateIdentifier')
      context.report({
        node: member,
        message: `“#${member.key.name}”: members are made private by “private”, not by “#”.`,
      })
  }
  return { PropertyDefinition: check, MethodDefinition: check, AccessorProperty: check }
})

const waiting = /\b(setTimeout|waitForTimeout)\s*\(/

/** A test waits for a state (`expect.poll`, `waitFor`), never for a time: a time is too short on a busy machine and too long on an idle one. */
const noSleep = rule((context) => {
  const report = (/** @type {Node} */ node, /** @type {string} */ name) =>
    context.report({ node, message: `“${name}” waits for a time: wait for a state (expect.poll, waitFor, an event).` })
  const lookInto = (/** @type {Node} */ node, /** @type {string} */ code) => {
    const name = waiting.exec(code)?.[1]
    if (name) report(node, name)
  }
  return {
    CallExpression(node) {
      const name = node.callee?.type === 'MemberExpression' ? node.callee.property?.name : node.callee?.name
      if (name === 'setTimeout' || name === 'waitForTimeout' || name === 'sleep') report(node, name)
    },
    ImportDeclaration(node) {
      if (node.source?.value === 'node:timers/promises') report(node, node.source.value)
    },
    Literal(node) {
      if (typeof node.value === 'string') lookInto(node, node.value) // code for a page
    },
    TemplateElement(node) {
      lookInto(node, /** @type {{raw: string}} */ (node.value).raw)
    },
  }
})

/** How long a test is patient is said once (vitest.config.ts, test/e2e/app-in-browser.ts), and generously. */
const noOwnTimeout = rule((context) => ({
  Property(node) {
    if (!node.computed && node.key?.name === 'timeout' && node.parent?.type === 'ObjectExpression')
      context.report({ node, message: 'A patience of its own: the default is meant for a machine that is busy.' })
  },
}))

/** What silences a rule says why: `-- reason`. */
const reasonForSilence = rule((context) => ({
  Program(node) {
    for (const comment of context.sourceCode.getAllComments())
      if (/^[\s*]*(ox|es)lint-disable/.test(comment.value) && !/ -- \S/.test(comment.value))
        context.report({ node: { ...node, loc: comment.loc, range: comment.range }, message: 'Say why after “ -- ”.' })
  },
}))

export default {
  meta: { name: 'house' },
  rules: {
    'no-parent-imports': noParentImports,
    'no-hash-private': noHashPrivate,
    'no-sleep': noSleep,
    'no-own-timeout': noOwnTimeout,
    'reason-for-silence': reasonForSilence,
  },
}
