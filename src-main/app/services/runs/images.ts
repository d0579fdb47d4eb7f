// The images behind a run's numbers: sums the stored predictions to confusion matrices and finds the images that a filter means. It reads a stretch of steps
// at a time and lets others in between; sums go on from where they were, so that a run under way is not read again from its beginning.
import type { Confusion, Coverage, FoundImages, ImageFilter, ImagePlace, Picture } from '#contract/runs/images.ts'
import { csvRows } from '#contract/runs/images.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Coverage as StoredSteps, PredictedStep } from '#store/tables/predictions-table.ts'
import { ConfusionSum } from './confusion-sum.ts'
import { DamagedSteps, withinClasses } from './damaged-steps.ts'
import { accepts, orderOf } from './image-filter.ts'

export interface ImageRecords {
  readonly runs: { plan(run: number): RunPlan | null; options(run: number): RunOptions }
  readonly predictions: {
    coverage(run: number): StoredSteps
    steps(
      run: number,
      lanes: readonly string[],
      range: { readonly from: number; readonly to: number; readonly limit: number },
    ): PredictedStep[]
    ids(run: number, samples: Iterable<number>): Map<number, string>
  }
}

export interface PictureRequest {
  readonly options: RunOptions
  readonly inputHash: string
  readonly images: readonly ImagePlace[]
  readonly maxSide: number | null
}

/** Makes pictures again outside of this thread. @throws PalmError `input-unreadable`, `input-labels`, `model-unreadable` */
export type MakePictures = (request: PictureRequest) => Promise<Picture[]>

/** Steps read at a time: a few milliseconds. */
const stretch = 64
const keptSums = 24
const lookUp = () => new Promise<void>((resolve) => setImmediate(resolve))

interface Match {
  readonly key: string
  readonly upTo: number
  readonly steps: Uint32Array
  readonly rows: Uint32Array
  readonly damaged: Coverage['damaged']
}

export class ImageService {
  private readonly records: ImageRecords
  private readonly makePictures: MakePictures
  /** Most recently used last. */
  private readonly sums = new Map<string, ConfusionSum>()
  private found: Match | null = null
  private queue: Promise<unknown> = Promise.resolve()

  constructor(records: ImageRecords, makePictures: MakePictures) {
    this.records = records
    this.makePictures = makePictures
  }

  /** Throws `run-not-found`, `bad-request`. */
  confusion({
    run,
    lane,
    domain,
  }: {
    readonly run: number
    readonly lane: string
    readonly domain: number | null
  }): Promise<Confusion> {
    return this.inTurn(async () => {
      const plan = this.planOf(run, [lane])
      const range = rangeOf(plan, domain)
      const key = `${run} ${lane} ${domain}`
      let sum = this.sums.get(key) ?? new ConfusionSum(plan.model.classes, lane, range.from)
      // A run that was taken back behind what is summed already is summed anew.
      const known = this.steps(run, plan, [lane], { from: sum.lastStep, to: sum.lastStep + 1, limit: 1 })
      if (!sum.fits(known[0])) sum = new ConfusionSum(plan.model.classes, lane, range.from)
      this.sums.delete(key)
      this.sums.set(key, sum)
      for (const old of [...this.sums.keys()].slice(0, -keptSums)) this.sums.delete(old)
      for (;;) {
        const steps = this.steps(run, plan, [lane], { from: sum.next, to: range.to, limit: stretch })
        for (const step of steps) sum.add(step)
        if (steps.length < stretch) break
        await lookUp()
      }
      return {
        lane,
        domain,
        classes: plan.model.classes,
        ...sum.totals(),
        coverage: this.coverage(run, sum.damaged.told),
        cells: Buffer.from(sum.triples().buffer).toString('base64'),
      }
    })
  }

  /** Throws `run-not-found`, `bad-request`. */
  images({
    run,
    filter,
    upTo,
    offset,
    limit,
  }: {
    readonly run: number
    readonly filter: ImageFilter
    readonly upTo: number | null
    readonly offset: number
    readonly limit: number
  }): Promise<FoundImages> {
    return this.inTurn(async () => {
      const plan = this.planOf(run, [filter.lane, filter.versus])
      const match = await this.match(run, plan, filter, upTo)
      const images = this.page(run, plan, match, offset, limit)
      return { total: match.steps.length, upTo: match.upTo, coverage: this.coverage(run, match.damaged), images }
    })
  }

  /** Throws `run-not-found`, `bad-request`. */
  csv({
    run,
    filter,
    upTo,
  }: {
    readonly run: number
    readonly filter: ImageFilter
    readonly upTo: number | null
  }): Promise<{ csv: string; rows: number; total: number }> {
    return this.inTurn(async () => {
      const plan = this.planOf(run, [filter.lane, filter.versus])
      const match = await this.match(run, plan, filter, upTo)
      const name = (label: number) => plan.model.classNames[label] ?? String(label)
      const lines = [
        ['id', 'step', 'domain', 'label', ...plan.lanes.flatMap(({ id }) => [id, `${id} confidence`])]
          .map(field)
          .join(','),
      ]
      const rows = Math.min(csvRows, match.steps.length)
      for (let at = 0; at < rows; at += 500) {
        for (const image of this.page(run, plan, match, at, Math.min(500, rows - at))) {
          const predicted = plan.lanes.flatMap(({ id }) => {
            const seen = image.lanes[id]
            return seen ? [name(seen.label), seen.confidence.toFixed(4)] : ['', '']
          })
          lines.push(
            [
              image.id,
              String(image.step),
              plan.domains[image.domain]?.name ?? '',
              image.label === null ? '' : name(image.label),
              ...predicted,
            ]
              .map(field)
              .join(','),
          )
        }
        await lookUp()
      }
      return { csv: `${lines.join('\n')}\n`, rows, total: match.steps.length }
    })
  }

