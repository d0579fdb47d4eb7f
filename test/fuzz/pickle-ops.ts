// Pickles as lists of their operations, for changes that keep them in step; and whole pickles that nobody means well with.
import type { FuzzRandom } from './fuzz-random.ts'

const codes = (text: string) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
/** Bytes of an operation's own argument; operations that are not here have none, lines and lengths below. */
const fixed: ReadonlyMap<number, number> = new Map([
  [0x80, 1],
  [0x95, 8],
  [0x4a, 4],
  [0x4b, 1],
  [0x4d, 2],
  [0x47, 8],
  [0x71, 1],
  [0x72, 4],
  [0x68, 1],
  [0x6a, 4],
])
const lines: ReadonlyMap<number, number> = new Map([
  ...codes('ILFSVPpg').map((code) => [code, 1] as const),
  [0x63, 2] as const,
])
const counted: ReadonlyMap<number, number> = new Map([
  [0x58, 4],
  [0x8c, 1],
  [0x55, 1],
  [0x54, 4],
  [0x42, 4],
  [0x43, 1],
  [0x8a, 1],
  [0x8d, 8],
  [0x8e, 8],
])

/** The operations of an honest pickle from `at` on, to its end. */
export function operationsOf(bytes: Uint8Array, at = 0): Uint8Array[] {
  const out: Uint8Array[] = []
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let from = at; from < bytes.length;) {
    const code = bytes[from] as number
    let end = from + 1 + (fixed.get(code) ?? 0)
    for (let n = lines.get(code) ?? 0; n > 0; n--) end = buffer.indexOf(0x0a, end) + 1
    const width = counted.get(code)
    if (width !== undefined) end = from + 1 + width + buffer.readUIntLE(from + 1, Math.min(width, 6))
    out.push(bytes.slice(from, end))
    from = end
    if (code === 0x2e) break
  }
  return out
}

const bytes = (...parts: readonly (string | number | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? codes(part) : part)))
const u32 = (n: number) => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24]
const text = (value: string) => [0x58, ...u32(value.length), ...codes(value)]
const touch = (path: string) => `touch ${path}`

/** Parts that call, in every way that pickles have. `canary`: a file that must never come to be. */
export function callingParts(canary: string): Uint8Array[] {
  const command = touch(canary)
  return [
    bytes('cposix\nsystem\n', text(command), 0x85, 'R'),
    bytes('cos\nsystem\n(', text(command), 'tR'),
    bytes('cbuiltins\neval\n', text(`__import__("os").system("${command}")`), 0x85, 'R'),
    bytes('c__builtin__\nexec\n', text(`import os; os.system("${command}")`), 0x85, 'R'),
    bytes('csubprocess\ncheck_output\n', text(command), 0x85, 'R'),
    bytes('(', text(command), 'iposix\nsystem\n'),
    bytes('(cposix\nsystem\n', text(command), 'o'),
    bytes(text('posix'), text('system'), 0x93, text(command), 0x85, 'R'),
    bytes('cposix\nsystem\n', text(command), 0x85, 0x81),
    bytes('cposix\nsystem\n', text(command), 0x85, '}', 0x92),
    bytes('ctorch._utils\n_rebuild_parameter\n', 'cposix\nsystem\n', text(command), 0x85, 'R', 0x85, 'R'),
    bytes(
      'ccollections\nOrderedDict\n)R}(',
      text('__setstate__'),
      'cposix\nsystem\n',
      text('__reduce__'),
      'cbuiltins\neval\n',
      'ub',
    ),
    bytes('ctorch.storage\n_load_from_bytes\n', 'C', 4, 'abcd', 0x85, 'R'),
    bytes('ctorch\nload\n', text('/etc/passwd'), 0x85, 'R'),
    bytes('cnumpy.core.multiarray\n_reconstruct\n', 'cnumpy\nndarray\n', 'K', 0, 0x85, 'C', 1, 'b', 0x87, 'R'),
    bytes('c_codecs\nencode\n', text('x'), text('rot13'), 0x86, 'R'),
    bytes('c__builtin__\ngetattr\n', 'ctorch\nfloat32\n', text('__class__'), 0x86, 'R'),
    bytes(0x82, 1),
    bytes(0x83, 1, 0),
    bytes(0x84, ...u32(1)),
  ]
}

