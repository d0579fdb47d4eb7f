// How many images in how many domains a run will stream, from its options and what was found in its input: the counts of the stream's own plan, known
// before the input is opened. A test holds them against that plan.
import type { InputInfo } from '#contract/inputs/input-info.ts'
import type { RunOptions } from './run-options.ts'

export interface StreamSize {
  readonly images: number
  readonly domains: number
  readonly steps: number
  /** Images of the input that take part: what is decoded. */
  readonly distinctImages: number
  /** Images of the largest batch: fewer than were asked for where no domain has as many. */
  readonly largestBatch: number
}

type Asked = Pick<RunOptions, 'schedule' | 'corruptions' | 'severities' | 'order' | 'cycles' | 'limit' | 'batchSize'>
const gradualSteps = 9

export function streamSize(options: Asked, info: Pick<InputInfo, 'images' | 'classes' | 'domains'>): StreamSize {
  const leftOut = info.classes.reduce((sum, { images, index }) => sum + (index === null ? images : 0), 0)
  const kept = Math.max(0, info.images - leftOut)
  const limited = (images: number) => Math.min(images, options.limit ?? images)
  // Classes that are left out are not counted by domain: their share is taken off evenly.
  const share = info.images > 0 ? kept / info.images : 0
  const once = info.domains
    ? info.domains.map(({ images }) => limited(Math.round(images * share)))
    : Array.from({ length: corruptedDomains(options) }, () => limited(kept))
  const mixed = options.schedule === 'mixed'
  const each = Array.from({ length: info.domains && mixed ? 1 : options.cycles }, () => once).flat()
  const images = each.reduce((sum, count) => sum + count, 0)
  const cut = (count: number) => Math.ceil(count / options.batchSize)
  return {
    images,
    largestBatch: Math.max(1, Math.min(options.batchSize, mixed ? images : Math.max(0, ...once))),
    domains: mixed ? 1 : each.length,
    steps: mixed ? cut(images) : each.reduce((sum, count) => sum + cut(count), 0),
    distinctImages: info.domains ? once.reduce((sum, count) => sum + count, 0) : limited(kept),
  }
}

function corruptedDomains({ schedule, corruptions, severities, order }: Asked): number {
  if (schedule === 'custom') return order.length
  if (corruptions.length === 0) return 1
  return corruptions.length * (schedule === 'gradual' ? gradualSteps : severities.length)
}
