// The images behind a run's numbers: a list by filters in pages, their pictures as they come, one of them enlarged. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type {
  FoundImages,
  ImageFilter,
  ImageFilterInput,
  ImagePlace,
  Picture,
  SeenImage,
} from '#contract/runs/images.ts'
import type { LaneInfo, PreviewImage } from '#contract/tables/report.ts'
import { ConfusionView } from './confusion.svelte.ts'

export const pageSize = 60
/** Pictures asked for at once: the first are on the screen while the others are made. */
const atOnce = 12
const thumbnailSide = 96

export type Client = Pick<PalmClient, 'call'>
export type Guesses = readonly { readonly label: number; readonly confidence: number }[]

/** What a lane said of the enlarged image. `before` null = damaged in the database; `after` null = not known, or nothing adapts. */
export interface LanePrediction {
  readonly lane: string
  readonly before: Guesses | null
  readonly after: Guesses | null
}

export interface Enlarged extends ImagePlace {
  readonly id: string
  readonly label: number | null
  readonly predictions: readonly LanePrediction[]
  readonly width: number
  readonly height: number
  readonly clean: string
  readonly corrupted: string
}

const place = ({ step, position, sample }: ImagePlace): ImagePlace => ({ step, position, sample })
const keyOf = ({ step, position }: ImagePlace): string => `${step} ${position}`

/** A filter that leaves nothing out. */
const everything: ImageFilter = {
  domain: null,
  lane: '',
  result: 'any',
  versus: null,
  versusResult: 'any',
  differs: false,
  actual: null,
  predicted: null,
  predictedBy: 'lane',
  confidence: [0, 1],
  sort: 'stream',
}

export class Explorer {
  filter = $state.raw<ImageFilter>(everything)
  found = $state.raw<FoundImages | null>(null)
  page = $state(0)
  pictures = $state.raw<ReadonlyMap<string, Picture>>(new Map())
  searching = $state(false)
  error = $state.raw<WireError | null>(null)
  /** Why there are no pictures. */
  picturesError = $state.raw<WireError | null>(null)
  readonly pages = $derived(Math.max(1, Math.ceil((this.found?.total ?? 0) / pageSize)))
  private readonly run: number
  private readonly client: Client
  private asked = 0

  constructor(run: number, client: Client, filter: ImageFilterInput) {
    this.run = run
    this.client = client
    this.filter = { ...this.filter, ...(filter as Partial<ImageFilter>) }
    void this.search()
  }

  change(changes: Partial<ImageFilter>): void {
    const next = { ...this.filter, ...changes }
    // What compares two lanes goes with the second one.
    this.filter =
      next.versus === null || next.versus === next.lane
        ? { ...next, versus: null, versusResult: 'any', differs: false, predictedBy: 'lane' }
        : next
    void this.search()
  }

  /** Every image of the run, in the same order. */
  showAll(): void {
    const { lane, sort } = this.filter
    this.change({ ...everything, lane, sort })
  }

  /** From the first page, with all steps that there are by now. */
  search(): Promise<void> {
    return this.load(0, null)
  }

  turn(page: number): Promise<void> {
    return this.load(Math.max(0, Math.min(this.pages - 1, page)), this.found?.upTo ?? null)
  }

  pictureOf(image: ImagePlace): Picture | undefined {
    return this.pictures.get(keyOf(image))
  }

  csv(): Promise<{ csv: string; rows: number; total: number }> {
    return this.client.call('runs.imagesCsv', { run: this.run, filter: this.filter, upTo: this.found?.upTo ?? null })
  }

  /** Nothing is asked for any more. */
  close(): void {
    this.asked += 1
  }

  private async load(page: number, upTo: number | null): Promise<void> {
    const asked = ++this.asked
    this.searching = true
    this.error = null
    try {
      const found = await this.client.call('runs.images', {
        run: this.run,
        filter: this.filter,
        upTo,
        offset: page * pageSize,
        limit: pageSize,
      })
      if (asked !== this.asked) return
      this.found = found
      this.page = page
      this.searching = false
      await this.loadPictures(asked, found.images)
    } catch (thrown) {
      if (asked !== this.asked) return
      this.searching = false
      this.error = toWireError(thrown)
    }
  }

