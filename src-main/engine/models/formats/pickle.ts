// A restricted reader of Python pickles: builds dicts, lists, tuples, strings, numbers and what `allowed` makes of the named globals; everything else is
// refused by its name. Nothing is ever executed or imported: a global is a name that the caller looks up in a table of its own.
import { PalmError } from '#contract/errors.ts'

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleObject
export interface PickleList {
  readonly kind: 'list'
  readonly items: PickleValue[]
}
/** Keys in order of insertion; only strings and numbers are kept as keys, others are refused. */
export interface PickleDict {
  readonly kind: 'dict'
  readonly entries: Map<string | number, PickleValue>
}
export interface PickleGlobal {
  readonly kind: 'global'
  readonly name: string
}
/** What a permitted call gave. */
export interface PickleObject {
  readonly kind: 'object'
  readonly name: string
  readonly value: unknown
}

export interface PickleRules {
  /** Calls of `name` with these arguments; undefined = not permitted. */
  readonly call: (name: string, args: readonly PickleValue[]) => PickleValue | undefined
  /** Whether the name may occur at all. */
  readonly permits: (name: string) => boolean
  /** A reference to something outside of the pickle. */
  readonly persistent: (id: PickleValue) => PickleValue
  /** What the values may take in memory together, roughly; a byte of a pickle can ask for a hundred. */
  readonly budgetBytes: number
}

/** What things take, roughly: a place on the stack or in a list; a list, dict or object; an entry of the memo or of a dict; a text besides its letters. */
const cost = { slot: 8, container: 96, entry: 40, text: 24 } as const

const mark = Symbol('mark')
type Slot = PickleValue | typeof mark

/** Reads one pickle from `at` on. @throws PalmError `model-unreadable`, `model-unsupported` naming the file and what is wrong */
export function readPickle(
  bytes: Uint8Array,
  at: number,
  fileName: string,
  rules: PickleRules,
): { value: PickleValue; end: number } {
  return new Unpickler(bytes, at, fileName, rules).run()
}

class Unpickler {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private at: number
  private readonly fileName: string
  private readonly rules: PickleRules
  private readonly stack: Slot[] = []
  private readonly memo = new Map<number, PickleValue>()
  private budget: number

