// What an input holds, for showing before a run: classes with their numbers of images, and what is odd about it.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { InputInfo } from '../../contract/api.ts'
import { listClassFolder } from './class-folder.ts'

/** @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function inspectInput(path: string): Promise<InputInfo> {
  const { name, classNames, emptyClasses, samples } = await listClassFolder(path)
  const counts = new Map<number, number>()
  for (const { classIndex } of samples) counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1)
  const problems: string[] = []
  if (emptyClasses.length > 0) problems.push(`No images in ${emptyClasses.join(', ')}.`)
  if (classNames.length === 0) problems.push('There are no class folders, so there are no labels: accuracy cannot be shown.')
  return { name, path, images: samples.length, classes: classNames.map((className, index) => ({ name: className, images: counts.get(index) ?? 0 })), problems }
}

/** Files that are asked for their size at a time. */
const atOnce = 64

/** Knows an input by its files' names, classes and sizes, without reading them. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function fingerprintInput(path: string, shownName: string | null): Promise<{ name: string; hash: string; images: number }> {
  const { name, classNames, samples } = await listClassFolder(path)
  const hash = createHash('sha256').update(JSON.stringify(classNames))
  for (let at = 0; at < samples.length; at += atOnce) {
    const part = samples.slice(at, at + atOnce)
    const sizes = await Promise.all(part.map(({ file }) => stat(file).then(({ size }) => size, () => -1)))
    for (const [i, { id, classIndex }] of part.entries()) hash.update(`${id}\u0000${classIndex}\u0000${sizes[i]}\n`)
  }
  return { name: shownName ?? name, hash: hash.digest('hex'), images: samples.length }
}