  private async loadPictures(asked: number, images: readonly SeenImage[]): Promise<void> {
    this.pictures = new Map()
    this.picturesError = null
    for (let at = 0; at < images.length; at += atOnce) {
      const some = images.slice(at, at + atOnce)
      try {
        const { pictures } = await this.client.call('runs.pictures', {
          run: this.run,
          images: some.map(place),
          maxSide: thumbnailSide,
        })
        if (asked !== this.asked) return
        this.pictures = new Map([
          ...this.pictures,
          ...some.map((image, i) => [keyOf(image), pictures[i] as Picture] as const),
        ])
      } catch (thrown) {
        if (asked === this.asked) this.picturesError = toWireError(thrown)
        return
      }
    }
  }
}

export class Inspect {
  readonly run: number
  readonly confusion: ConfusionView
  explorer = $state.raw<Explorer | null>(null)
  enlarged = $state.raw<Enlarged | null>(null)
  /** The matrix is shown large. */
  large = $state(false)
  /** The images among which one goes on to the next. */
  private among: readonly (() => Enlarged)[] = []
  private at = $state(0)
  private readonly client: Client
  private readonly lanes: () => readonly LaneInfo[]

  /** `lanes` may be none until input and model are open. */
  constructor(run: number, lanes: () => readonly LaneInfo[], client: Client) {
    this.run = run
    this.client = client
    this.lanes = lanes
    this.confusion = new ConfusionView(
      run,
      () => (lanes().find(({ method }) => method === 'palm') ?? lanes().at(-1))?.id ?? '',
      client,
    )
  }

  /** Opens the list of images; by default all that the lane of the matrix got wrong. */
  explore(filter: Partial<ImageFilter> = { result: 'wrong' }): void {
    const { lane, versus, domain } = this.confusion
    this.explorer?.close()
    this.explorer = new Explorer(this.run, this.client, { lane, versus, domain, ...filter })
  }

  /** The images of a cell of the matrix; against another lane, those that make the difference. */
  exploreCell(actual: number, predicted: number): void {
    this.explore({
      actual,
      predicted,
      ...(this.confusion.versus === null ? {} : { predictedBy: 'either', differs: true }),
    })
  }

  closeExplorer(): void {
    this.explorer?.close()
    this.explorer = null
  }

  enlargePreview(images: readonly PreviewImage[], image: PreviewImage): void {
    this.among = images.map((one) => () => ({
      ...place(one),
      id: one.id,
      label: one.label,
      predictions: this.lanes().flatMap(({ id }) => {
        const said = one.predictions[id]
        return said ? [{ lane: id, before: said.top, after: said.after }] : []
      }),
      width: one.width,
      height: one.height,
      clean: one.clean,
      corrupted: one.corrupted,
    }))
    this.show(images.indexOf(image))
  }

  enlargeFound(image: SeenImage): void {
    const { explorer } = this
    const images = explorer?.found?.images ?? []
    this.among = images.map((one) => () => {
      const picture = explorer?.pictureOf(one)
      const none = { width: 0, height: 0, clean: '', corrupted: '' }
      return {
        ...place(one),
        id: one.id,
        label: one.label,
        predictions: this.lanes().flatMap(({ id }) => {
          const said = one.lanes[id]
          return said || one.unread.includes(id) ? [{ lane: id, before: said ? [said] : null, after: null }] : []
        }),
        ...(picture && 'clean' in picture ? picture : none),
      }
    })
    this.show(images.indexOf(image))
  }

  get hasNext(): boolean {
    return this.at + 1 < this.among.length
  }

  get hasPrevious(): boolean {
    return this.at > 0
  }

  go(by: 1 | -1): void {
    if (by > 0 ? this.hasNext : this.hasPrevious) this.show(this.at + by)
  }

  shrink(): void {
    this.enlarged = null
  }

  private show(at: number): void {
    const image = this.among[at]?.()
    if (!image) return
    this.at = at
    this.enlarged = image
    void this.sharpen(image)
  }

  /** The picture as the model saw it, where the one at hand is smaller. What cannot be made stays as it is. */
  private async sharpen(image: Enlarged): Promise<void> {
    try {
      const { pictures } = await this.client.call('runs.pictures', {
        run: this.run,
        images: [place(image)],
        maxSide: null,
      })
      const [picture] = pictures
      if (this.enlarged === image && picture && 'clean' in picture) this.enlarged = { ...image, ...picture }
    } catch {
      // The list says why there are no pictures; here the small one is shown.
    }
  }
}
