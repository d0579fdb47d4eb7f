// A restricted reader of Python pickles: builds dicts, lists, tuples, strings, numbers and what `allowed` makes of the named globals; everything else is
// refused by its name. Nothing is ever executed or imported: a global is a name that the caller looks up in a table of its own.
import { dictOf, listOf, type PickleValue } from './pickle-values.ts'
import { Unpickler, type PickleRules } from './unpickler.ts'

const stop = 0x2e

/** Reads one pickle from `at` on. @throws PalmError `model-unreadable`, `model-unsupported` naming the file and what is wrong */
export function readPickle(
  bytes: Uint8Array,
  at: number,
  fileName: string,
  rules: PickleRules,
): { value: PickleValue; end: number } {
  const machine = new Unpickler(bytes, at, fileName, rules)
  for (;;) {
    const code = machine.byte()
    if (code === stop) return { value: machine.pop(), end: machine.position }
    const operation = operations.get(code)
    if (!operation) throw machine.broken(`it holds the unknown pickle code 0x${code.toString(16)}`)
    operation(machine)
  }
}

const operations = new Map<number, (p: Unpickler) => void>()

function on(code: string | number, work: (p: Unpickler) => void): void {
  operations.set(typeof code === 'string' ? code.charCodeAt(0) : code, work)
}

on(0x80, (p) => void p.byte()) // PROTO
on(0x95, (p) => void p.uint64()) // FRAME
on('(', (p) => p.pushMark())
on('0', (p) => p.dropTop())
on('1', (p) => void p.toMark())
on('2', (p) => p.pushAgain(p.top()))
on('N', (p) => p.push(null))
on(0x88, (p) => p.push(true))
on(0x89, (p) => p.push(false))
on('I', (p) => p.push(p.number(p.line())))
on('L', (p) => p.push(p.number(p.line())))
on('F', (p) => p.push(p.number(p.line())))
on('J', (p) => p.push(p.int32()))
on('K', (p) => p.push(p.byte()))
on('M', (p) => p.push(p.uint16()))
on(0x8a, (p) => p.push(p.long(p.byte())))
on(0x8b, (p) => p.push(p.long(p.uint32())))
on('G', (p) => p.push(p.float64()))
on('S', (p) => p.push(p.line().replace(/^['"]|['"]$/g, '')))
on('V', (p) => p.push(p.line()))
on('T', (p) => p.push(p.text(p.uint32())))
on('U', (p) => p.push(p.text(p.byte())))
on('X', (p) => p.push(p.text(p.uint32())))
on(0x8c, (p) => p.push(p.text(p.byte())))
on(0x8d, (p) => p.push(p.text(p.uint64())))
on('B', (p) => p.push(p.raw(p.uint32())))
on('C', (p) => p.push(p.raw(p.byte())))
on(0x8e, (p) => p.push(p.raw(p.uint64())))
on(']', (p) => p.push(listOf([])))
on(')', (p) => p.push(listOf([])))
on('}', (p) => p.push(dictOf()))
on(0x8f, (p) => p.push(listOf([]))) // EMPTY_SET
on('l', (p) => p.push(listOf(p.toMark())))
on('t', (p) => p.push(listOf(p.toMark())))
on(0x91, (p) => p.push(listOf(p.toMark()))) // FROZENSET
on(0x85, (p) => p.push(listOf([p.pop()])))
on(0x86, (p) => {
  const b = p.pop()
  p.push(listOf([p.pop(), b]))
})
on(0x87, (p) => {
  const c = p.pop()
  const b = p.pop()
  p.push(listOf([p.pop(), b, c]))
})
on('d', (p) => {
  const items = p.toMark()
  p.push(dictOf())
  p.setItems(items)
})
on('a', (p) => {
  const item = p.pop()
  p.append([item])
})
on('e', (p) => {
  const items = p.toMark()
  p.append(items)
})
on(0x90, (p) => {
  const items = p.toMark()
  p.append(items)
})
on('s', (p) => {
  const value = p.pop()
  const key = p.pop()
  p.setItems([key, value])
})
on('u', (p) => {
  const items = p.toMark()
  p.setItems(items)
})
on('p', (p) => p.remember(Number(p.line())))
on('q', (p) => p.remember(p.byte()))
on('r', (p) => p.remember(p.uint32()))
on(0x94, (p) => p.rememberNext())
on('g', (p) => p.recall(Number(p.line())))
on('h', (p) => p.recall(p.byte()))
on('j', (p) => p.recall(p.uint32()))
on('c', (p) => {
  const module = p.line()
  p.global(module, p.line())
})
on(0x93, (p) => {
  const name = p.pop()
  const module = p.pop()
  if (typeof name !== 'string' || typeof module !== 'string')
    throw p.broken('its pickle names a global by something that is no text')
  p.global(module, name)
})
on('R', (p) => p.call())
on(0x81, (p) => p.call()) // NEWOBJ: cls.__new__(*args), for what is permitted the same as a call
on('b', (p) => p.build())
on('Q', (p) => p.persistent(p.pop()))
on('P', (p) => p.persistent(p.line()))
