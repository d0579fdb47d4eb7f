// Matching an input's classes to a model's: as the user says, by name (letter case, spaces, hyphens, underscores and a number in front aside), by WordNet
// id, by number, else by sorted order where both have as many. What none of these tells is left open: a guess would give a wrong error. Shown before a run,
// and editable.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { LabelCounting } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import type { Listing } from './listing.ts'
import { wholeNumber } from './whole-number.ts'

const plain = (name: string) =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
/** `01_cat`, `001.cat`, `3 - cat`: what numbers a folder is not its name. */
const unnumbered = (name: string) => name.replace(/^\d+\s*[._ -]\s*(?=\p{L})/u, '')
const wordNetId = /^n\d{8}$/

/** [WordNet id, name] of ImageNet-1k's classes, in the order of the models' outputs. */
export type ImageNetClasses = readonly (readonly [id: string, name: string])[]

/** What ships in resources/labels. */
export async function imageNetClasses(resourcesFolder: string): Promise<ImageNetClasses> {
  return z
    .array(z.tuple([z.string(), z.string()]))
    .parse(JSON.parse(await readFile(join(resourcesFolder, 'labels', 'imagenet-1k.json'), 'utf8')))
}

export interface ClassMatch {
  readonly name: string
  /** Of a WordNet id: what it means. */
  readonly meaning: string | null
  /** Class of the model; null = left out. */
  readonly index: number | null
  readonly how: 'chosen' | 'name' | 'wordnet' | 'number' | 'one-based' | 'order' | 'none'
}

export interface MatchContext {
  readonly modelClasses: number
  readonly modelNames: readonly string[] | null
  /** The user's own: class of the input -> class of the model, null = leave its images out. */
  readonly chosen: Readonly<Record<string, number | null>>
  /** How the user says that the classes are counted; absent = found out where it can be. */
  readonly counting?: LabelCounting | undefined
  readonly imageNet: ImageNetClasses
  /** Classes that no image has: nothing is lost where they match nothing. */
  readonly empty?: ReadonlySet<string>
  /** Those of them that nothing speaks of but the numbers beside them: they say nothing of how classes are counted. */
  readonly gaps?: ReadonlySet<string>
}

/** Which of an input's classes have no images, and which of these are only gaps between numbers. */
export function emptyOf({
  classNames,
  emptyClasses,
  samples,
}: Listing): Required<Pick<MatchContext, 'empty' | 'gaps'>> {
  const counts = new Int32Array(classNames.length)
  for (const { classIndex } of samples) if (classIndex >= 0) counts[classIndex] = (counts[classIndex] as number) + 1
  const empty = new Set(classNames.filter((_, index) => counts[index] === 0))
  const listed = new Set(emptyClasses)
  return { empty, gaps: new Set([...empty].filter((name) => !listed.has(name))) }
}

type Found = Pick<ClassMatch, 'index' | 'how'>

/** A proposal for every class of the input; `none` where nothing fits. @throws PalmError `input-labels` for a chosen class that the model has not */
export function proposeMatches(inputClasses: readonly string[], context: MatchContext): ClassMatch[] {
  const { modelClasses, chosen, imageNet, gaps } = context
  const own = new Map(Object.entries(chosen).map(([name, index]) => [name.normalize('NFC'), index]))
  const said = (name: string) => own.get(name.normalize('NFC'))
  const free = inputClasses.filter((name) => said(name) === undefined && !gaps?.has(name))
  const named = context.counting === undefined ? byNames(free, context) : new Map<string, Found>()
  // By number or order only when no name says anything.
  const counted = named.size > 0 ? named : (byNumbers(free, context) ?? byOrder(free, context))
  const ids = new Map(imageNet)
  return inputClasses.map((name) => {
    const meaning = wordNetId.test(name) ? (ids.get(name) ?? null) : null
    const index = said(name)
    if (index === undefined) return { name, meaning, ...(counted.get(name) ?? nothing) }
    if (index !== null && index >= modelClasses)
      throw new PalmError(
        'input-labels',
        `“${name}” was matched to class ${index}, but the model has only ${modelClasses}.`,
      )
    return { name, meaning, index, how: 'chosen' as const }
  })
}

