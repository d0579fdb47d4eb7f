// What an input holds, for showing before a run: classes with their numbers of images, and what is odd about it.
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
