// Pictures of one image under every corruption and severity, as they come: asked for row by row, those that are chosen first. Another choice supersedes what
// is under way. Runs without a page.
import type { CorruptionFamily, CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { toWireError } from '#contract/errors.ts'
import type { Preview, PreviewPicture, PreviewRequestInput } from '#contract/inputs/input-preview.ts'
import type { InputOptionsInput } from '#contract/inputs/input-kinds.ts'
import type { ModelOptionsInput } from '#contract/runs/run-options.ts'

export interface PreviewAsker {
  previewInput(request: PreviewRequestInput): Promise<Preview>
}

export interface PreviewSubject {
  readonly input: InputOptionsInput
  readonly model: ModelOptionsInput | null
  readonly family: 'auto' | CorruptionFamily
  readonly seed: number
  /** All that are shown, and what of them comes first. */
  readonly corruptions: readonly CorruptionName[]
  readonly severities: readonly Severity[]
  readonly first: readonly CorruptionName[]
}

export const cellKey = (corruption: CorruptionName | null, severity: Severity | null): string =>
  corruption === null ? 'clean' : `${corruption} ${severity}`

export class PreviewGrid {
  /** The image that is shown, and what is known of it. */
  shown = $state.raw<Omit<Preview, 'pictures'> | null>(null)
  pictures = $state.raw<ReadonlyMap<string, PreviewPicture>>(new Map())
  total = $state(0)
  problem = $state('')
  busy = $state(false)
  private asked = 0
  private key = ''
  private subject: PreviewSubject | null = null
  private readonly asker: PreviewAsker

  constructor(asker: PreviewAsker) {
    this.asker = asker
  }

  get done(): number {
    return this.pictures.size
  }

  /** Shows a subject; the same one again changes nothing. Resolves when all pictures are there, or another subject took its place. */
  async show(subject: PreviewSubject): Promise<void> {
    const { first: _, ...rest } = subject
    const key = JSON.stringify(rest)
    if (key === this.key) return
    const same =
      this.subject !== null &&
      JSON.stringify([this.subject.input, this.subject.model]) === JSON.stringify([subject.input, subject.model])
    this.key = key
    this.subject = subject
    await this.draw(subject, same ? (this.shown?.image ?? null) : null)
  }

  /** The image so many further on. */
  async turn(by: number): Promise<void> {
    const { shown, subject } = this
    if (!shown || !subject) return
    const image = Math.min(shown.images - 1, Math.max(0, shown.image + by))
    if (image !== shown.image) await this.draw(subject, image)
  }

  /** Asks for no more. */
  stop(): void {
    this.asked++
    this.key = ''
    this.busy = false
  }

  private async draw(subject: PreviewSubject, image: number | null): Promise<void> {
    const ask = ++this.asked
    const { input, model, family, seed, corruptions, severities, first } = subject
    const rows = [
      ...corruptions.filter((name) => first.includes(name)),
      ...corruptions.filter((name) => !first.includes(name)),
    ]
    this.busy = true
    this.problem = ''
    this.pictures = new Map()
    this.total = 1 + rows.length * severities.length
    try {
      const cells = [
        [{ corruption: null, severity: null }],
        ...rows.map((corruption) => severities.map((severity) => ({ corruption, severity }))),
      ]
      let at = image
      for (const row of cells) {
        const { pictures, ...shown } = await this.asker.previewInput({
          input,
          model,
          family,
          seed,
          image: at,
          cells: row,
        })
        if (ask !== this.asked) return
        at = shown.image
        this.shown = shown
        this.pictures = new Map([
          ...this.pictures,
          ...pictures.map((picture) => [cellKey(picture.corruption, picture.severity), picture] as const),
        ])
      }
    } catch (thrown) {
      if (ask !== this.asked) return
      this.problem = toWireError(thrown).message
      this.key = '' // asked for again, it is tried again
    }
    this.busy = false
  }
}