const nothing: Found = { index: null, how: 'none' }

function byNames(free: readonly string[], { modelClasses, modelNames, imageNet }: MatchContext): Map<string, Found> {
  const names = modelNames ?? []
  const byName = uniqueOf(names.map(plain))
  const byShort = uniqueOf(names.map((name) => plain(unnumbered(name))))
  const byValue = uniqueOf(names.map((name) => String(wholeNumber(name) ?? '')))
  const byId = new Map(imageNet.map(([id, name], index) => [id, { index, name }]))
  const isImageNet = modelClasses === imageNet.length
  const found = new Map<string, Found>()
  for (const name of free) {
    const value = wholeNumber(name)
    const direct =
      byName.get(plain(name)) ??
      byShort.get(plain(unnumbered(name))) ??
      (value === null ? undefined : byValue.get(String(value)))
    const known = byId.get(name)
    if (direct !== undefined) found.set(name, { index: direct, how: 'name' })
    else if (known) {
      // Two of ImageNet's names stand for two classes each; in a model of all of them their ids tell which.
      const its = isImageNet && plain(names[known.index] ?? known.name) === plain(known.name)
      const meant = its ? known.index : byName.get(plain(known.name))
      if (meant !== undefined) found.set(name, { index: meant, how: 'wordnet' })
    }
  }
  return found
}

/** Where each name stands; none for one that stands in several places. */
function uniqueOf(names: readonly string[]): Map<string, number> {
  const places = new Map<string, number>()
  const doubled = new Set<string>()
  for (const [index, name] of names.entries()) {
    if (places.has(name)) doubled.add(name)
    else places.set(name, index)
  }
  for (const name of doubled) places.delete(name)
  places.delete('')
  return places
}

/** Numbers keep their value, or count from 1 where their range says so; null when they are none. */
function byNumbers(free: readonly string[], { modelClasses, counting }: MatchContext): Map<string, Found> | null {
  if (counting === 'order' || free.length === 0) return null
  const values = free.every((name) => wholeNumber(name) === null)
    ? prefixedNumbers(free, modelClasses, counting)
    : free.map(wholeNumber)
  if (values.some((value) => value === null)) return free.every(isNumeric) ? new Map() : null
  const first = counting === 'from-0' ? 0 : counting === 'from-1' ? 1 : firstOf(values as number[], modelClasses)
  const found = new Map<string, Found>()
  if (first === null) return found
  for (const [at, name] of free.entries()) {
    const index = (values[at] as number) - first
    if (index >= 0 && index < modelClasses) found.set(name, { index, how: first === 0 ? 'number' : 'one-based' })
  }
  return found
}

/** Of `c00`, `c03`, …: where some are missing, what their numbers say. Only such as sort by value, as those did by which a model's were counted off. */
function prefixedNumbers(
  free: readonly string[],
  modelClasses: number,
  counting: LabelCounting | undefined,
): (number | null)[] {
  const parts = free.map((name) => /^(\D+)(\d{1,7})$/.exec(name))
  const [first] = parts
  const alike = parts.every(
    (part) => part && part[1] === first?.[1] && part[2]?.length === first?.[2]?.length && part[2] !== undefined,
  )
  const wide = (first?.[2]?.length ?? 0) >= String(modelClasses - 1).length
  const missing = counting !== undefined || free.length < modelClasses
  return parts.map((part) => (alike && wide && missing ? Number(part?.[2]) : null))
}

const isNumeric = (name: string) => name.trim() !== '' && Number.isFinite(Number(name))

