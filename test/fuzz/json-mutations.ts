// Changes of JSON that know it is JSON: values of other kinds, odd numbers, deep nesting, keys such as __proto__, doubled, swapped and deleted parts.
import type { FuzzRandom } from './fuzz-random.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Written by hand where JSON.stringify would overflow the stack or lose it: `@nested` and `@proto` become text afterwards. */
const nested = '@nested@'
const proto = '@proto@'
const odd: readonly Json[] = [
  { toString: 1, valueOf: 2 },
  null,
  true,
  false,
  0,
  -0.5,
  -1,
  1,
  3,
  1e9,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e308,
  '',
  '0',
  '-1',
  '1e999',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\x',
  '..',
  '.',
  'a\u0000b',
  '\ud800',
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  [],
  [[]],
  {},
  [null],
  [0, 0, 0, 0],
  [-1, -1],
  [1e9, 1e9, 1e9, 1e9],
  nested,
  { [proto]: { polluted: true } },
]

interface Slot {
  readonly holder: Json[] | { [key: string]: Json }
  readonly key: string | number
}

function slotsOf(value: Json, into: Slot[] = []): Slot[] {
  if (Array.isArray(value)) {
    for (const [key, item] of value.entries()) {
      into.push({ holder: value, key })
      slotsOf(item, into)
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      into.push({ holder: value, key })
      slotsOf(value[key] as Json, into)
    }
  }
  return into
}

const get = ({ holder, key }: Slot): Json => (holder as Record<string | number, Json>)[key] as Json
const set = ({ holder, key }: Slot, value: Json): void => void ((holder as Record<string | number, Json>)[key] = value)
const copy = (value: Json): Json => structuredClone(value)

function change(root: Json, random: FuzzRandom): Json {
  const slots = slotsOf(root)
  if (slots.length === 0) return copy(random.pick(odd))
  const slot = random.pick(slots)
  const value = get(slot)
  switch (random.below(8)) {
    case 0:
      if (Array.isArray(slot.holder)) slot.holder.splice(Number(slot.key), 1)
      else delete slot.holder[slot.key]
      break
    case 1: {
      const other = random.pick(slots)
      const theirs = copy(get(other))
      set(other, copy(value))
      set(slot, theirs)
      break
    }
    case 2:
      if (Array.isArray(slot.holder)) slot.holder.splice(Number(slot.key), 0, copy(value))
      else
        slot.holder[random.pick(['__proto', 'constructor', `${slot.key} `, `${slot.key}`.toUpperCase(), 'x'])] =
          copy(value)
      break
    case 3:
      if (typeof value === 'number')
        set(slot, random.pick([value + 1, value - 1, -value, value * 1e6, value + 0.5, value * 2 ** 20]))
      else if (typeof value === 'string')
        set(
          slot,
          random.pick([`${value}${value}`, value.slice(1), value.toUpperCase(), `../${value}`, `${value}\u0000`]),
        )
      else if (Array.isArray(value))
        set(
          slot,
          random.pick([
            [...value].reverse(),
            value.slice(1),
            [...value, ...(copy(value) as Json[])],
            Array.from({ length: 2000 }, () => copy(value[0] ?? 0)),
          ]),
        )
      else set(slot, copy(random.pick(odd)))
      break
    case 4:
      set(slot, [copy(value)])
      break
    default:
      set(slot, copy(random.pick(odd)))
  }
  return root
}

/** One to three changes of a JSON text. */
export function mutateJson(text: string, random: FuzzRandom): string {
  let root = JSON.parse(text) as Json
  for (let n = random.chance(0.6) ? 1 : 1 + random.below(3); n > 0; n--) root = change(root, random)
  const depth = random.pick([10, 1000, 20_000])
  return JSON.stringify(root)
    .replaceAll(`"${nested}"`, () => `${'['.repeat(depth)}${']'.repeat(depth)}`)
    .replaceAll(`"${proto}"`, '"__proto__"')
}
