// Matching an input's classes to a model's: as the user says, by name (letter case, spaces, hyphens and underscores aside), by WordNet id, by number, else
// by sorted order. Shown before a run, and editable.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'

const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')
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
  readonly how: 'chosen' | 'name' | 'wordnet' | 'number' | 'order' | 'none'
}

export interface MatchContext {
  readonly modelClasses: number
  readonly modelNames: readonly string[] | null
  /** The user's own: class of the input -> class of the model, null = leave its images out. */
  readonly chosen: Readonly<Record<string, number | null>>
  readonly imageNet: ImageNetClasses
}

/** A proposal for every class of the input; `none` where nothing fits. */
export function proposeMatches(
  inputClasses: readonly string[],
  { modelClasses, modelNames, chosen, imageNet }: MatchContext,
): ClassMatch[] {
  const byName = new Map((modelNames ?? []).map((name, index) => [plain(name), index]))
  const byId = new Map(imageNet.map(([id, name], index) => [id, { index, name }]))
  const free = inputClasses.filter((name) => !Object.hasOwn(chosen, name))
  const named = new Map<string, Pick<ClassMatch, 'index' | 'how'>>()
  for (const name of free) {
    const direct = byName.get(plain(name))
    const known = byId.get(name)
    const meant = known && byName.get(plain(known.name))
    if (direct !== undefined) named.set(name, { index: direct, how: 'name' })
    else if (meant !== undefined) named.set(name, { index: meant, how: 'wordnet' })
    else if (known && modelClasses === imageNet.length && !modelNames)
      named.set(name, { index: known.index, how: 'wordnet' })
  }
  const anyNamed = named.size > 0
  const numbers = free.length > 0 && free.every((name) => /^\d{1,7}$/.test(name) && Number(name) < modelClasses)
  // By order only when no name says anything, and the model's own names, if it has some, are as many.
  const ordered =
    !anyNamed &&
    !numbers &&
    Object.keys(chosen).length === 0 &&
    inputClasses.length <= modelClasses &&
    (!modelNames || inputClasses.length === modelNames.length)
  return inputClasses.map((name, position) => {
    const meaning = wordNetId.test(name) ? (byId.get(name)?.name ?? null) : null
    if (Object.hasOwn(chosen, name)) {
      const index = chosen[name] ?? null
      if (index !== null && index >= modelClasses)
        throw new PalmError(
          'input-labels',
          `“${name}” was matched to class ${index}, but the model has only ${modelClasses}.`,
        )
      return { name, meaning, index, how: 'chosen' as const }
    }
    const found = named.get(name)
    if (found) return { name, meaning, ...found }
    if (numbers) return { name, meaning, index: Number(name), how: 'number' as const }
    if (ordered) return { name, meaning, index: position, how: 'order' as const }
    return { name, meaning, index: null, how: 'none' as const }
  })
}

/** Model class of each input class, -1 = leave its images out. @throws PalmError `input-labels` when they cannot fit. */
export function matchClasses(inputClasses: readonly string[], context: MatchContext, inputName: string): Int32Array {
  const { modelClasses, modelNames, chosen } = context
  const matches = proposeMatches(inputClasses, context)
  const missing = matches.filter(({ how }) => how === 'none').map(({ name }) => name)
  if (missing.length > 0) {
    if (inputClasses.length > modelClasses && Object.keys(chosen).length === 0) {
      throw new PalmError(
        'input-labels',
        `${inputName} has ${inputClasses.length} classes, but the model knows only ${modelClasses}. Use a model that was trained on these classes, or leave out folders.`,
      )
    }
    const theirs = modelNames
      ? ` The model’s are ${modelNames.slice(0, 5).join(', ')}${modelNames.length > 5 ? ' …' : ''}.`
      : ''
    throw new PalmError(
      'input-labels',
      `${inputName} has classes that the model does not know by name (${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' …' : ''}).${theirs} Match them by hand, or leave them out.`,
    )
  }
  const kept = matches.filter(({ index }) => index !== null)
  if (inputClasses.length > 0 && kept.length === 0)
    throw new PalmError('input-labels', `All classes of ${inputName} are left out.`)
  return Int32Array.from(matches, ({ index }) => index ?? -1)
}
