// What the run in the form will take: asked anew when something that matters changes, one question at a time, the newest last. Runs without a page.
import { toWireError } from '#contract/errors.ts'
import type { Estimate, EstimateRequestInput } from '#contract/runs/run-estimate.ts'
import { streamSize, type StreamSize } from '#contract/runs/stream-size.ts'
import type { NewRun } from './new-run.svelte.ts'

export interface EstimateAsker {
  estimateRun(request: EstimateRequestInput): Promise<Estimate>
}

/** Side for which a model without one is reckoned (session/open-model.ts). */
const reckonedSide = 32

/** The size of the form's stream; null as long as something is missing or does not fit. */
export function sizeOf(form: Pick<NewRun, 'info' | 'details' | 'complete'>): StreamSize | null {
  const { complete, info, details } = form
  return complete && info && details ? streamSize(complete, info) : null
}

/** `imageSide`: of the images themselves, for a model that takes any; 0 = not known. */
export function questionOf(
  form: Pick<NewRun, 'info' | 'details' | 'complete'>,
  imageSide: number,
): EstimateRequestInput | null {
  const { complete, details } = form
  const size = sizeOf(form)
  if (!complete || !details || !size) return null
  const bytesOf = (tensors: typeof details.tensors) =>
    4 * tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0)
  const own = details.inputSize.width
  const side = own || imageSide || reckonedSide
  const grown = own ? 1 : (side / reckonedSide) ** 2
  const weightBytes = bytesOf(details.tensors)
  const { images, domains, distinctImages, largestBatch } = size
  return {
    model: {
      hash: details.hash,
      flops: details.flops * grown,
      stepBytes:
        4 * weightBytes + Math.max(0, details.memoryBytes - 4 * weightBytes) * grown * (largestBatch / details.batch),
      weightBytes,
      adaptableBytes: bytesOf(details.tensors.filter(({ adaptable }) => adaptable)),
      normBytes: bytesOf(details.tensors.filter(({ adaptable, shape }) => adaptable && shape.length === 1)),
    },
    side,
    lanes: complete.lanes.map(({ options }) => options),
    images,
    domains,
    distinctImages,
    batchSize: largestBatch,
    window: complete.window,
  }
}

export class RunForecast {
  value = $state.raw<Estimate | null>(null)
  asking = $state(false)
  problem = $state('')
  private wanted: EstimateRequestInput | null = null
  private key = ''
  private readonly asker: EstimateAsker

  constructor(asker: EstimateAsker) {
    this.asker = asker
  }

  /** Null: nothing can be said, and what was said does not hold any more. */
  async want(question: EstimateRequestInput | null): Promise<void> {
    const key = JSON.stringify(question)
    if (key === this.key) return
    this.key = key
    this.wanted = question
    if (!question) this.value = null
    if (this.asking) return // the one under way asks on
    this.asking = true
    while (this.wanted) {
      const asked = this.wanted
      this.wanted = null
      try {
        const value = await this.asker.estimateRun(asked)
        if (this.key === JSON.stringify(asked)) this.value = value
        this.problem = ''
      } catch (thrown) {
        this.value = null
        this.problem = toWireError(thrown).message
      }
    }
    this.asking = false
  }
}
