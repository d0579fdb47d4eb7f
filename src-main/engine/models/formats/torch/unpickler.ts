// The stack machine that a pickle is a program for: what its operations do, each within the file's bytes and a budget of memory.
import { PalmError } from '#contract/errors.ts'
import { isKind, type PickleObject, type PickleValue } from './pickle-values.ts'

export interface PickleRules {
  /** Calls of `name` with these arguments; undefined = not permitted. */
  readonly call: (name: string, args: readonly PickleValue[]) => PickleValue | undefined
  /** Whether the name may occur at all. */
  readonly permits: (name: string) => boolean
  /** Gives an object its state (`__setstate__`). */
  readonly build: (target: PickleObject, state: PickleValue) => void
  /** A reference to something outside of the pickle. */
  readonly persistent: (id: PickleValue) => PickleValue
  /** What the values may take in memory together, roughly; a byte of a pickle can ask for a hundred. */
  readonly budgetBytes: number
}

/** What things take, roughly: a place on the stack or in a list; a list, dict or object; an entry of the memo or of a dict; a text besides its letters. */
const cost = { slot: 8, container: 96, entry: 40, text: 24 } as const

const mark = Symbol('mark')
type Slot = PickleValue | typeof mark

const utf8 = new TextDecoder()

export class Unpickler {
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

  /** Where the next byte is read. */
  get position(): number {
    return this.at
  }

  broken(reason: string): PalmError {
    return new PalmError('model-unreadable', `${this.fileName} is not a usable PyTorch file: ${reason}.`)
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
    for (const arg of args.items) {
      if (isKind(arg, 'list')) this.spend(cost.entry * arg.items.length)
      if (isKind(arg, 'dict')) this.spend(cost.entry * arg.entries.size)
    }
    const result = this.rules.call(callee.name, args.items)
    if (result === undefined) throw this.refused(callee.name)
    this.push(result)
  }

  /** `__setstate__`. Attributes of dicts are of no interest. */
  build(): void {
    const state = this.pop()
    const target = this.top()
    if (isKind(target, 'object')) this.rules.build(target, state)
    else if (!isKind(target, 'dict')) throw this.broken('its pickle sets the state of what has none')
  }

  setItems(items: readonly PickleValue[]): void {
    const target = this.top()
    if (!isKind(target, 'dict') || items.length % 2 !== 0) throw this.broken('its pickle fills what is no dict')
    this.spend(cost.entry * (items.length / 2))
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]
      if (typeof key === 'string' || typeof key === 'number') target.entries.set(key, items[i + 1] as PickleValue)
      else if (typeof key === 'boolean' || key === null) target.entries.set(String(key), items[i + 1] as PickleValue)
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
