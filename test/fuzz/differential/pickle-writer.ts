// Python values as a pickle of protocol 2, in the operations that PyTorch's own pickles are made of: for generated checkpoints.

export type Py =
  | null
  | boolean
  | number
  | string
  | { readonly float: number }
  | { readonly list: readonly Py[] }
  | { readonly tuple: readonly Py[] }
  | { readonly dict: readonly (readonly [Py, Py])[] }
  | { readonly global: string }
  /** `module.name(*args)`, or `__new__` where `object` says so; then its items or its state. */
  | {
      readonly call: string
      readonly args: readonly Py[]
      readonly object?: boolean
      readonly items?: readonly (readonly [Py, Py])[]
      readonly state?: Py
    }
  | { readonly persistent: Py }

const text = new TextEncoder()

export class PickleWriter {
  private readonly parts: number[] = [0x80, 2]
  private readonly memo = new Map<string, number>()

  bytes(value: Py): Uint8Array {
    this.write(value)
    this.parts.push(0x2e)
    return Uint8Array.from(this.parts)
  }

  private code(...bytes: readonly (number | string)[]): void {
    for (const part of bytes) this.parts.push(typeof part === 'string' ? part.charCodeAt(0) : part)
  }

  private write(value: Py): void {
    if (value === null) this.code('N')
    else if (typeof value === 'boolean') this.code(value ? 0x88 : 0x89)
    else if (typeof value === 'number') this.integer(value)
    else if (typeof value === 'string') this.string(value)
    else if ('float' in value) {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setFloat64(0, value.float)
      this.code('G', ...bytes)
    } else if ('list' in value) {
      this.code(']', '(')
      for (const item of value.list) this.write(item)
      this.code('e')
    } else if ('tuple' in value) this.tuple(value.tuple)
    else if ('dict' in value) {
      this.code('}')
      this.items(value.dict)
    } else if ('global' in value) this.global(value.global)
    else if ('persistent' in value) {
      this.write(value.persistent)
      this.code('Q')
    } else {
      this.global(value.call)
      this.tuple(value.args)
      this.code(value.object === true ? 0x81 : 'R')
      if (value.items) this.items(value.items)
      if (value.state !== undefined) {
        this.write(value.state)
        this.code('b')
      }
    }
  }

  private items(entries: readonly (readonly [Py, Py])[]): void {
    this.code('(')
    for (const [key, entry] of entries) {
      this.write(key)
      this.write(entry)
    }
    this.code('u')
  }

  private tuple(values: readonly Py[]): void {
    if (values.length === 0) return this.code(')')
    if (values.length > 3) this.code('(')
    for (const value of values) this.write(value)
    this.code(values.length > 3 ? 't' : 0x84 + values.length)
  }

  /** Once, and from the memo from then on, as Python's pickler does. */
  private global(full: string): void {
    const known = this.memo.get(full)
    if (known !== undefined) return this.code('h', known)
    const at = full.lastIndexOf('.')
    this.code('c', ...text.encode(`${full.slice(0, at)}\n${full.slice(at + 1)}\n`), 'q', this.memo.size)
    this.memo.set(full, this.memo.size)
  }

  private string(value: string): void {
    const bytes = text.encode(value)
    this.code('X', bytes.length & 255, (bytes.length >> 8) & 255, 0, 0, ...bytes)
  }

  private integer(value: number): void {
    if (value >= 0 && value < 256) this.code('K', value)
    else if (value >= 0 && value < 65536) this.code('M', value & 255, value >> 8)
    else if (Math.abs(value) < 2 ** 31)
      this.code('J', value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255)
    else {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true)
      this.code(0x8a, 8, ...bytes)
    }
  }
}