  constructor(bytes: Uint8Array, at: number, fileName: string, rules: PickleRules) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
    this.fileName = fileName
    this.rules = rules
    this.budget = rules.budgetBytes
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const code = this.byte()
      if (code === 0x2e) return { value: this.pop(), end: this.at }
      const operation = operations.get(code)
      if (!operation) throw this.broken(`it holds the unknown pickle code 0x${code.toString(16)}`)
      operation(this)
    }
  }

  broken(reason: string): PalmError {
    return new PalmError('model-unreadable', `${this.fileName} is no usable PyTorch file: ${reason}.`)
  }

  refused(name: string): PalmError {
    return new PalmError(
      'model-unsupported',
      `${this.fileName} was refused: it holds a Python object “${name}”, and only tensors, dicts, lists, strings and numbers are read. In Python: torch.save(model.state_dict(), "model.pth").`,
    )
  }

  private spend(bytes: number): void {
    this.budget -= bytes
    if (this.budget < 0) throw this.broken('its pickle asks for more memory than such a file can need')
  }

  private need(n: number): number {
    const from = this.at
    if (!(n >= 0) || from + n > this.bytes.length) throw this.broken('it is cut short')
    this.at += n
    return from
  }

  byte = (): number => this.bytes[this.need(1)] as number
  uint16 = (): number => this.view.getUint16(this.need(2), true)
  int32 = (): number => this.view.getInt32(this.need(4), true)
  uint32 = (): number => this.view.getUint32(this.need(4), true)
  float64 = (): number => this.view.getFloat64(this.need(8), false)
  uint64 = (): number => Number(this.view.getBigUint64(this.need(8), true))

  raw(n: number): Uint8Array {
    const from = this.need(n)
    return this.bytes.subarray(from, from + n)
  }

  text(n: number): string {
    this.spend(cost.text + n)
    return utf8.decode(this.raw(n))
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) throw this.broken('it is cut short')
    this.spend(cost.text + end - this.at)
    const text = utf8.decode(this.bytes.subarray(this.at, end))
    this.at = end + 1
    return text
  }

  push(value: PickleValue): void {
    this.spend(cost.slot + (typeof value === 'object' && value !== null ? cost.container : 0))
    this.stack.push(value)
  }

  /** Something that is there already, once more. */
  pushAgain(value: PickleValue): void {
    this.spend(cost.slot)
    this.stack.push(value)
  }

  pushMark(): void {
    this.spend(cost.slot)
    this.stack.push(mark)
  }

  pop(): PickleValue {
    const value = this.stack.pop()
    if (value === undefined || value === mark) throw this.broken('its pickle is out of step')
    return value
  }

  dropTop(): void {
    if (this.stack.length === 0) throw this.broken('its pickle is out of step')
    this.stack.pop()
  }

  top(): PickleValue {
    const value = this.stack.at(-1)
    if (value === undefined || value === mark) throw this.broken('its pickle is out of step')
    return value
  }

  /** What lies above the last mark, which goes too. */
  toMark(): PickleValue[] {
    const from = this.stack.lastIndexOf(mark)
    if (from < 0) throw this.broken('its pickle is out of step')
    const items = this.stack.splice(from).slice(1)
    return items as PickleValue[]
  }

  remember(key: number): void {
    if (!Number.isInteger(key)) throw this.broken('its pickle is out of step')
    this.spend(cost.entry)
    this.memo.set(key, this.top())
  }

  rememberNext(): void {
    this.spend(cost.entry)
    this.memo.set(this.memo.size, this.top())
  }

  recall(key: number): void {
    const value = this.memo.get(key)
    if (value === undefined) throw this.broken('its pickle refers to something that is not there')
    this.pushAgain(value)
  }

  global(module: string, name: string): void {
    const full = `${module}.${name}`
    if (!this.rules.permits(full)) throw this.refused(full)
    this.push({ kind: 'global', name: full })
  }

  call(): void {
    const args = this.pop()
    const callee = this.pop()
    if (!isKind(callee, 'global') || !isKind(args, 'list')) throw this.broken('its pickle calls what is no function')
    // A call may copy what it is given.
    for (const arg of args.items) if (isKind(arg, 'list')) this.spend(cost.entry * arg.items.length)
    const result = this.rules.call(callee.name, args.items)
    if (result === undefined) throw this.refused(callee.name)
    this.push(result)
  }

  /** `__setstate__`: for dicts only, whose attributes are of no interest. */
  build(): void {
    this.pop()
    const target = this.top()
    if (!isKind(target, 'dict') && !isKind(target, 'object'))
      throw this.broken('its pickle sets the state of what has none')
  }

  setItems(items: readonly PickleValue[]): void {
    const target = this.top()
    if (!isKind(target, 'dict') || items.length % 2 !== 0) throw this.broken('its pickle fills what is no dict')
    this.spend(cost.entry * (items.length / 2))
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]
      if (typeof key === 'string' || typeof key === 'number') target.entries.set(key, items[i + 1] as PickleValue)
      else if (typeof key === 'boolean' || key === null) target.entries.set(String(key), items[i + 1] as PickleValue)
      else if (!isKind(key as PickleValue, 'list'))
        throw this.broken('its pickle has a dict with a key that is neither text nor number')
    }
  }

  append(items: readonly PickleValue[]): void {
    const target = this.top()
    if (!isKind(target, 'list')) throw this.broken('its pickle fills what is no list')
    this.spend(cost.slot * items.length)
    for (const item of items) target.items.push(item)
  }

  persistent(id: PickleValue): void {
    this.push(this.rules.persistent(id))
  }

  /** A whole number of up to n bytes, little-endian, two's complement; too large ones lose precision, none are needed. */
  long(n: number): number {
    if (n > 32) throw this.broken('it holds a number of absurd length')
    const raw = this.raw(n)
    let value = 0
    for (let i = n - 1; i >= 0; i--) value = value * 256 + (raw[i] as number)
    return n > 0 && (raw[n - 1] as number) >= 128 ? value - 256 ** n : value
  }

  number(text: string): number | boolean {
    if (text === '00') return false
    if (text === '01') return true
    const value = Number(text.replace(/L$/, ''))
    if (Number.isNaN(value) && !/^[+-]?nan$/i.test(text)) throw this.broken(`“${text.slice(0, 20)}” is no number`)
    return value
  }
}

const utf8 = new TextDecoder()
export const listOf = (items: PickleValue[]): PickleList => ({ kind: 'list', items })
const dictOf = (): PickleDict => ({ kind: 'dict', entries: new Map() })

export function isKind<K extends 'list' | 'dict' | 'global' | 'object'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

const operations = new Map<number, (p: Unpickler) => void>()
const on = (code: string | number, work: (p: Unpickler) => void) =>
  operations.set(typeof code === 'string' ? code.charCodeAt(0) : code, work)

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
