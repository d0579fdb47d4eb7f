// JSON of files from outside: parsed only when its lists and objects are no deeper than any honest file's, so that nothing that walks through it
// afterwards runs out of stack. JSON.parse by itself takes any depth.

const deepest = 100

/** @throws SyntaxError as JSON.parse does, or when it is nested too deeply */
export function parseBoundedJson(text: string): unknown {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1
      if (depth > deepest) throw new SyntaxError(`nested more than ${deepest} deep`)
    } else if (code === 0x5d || code === 0x7d) depth -= 1
  }
  return JSON.parse(text)
}