  /** Throws `run-not-found`, and what making them throws. */
  async pictures({
    run,
    images,
    maxSide,
  }: {
    readonly run: number
    readonly images: readonly ImagePlace[]
    readonly maxSide: number | null
  }): Promise<{ pictures: Picture[] }> {
    const { inputHash } = this.planOf(run, [])
    return {
      pictures: await this.makePictures({ options: this.records.runs.options(run), inputHash, images, maxSide }),
    }
  }

  /** Reads and sums never run beside each other: they would share the sums. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.queue.then(work, work)
    this.queue = mine.catch(() => undefined)
    return mine
  }

  private planOf(run: number, lanes: readonly (string | null)[]): RunPlan {
    const plan = this.records.runs.plan(run)
    if (!plan)
      throw new PalmError('bad-request', `Run ${run} has not opened its input and model yet: there are no predictions.`)
    for (const lane of lanes)
      if (lane !== null && !plan.lanes.some(({ id }) => id === lane))
        throw new PalmError('bad-request', `Run ${run} has no lane ${lane}.`)
    return plan
  }

  private coverage(run: number, damaged: Coverage['damaged']): Coverage {
    const { steps, firstStep, lastStep } = this.records.predictions.coverage(run)
    return { steps, from: firstStep, to: lastStep === null ? 0 : lastStep + 1, damaged }
  }

  private steps(
    run: number,
    plan: RunPlan,
    lanes: readonly string[],
    range: { readonly from: number; readonly to: number; readonly limit: number },
  ): PredictedStep[] {
    return this.records.predictions.steps(run, lanes, range).map((step) => withinClasses(step, plan.model.classes))
  }

  /** All that a filter finds, as steps and rows in them; the last list is kept for its next page. */
  private async match(run: number, plan: RunPlan, filter: ImageFilter, upTo: number | null): Promise<Match> {
    const end = Math.min(upTo ?? Number.POSITIVE_INFINITY, this.coverage(run, null).to)
    const key = JSON.stringify([run, filter, end])
    // A list that is asked for anew is made anew: what it was made of may have been taken back.
    if (upTo !== null && this.found?.key === key) return this.found
    const range = rangeOf(plan, filter.domain)
    const steps: number[] = []
    const rows: number[] = []
    const confidences: number[] = []
    const damaged = new DamagedSteps()
    const lanes = filter.versus === null || filter.versus === filter.lane ? [filter.lane] : [filter.lane, filter.versus]
    for (let from = range.from; ;) {
      const found = this.steps(run, plan, lanes, { from, to: Math.min(range.to, end), limit: stretch })
      for (const step of found) {
        damaged.look(step)
        const confidence = step.lanes.get(filter.lane)?.confidences
        for (let row = 0; row < step.images; row++) {
          if (!accepts(filter, step, row)) continue
          steps.push(step.step)
          rows.push(row)
          confidences.push(confidence?.[row] as number)
        }
      }
      if (found.length < stretch) break
      from = (found.at(-1)?.step ?? from) + 1
      await lookUp()
    }
    const order = orderOf(confidences, filter.sort)
    this.found = {
      key,
      upTo: end,
      steps: order.map((i) => steps[i] as number),
      rows: order.map((i) => rows[i] as number),
      damaged: damaged.told,
    }
    return this.found
  }

  private page(run: number, plan: RunPlan, match: Match, offset: number, limit: number): FoundImages['images'] {
    const lanes = plan.lanes.map(({ id }) => id)
    const wanted = Array.from(match.steps.subarray(offset, offset + limit), (step, i) => ({
      step,
      row: match.rows[offset + i] as number,
    }))
    const steps = new Map(
      [...new Set(wanted.map(({ step }) => step))].flatMap((step) =>
        this.steps(run, plan, lanes, { from: step, to: step + 1, limit: 1 }).map((row) => [step, row] as const),
      ),
    )
    const ids = this.records.predictions.ids(
      run,
      new Set(wanted.map(({ step, row }) => steps.get(step)?.samples[row] ?? 0)),
    )
    return wanted.flatMap(({ step, row }) => {
      const of = steps.get(step)
      if (!of) return []
      const sample = of.samples[row] as number
      const label = of.labels[row] as number
      return [
        {
          step,
          position: of.positions[row] as number,
          sample,
          id: ids.get(sample) ?? '',
          domain: of.domain,
          label: label < 0 ? null : label,
          lanes: Object.fromEntries(
            [...of.lanes].map(([lane, { classes, confidences }]) => [
              lane,
              { label: classes[row] as number, confidence: confidences[row] as number },
            ]),
          ),
          unread: [...of.unread],
        },
      ]
    })
  }
}

const field = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

function rangeOf(plan: RunPlan, domain: number | null): { readonly from: number; readonly to: number } {
  if (domain === null) return { from: 0, to: 2 ** 31 }
  const found = plan.domains[domain]
  if (!found) throw new PalmError('bad-request', `This run has no domain ${domain}.`)
  return { from: found.firstStep, to: found.firstStep + found.steps }
}