/** The number of the model's first class; null where the numbers do not tell. Below 0 is no class. */
function firstOf(values: readonly number[], modelClasses: number): 0 | 1 | null {
  const [least, most] = rangeOf(values.filter((value) => value >= 0))
  if (most > modelClasses) return null
  if (least === 0) return most < modelClasses ? 0 : null
  if (most === modelClasses) return 1
  return least === 1 ? null : 0
}

/** Of none 0 and 0. A list of classes may be longer than the arguments of a call. */
function rangeOf(values: readonly number[]): [least: number, most: number] {
  const sorted = values.toSorted((a, b) => a - b)
  return [sorted[0] ?? 0, sorted.at(-1) ?? 0]
}

/** By sorted order, where both have as many classes, those without images among them; or where the user says so. */
function byOrder(free: readonly string[], { modelClasses, chosen, counting }: MatchContext): Map<string, Found> {
  const placed = Object.values(chosen).some((index) => index !== null)
  const fits = counting === 'order' ? free.length <= modelClasses : free.length === modelClasses
  const numbers = counting !== undefined && counting !== 'order'
  if (placed || !fits || numbers || (counting === undefined && free.every(isNumeric))) return new Map()
  return new Map(free.map((name, index) => [name, { index, how: 'order' as const }]))
}

/** Model class of each input class, -1 = leave its images out. @throws PalmError `input-labels` when they cannot fit. */
export function matchClasses(inputClasses: readonly string[], context: MatchContext, inputName: string): Int32Array {
  const matches = proposeMatches(inputClasses, context)
  const missing = matches.filter(({ name, how }) => how === 'none' && !context.empty?.has(name))
  if (missing.length > 0)
    throw new PalmError(
      'input-labels',
      whyUnmatched(
        inputName,
        inputClasses,
        missing.map(({ name }) => name),
        context,
      ),
    )
  const kept = matches.filter(({ name, index }) => index !== null && !context.empty?.has(name))
  if (inputClasses.length > 0 && kept.length === 0)
    throw new PalmError('input-labels', `All classes of ${inputName} are left out.`)
  return Int32Array.from(matches, ({ index }) => index ?? -1)
}

const byHand = 'Match them by hand, or leave them out (--labels FILE: {"cat": 3, "other": null})'

/** Why classes match nothing, and what to do: of `input`, its name. */
export function whyUnmatched(
  input: string,
  inputClasses: readonly string[],
  missing: readonly string[],
  { modelClasses, modelNames, chosen, gaps }: MatchContext,
): string {
  const classes = inputClasses.filter((name) => !gaps?.has(name))
  const some = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' …' : ''}`
  const values = classes.map(wholeNumber)
  if (values.every((value) => value !== null)) {
    const [least, most] = rangeOf(values)
    const range = `${least} to ${most}`
    return least > 0 && most < modelClasses
      ? `${input} has the class numbers ${range}, and the model has ${modelClasses} classes: they may be counted from 0 or from 1. Say which: --labels from-0 or --labels from-1 (in the form: how the classes are counted).`
      : `${input} has the class numbers ${range}, but the model’s ${modelClasses} classes are 0 to ${modelClasses - 1} (not known: ${some}). ${byHand}.`
  }
  if (classes.length > modelClasses && Object.keys(chosen).length === 0)
    return `${input} has ${classes.length} classes, but the model knows only ${modelClasses}. Use a model that was trained on these classes, or leave out folders (--labels FILE: {"other": null}).`
  const theirs = modelNames
    ? ` The model’s are ${modelNames.slice(0, 5).join(', ')}${modelNames.length > 5 ? ' …' : ''}.`
    : ''
  if (missing.length === classes.length && !modelNames)
    return `${input} has ${classes.length} classes and the model ${modelClasses}, and no name says which is which (${some}): counting them off would be a guess. ${byHand}, or say that they are the model’s first ones in sorted order (--labels order).`
  return `${input} has classes that the model does not know by name (${some}).${theirs} ${byHand}.`
}