/** Whole pickles (with their end) that want much memory or time. */
export function greedyPickles(): Map<string, Uint8Array> {
  const repeat = (part: Uint8Array, n: number) => {
    const out = new Uint8Array(part.length * n)
    for (let i = 0; i < n; i++) out.set(part, i * part.length)
    return [out][0] as Uint8Array
  }
  const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
  const put = (n: number) => bytes('r', u32(n))
  const get = (n: number) => bytes('j', u32(n))
  const start = bytes(0x80, 2)
  const doubling = [start, bytes(']'), put(0)]
  for (let i = 1; i < 60; i++) doubling.push(bytes(']', '('), get(i - 1), get(i - 1), bytes('e'), put(i))
  const keys = [
    'state_dict',
    'model_state_dict',
    'model',
    'net',
    'network',
    'state_dict_ema',
    'model_ema',
    'ema',
    'params',
    'weights',
    'classifier',
  ]
  const circle = [start, bytes('}'), put(0), bytes('(')]
  for (const key of keys) circle.push(bytes(text(key)), get(0))
  for (let i = 0; i < 40_000; i++) circle.push(bytes('K', i & 255), bytes('J', u32(i)))
  circle.push(bytes('u.'))
  const copying = [start, bytes('](')]
  for (let i = 0; i < 20_000; i++) copying.push(bytes(text(String(i)), 'N', 0x86))
  copying.push(
    bytes('e'),
    put(0),
    bytes('0('),
    ...Array.from({ length: 30_000 }, () => joined(bytes('ccollections\nOrderedDict\n'), get(0), bytes(0x85, 'R'))),
    bytes('l.'),
  )
  return new Map<string, Uint8Array>([
    ['a million lists', joined(start, repeat(bytes(']'), 1_000_000), bytes('.'))],
    ['four million copies of the top', joined(start, bytes('N'), repeat(bytes('2'), 4_000_000), bytes('.'))],
    ['a million memos', joined(start, bytes('N'), repeat(bytes(0x94), 1_000_000), bytes('.'))],
    [
      'a million dicts in dicts',
      joined(start, repeat(bytes('}K', 1), 500_000), repeat(bytes('N'), 1), repeat(bytes('s'), 400_000), bytes('.')),
    ],
    ['a million marks', joined(start, repeat(bytes('('), 1_000_000), bytes('.'))],
    ['lists doubled sixty times', joined(...doubling, bytes('.'))],
    ['a dict that holds itself under every usual key', joined(...circle)],
    ['one long list copied thirty thousand times', joined(...copying)],
    ['a list that holds itself', bytes(0x80, 2, ']q', 0, 'h', 0, 'a.')],
    ['a text of four billion bytes', bytes(0x80, 2, 'X', u32(0xffffffff), 'abc.')],
    ['a text of 2^63 bytes', bytes(0x80, 4, 0x8d, ...u32(0), ...u32(0x80000000), 'abc.')],
    ['a number of two billion bytes', bytes(0x80, 2, 0x8b, u32(0x7fffffff), 'abc.')],
    ['no end', bytes(0x80, 2, '}')],
    ['an end only', bytes(0x80, 2, '.')],
    ['a memo of no number', bytes(0x80, 2, '}p\ngx\n.')],
    ['a digit line of a million', joined(start, bytes('L'), repeat(bytes('9'), 1_000_000), bytes('L\n.'))],
  ])
}

export function mutateOperations(operations: readonly Uint8Array[], random: FuzzRandom, canary: string): Uint8Array {
  const out = [...operations]
  for (let n = random.chance(0.6) ? 1 : 1 + random.below(4); n > 0; n--) {
    const at = random.below(out.length)
    const operation = out[at] as Uint8Array
    switch (random.below(9)) {
      case 0:
        out.splice(at, 1)
        break
      case 1:
        out.splice(at, 0, ...Array.from({ length: random.chance(0.9) ? 1 : 2000 }, () => operation))
        break
      case 2: {
        const other = random.below(out.length)
        out[at] = out[other] as Uint8Array
        out[other] = operation
        break
      }
      case 3:
        out.splice(at, 0, random.pick(callingParts(canary)))
        break
      case 4:
        out[at] = random.pick(callingParts(canary))
        break
      case 5:
        out.splice(at, 0, Uint8Array.of(random.pick(codes('(012NKtle}])sauRbQ.'))))
        break
      case 6:
        out.splice(at, 0, out[random.below(out.length)] as Uint8Array)
        break
      case 7:
        if (operation.length > 1) {
          const changed = operation.slice()
          const place = 1 + random.below(changed.length - 1)
          changed[place] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
          out[at] = changed
        }
        break
      default:
        out[at] = bytes(
          random.pick(['J', 'M', 'K']) === 'J'
            ? ['J'.charCodeAt(0), ...u32(random.pick([0, 1, -1, 65536, 0x7fffffff, -0x80000000]))]
            : [0x8a, 8, ...u32(random.pick([0, 0xffffffff])), ...u32(random.pick([0, 0x7fffffff, 0x80000000]))],
        )
    }
    if (out.length === 0) break
  }
  return new Uint8Array(Buffer.concat(out))
}
