// Whether a run has read what it set out to: figures of a few images that happened to be readable are not those of its input.
import { PalmError } from '#contract/errors.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import type { Stream } from '#stream/stream.ts'

/** Of the images that a run has planned so many must have been read, else its figures are of another set of images than it says. */
const leastRead = 0.8

/** @throws PalmError `input-unreadable` saying how many, and the first reason */
export function checkRead(
  seen: number,
  { totalImages, inputName }: Pick<RunPlan, 'totalImages' | 'inputName'>,
  { files, total }: Stream['skipped'],
): void {
  if (seen > 0 && seen >= leastRead * totalImages) return
  const [first] = files
  const which = first
    ? ` ${total} ${total === 1 ? 'file' : 'files'} could not be, e.g. ${first.path}: ${first.reason}`
    : ''
  throw new PalmError(
    'input-unreadable',
    seen === 0
      ? `No image of ${inputName} could be read.${which}`
      : `Only ${seen} of ${totalImages} images of ${inputName} could be read, and a run needs ${100 * leastRead} %: its figures are of too few.${which}`,
  )
}
