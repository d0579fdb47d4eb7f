// What an input holds, for showing before a run: its kind, its classes with their numbers of images, its domains, and what is odd about it.
import { createHash } from 'node:crypto'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import type { InputLayout } from '#contract/inputs/input-layouts.ts'
import { countingOf, labelsOf, type InputOptions } from '#contract/inputs/input-kinds.ts'
import type { InputFolders } from './kinds/kind.ts'
import {
  emptyOf,
  proposeMatches,
  whyUnmatched,
  type ClassMatch,
  type ImageNetClasses,
  type MatchContext,
} from './labels.ts'
import type { Listing } from './listing.ts'
import { openInput } from './open-input.ts'
import { readerOf } from './places/places.ts'

export interface MatchedModel {
  readonly classes: number
  readonly classNames: readonly string[] | null
}

/** `model`: its classes are matched to the input's; null = nothing is matched. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function inspectInput(
  input: InputOptions,
  folders: InputFolders,
  model: MatchedModel | null,
  imageNet: ImageNetClasses,
): Promise<InputInfo> {
  const listing = await openInput(input, folders)
  const { kind, path, name, classNames, samples, domains, variants, splits, split } = listing
  const counts = new Map<number, number>()
  const inDomain = new Map<number, number>()
  for (const { classIndex, domain } of samples) {
    counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1)
    inDomain.set(domain, (inDomain.get(domain) ?? 0) + 1)
  }
  const context: MatchContext = {
    modelClasses: model?.classes ?? classNames.length,
    modelNames: model?.classNames ?? null,
    chosen: labelsOf(input),
    counting: countingOf(input),
    imageNet,
    ...emptyOf(listing),
  }
  const matches = proposeMatches(classNames, context)
  const problems = [...problemsOf(listing), ...(model ? matchProblems(classNames, matches, context) : [])]
  return {
    name,
    path,
    kind,
    images: samples.length,
    classes: matches.map((match, index) => ({
      ...match,
      images: counts.get(index) ?? 0,
      index: model ? match.index : null,
      how: model ? match.how : 'none',
    })),
    domains: domains?.map((domain, index) => ({ name: domain, images: inDomain.get(index) ?? 0 })) ?? null,
    variants: variants ? [...variants] : null,
    splits: [...splits],
    split,
    problems,
  }
}

function problemsOf({ classNames, emptyClasses, problems }: Listing): string[] {
  const without = `${emptyClasses.slice(0, 5).join(', ')}${emptyClasses.length > 5 ? ' …' : ''}`
  return [
    ...problems,
    ...(emptyClasses.length > 0 ? [`No images in ${without}.`] : []),
    ...(classNames.length === 0
      ? ['There are no labels: confidence, entropy and agreement are shown in place of accuracy.']
      : []),
  ]
}

/** What is open, and what is assumed. */
function matchProblems(
  classNames: readonly string[],
  matches: readonly ClassMatch[],
  context: MatchContext,
): readonly string[] {
  const missing = matches.filter(({ name, how }) => how === 'none' && !context.empty?.has(name)).map(({ name }) => name)
  if (missing.length > 0)
    return [
      `${missing.length} ${missing.length === 1 ? 'class is' : 'classes are'} not among the model’s: match them by hand, or leave them out.`,
      whyUnmatched('It', classNames, missing, context),
    ]
  const assumed = {
    'one-based': 'The class numbers are counted from 1: 1 is the model’s class 0.',
    order: 'Only their sorted order says which class is which of the model’s.',
  } as const
  const said: string[] = Object.entries(assumed).flatMap(([how, words]) =>
    matches.some((match) => match.how === how) ? [words] : [],
  )
  const numbered = matches.filter(({ how }) => how === 'number')
  if (context.counting === undefined && numbered.length > 0 && numbered.every(({ index }) => index !== 0))
    said.push('The class numbers are taken as the model’s, counted from 0 (--labels from-1 where they are not).')
  return said
}

/** Files that are asked for their size at a time. */
const atOnce = 64

/** Knows an input by its files' names, classes and sizes, without reading them. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function fingerprintInput(
  input: InputOptions,
  folders: InputFolders,
): Promise<{ name: string; hash: string; images: number; layout: InputLayout }> {
  const listing = await openInput(input, folders)
  const { kind: layout, name, samples, variants, placeOf, domains } = listing
  // Folders without images do not count, so that inputs are known again that were known before they did.
  const listed = new Set(listing.emptyClasses)
  const classNames = listing.classNames.filter((known) => !listed.has(known))
  const places = new Map(classNames.map((known, index) => [known, index]))
  const hash = createHash('sha256').update(
    JSON.stringify(domains || variants ? [classNames, domains, variants] : classNames),
  )
  const markOf = (sample: number) => {
    const place = placeOf(sample, variants?.[0] ?? null)
    return readerOf(place).mark(place)
  }
  for (let at = 0; at < samples.length; at += atOnce) {
    const part = samples.slice(at, at + atOnce)
    const marks = await Promise.all(part.map((_, i) => markOf(at + i)))
    for (const [i, { id, classIndex }] of part.entries())
      hash.update(`${id}\u0000${places.get(listing.classNames[classIndex] ?? '') ?? -1}\u0000${marks[i]}\n`)
  }
  return { name, hash: hash.digest('hex'), images: samples.length, layout }
}
