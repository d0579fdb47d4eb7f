// What an input holds, for showing before a run: its kind, its classes with their numbers of images, its domains, and what is odd about it.
import { createHash } from 'node:crypto'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import type { InputLayout } from '#contract/inputs/input-layouts.ts'
import { labelsOf, type InputOptions } from '#contract/inputs/input-kinds.ts'
import type { InputFolders } from './kinds/kind.ts'
import { proposeMatches, type ImageNetClasses } from './labels.ts'
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
  const {
    kind,
    path,
    name,
    classNames,
    emptyClasses,
    samples,
    domains,
    variants,
    splits,
    split,
    problems: found,
  } = await openInput(input, folders)
  const counts = new Map<number, number>()
  const inDomain = new Map<number, number>()
  for (const { classIndex, domain } of samples) {
    counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1)
    inDomain.set(domain, (inDomain.get(domain) ?? 0) + 1)
  }
  const problems = [...found]
  if (emptyClasses.length > 0) problems.push(`No images in ${emptyClasses.join(', ')}.`)
  if (classNames.length === 0)
    problems.push('There are no labels: confidence, entropy and agreement are shown in place of accuracy.')
  const matches = proposeMatches(classNames, {
    modelClasses: model?.classes ?? classNames.length,
    modelNames: model?.classNames ?? null,
    chosen: labelsOf(input),
    imageNet,
  })
  const unmatched = model ? matches.filter(({ how }) => how === 'none').length : 0
  if (unmatched > 0)
    problems.push(
      `${unmatched} ${unmatched === 1 ? 'class is' : 'classes are'} not among the model’s: match them by hand, or leave them out.`,
    )
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

/** Files that are asked for their size at a time. */
const atOnce = 64

/** Knows an input by its files' names, classes and sizes, without reading them. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function fingerprintInput(
  input: InputOptions,
  folders: InputFolders,
): Promise<{ name: string; hash: string; images: number; layout: InputLayout }> {
  const { kind: layout, name, classNames, samples, variants, placeOf, domains } = await openInput(input, folders)
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
    for (const [i, { id, classIndex }] of part.entries()) hash.update(`${id}\u0000${classIndex}\u0000${marks[i]}\n`)
  }
  return { name, hash: hash.digest('hex'), images: samples.length, layout }
}
