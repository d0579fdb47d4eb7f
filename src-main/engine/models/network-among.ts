// Finds the network in a state dict that holds more: below one of the prefixes that occur in it, with a classifier that may stand outside of that prefix.
import { PalmError } from '#contract/errors.ts'
import { isAside, isCopy } from './asides.ts'
import { isHeadName } from './classifier-head.ts'
import type { FileTensor } from './formats/file-tensor.ts'
import { recognition } from './registry.ts'

type Tensors = ReadonlyMap<string, FileTensor>

export interface Among {
  /** Under the names that the network has by itself. */
  readonly tensors: Tensors
  /** What is no part of it, by its whole name. */
  readonly besides: readonly string[]
  /** What may be a part of it, and is none that is known. */
  readonly unclear: readonly string[]
  /** What was assumed, in sentences. */
  readonly remarks: readonly string[]
}

type Found = Pick<Among, 'tensors' | 'remarks'> & { readonly prefix: string; readonly taken: ReadonlySet<string> }

const deepest = 5
/** A network has more tensors than that. */
const fewest = 5

/** What is recognised as it is stays as it is. @throws PalmError `model-unsupported` where two networks are in it and nothing says which is meant */
export function networkAmong(tensors: Tensors, fileName: string, counters: ReadonlySet<FileTensor>): Among {
  const all: Among = { tensors, besides: [], unclear: [], remarks: [] }
  if (recognition(shapesOf(tensors), fileName) !== 'unknown') return all
  const found: Found[] = []
  const broken: Found[] = []
  for (const [prefix, below] of byPrefix(tensors)) {
    // Below one that is a network there are only its parts.
    if (below.size < fewest || found.some((one) => prefix.startsWith(one.prefix))) continue
    const kind = recognition(shapesOf(below), fileName)
    if (kind === 'unknown') continue
    const whole = kind === 'broken' ? withHead(prefix, below, tensors) : null
    const inside = new Set([...below.keys()].map((name) => `${prefix}${name}`))
    if (kind === 'known') found.push({ prefix, tensors: below, taken: inside, remarks: [] })
    else if (whole && recognition(shapesOf(whole.tensors), fileName) === 'known')
      found.push({ ...whole, prefix, taken: new Set([...inside, ...whole.head]) })
    else broken.push({ prefix, tensors: below, taken: inside, remarks: [] })
  }
  const own = found.filter(({ prefix }) => !isCopy(prefix))
  const network = chosen(own.length > 0 ? own : found, fileName) ?? broken[0]
  if (!network) return all
  const others = found.filter((one) => one !== network)
  const rest = [...tensors].filter(([name]) => !network.taken.has(name))
  const aside = ([name, value]: [string, FileTensor]) =>
    isAside(name, value, counters) || others.some(({ taken }) => taken.has(name))
  return {
    tensors: network.tensors,
    remarks: network.remarks,
    besides: rest.filter(aside).map(([name]) => name),
    unclear: rest.filter((one) => !aside(one)).map(([name]) => name),
  }
}

/** A network whose classifier is none of its own, with the one that stands outside of it; null where there is none. */
function withHead(prefix: string, below: Tensors, tensors: Tensors) {
  const head = [...tensors].filter(([name]) => !name.startsWith(prefix) && isHeadName(name) && !below.has(name))
  if (head.length === 0) return null
  const names = head.map(([name]) => name)
  return {
    head: names,
    tensors: new Map([...below, ...head]),
    remarks: [
      `The classifier (${names.join(', ')}) stands outside of the network below “${prefix}”: it is taken to work on the features at the network’s end.`,
    ],
  }
}

function chosen(choices: readonly Found[], fileName: string): Found | null {
  const [first, ...others] = choices
  if (!first) return null
  if (others.some(({ tensors }) => !same(tensors, first.tensors)))
    throw new PalmError(
      'model-unsupported',
      `${fileName} holds more than one network (${choices.map(({ prefix }) => `“${prefix}”`).join(', ')}), and nothing says which is meant. Save the right one by itself: torch.save({k[${first.prefix.length}:]: v for k, v in state_dict.items() if k.startswith(${JSON.stringify(first.prefix)})}, "model.pth").`,
    )
  return first
}

const same = (a: Tensors, b: Tensors): boolean =>
  a.size === b.size &&
  [...a].every(([name, { data }]) => {
    const other = b.get(name)?.data
    return (
      other !== undefined &&
      (other === data || (other.length === data.length && data.every((value, i) => value === other[i])))
    )
  })

/** Whether it is a network as it is, with nothing taken off its names. */
export const isKnown = (tensors: Tensors, fileName: string): boolean =>
  recognition(shapesOf(tensors), fileName) === 'known'

const shapesOf = (tensors: Tensors) => new Map([...tensors].map(([name, { shape }]) => [name, shape]))

/** What lies below each prefix, under what is left of its names; shorter prefixes first. */
function byPrefix(tensors: Tensors): [string, Map<string, FileTensor>][] {
  const groups = new Map<string, Map<string, FileTensor>>()
  for (const [name, value] of tensors) {
    let at = name.indexOf('.')
    for (let depth = 0; at >= 0 && depth < deepest; depth++) {
      const prefix = name.slice(0, at + 1)
      const group = groups.get(prefix) ?? new Map<string, FileTensor>()
      group.set(name.slice(at + 1), value)
      groups.set(prefix, group)
      at = name.indexOf('.', at + 1)
    }
  }
  return [...groups].sort(([a], [b]) => a.split('.').length - b.split('.').length)
}
