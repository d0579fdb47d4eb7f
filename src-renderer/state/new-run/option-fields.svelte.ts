// The options of a run's lanes that may change, as somebody types them: in the panel of a live run, and for a branch. Runs without a page.
import { adjustableOptions, adjusted, optionValue, type OptionRequest } from '#contract/runs/option-change.ts'
import type { LaneOptions } from '#contract/methods/methods.ts'
import { toWireError } from '#contract/errors.ts'

export interface OptionField {
  readonly lane: string
  readonly label: string
  readonly option: string
  /** As it is now. */
  readonly value: number
}

export class OptionFields {
  /** What was typed, by `lane option`; null = an empty field. */
  private typed = $state.raw<ReadonlyMap<string, number | null>>(new Map())
  private readonly now: () => ReadonlyMap<string, LaneOptions>
  private readonly labelOf: (lane: string) => string

  /** `now` is asked anew each time: a change that came meanwhile shows. */
  constructor(now: () => ReadonlyMap<string, LaneOptions>, labelOf: (lane: string) => string) {
    this.now = now
    this.labelOf = labelOf
  }

  /** By lane, in the run's order; lanes of which nothing may change are left out. */
  get lanes(): { readonly lane: string; readonly label: string; readonly fields: readonly OptionField[] }[] {
    return [...this.now()].flatMap(([lane, options]) => {
      const label = this.labelOf(lane)
      const fields = adjustableOptions(options).map((option) => ({
        lane,
        label,
        option,
        value: optionValue(options, option),
      }))
      return fields.length > 0 ? [{ lane, label, fields }] : []
    })
  }

  /** As typed, else as it is; null = an empty field. */
  shown({ lane, option, value }: OptionField): number | null {
    const typed = this.typed.get(`${lane} ${option}`)
    return typed === undefined ? value : typed
  }

  type({ lane, option }: OptionField, value: number | null): void {
    this.typed = new Map([...this.typed, [`${lane} ${option}`, value]])
  }

  /** What was typed is forgotten: of one lane, or of all. */
  clear(lane: string | null = null): void {
    this.typed = new Map([...this.typed].filter(([key]) => lane !== null && !key.startsWith(`${lane} `)))
  }

  /** What differs from now and can be; of one lane, or of all. */
  requests(lane: string | null = null): OptionRequest[] {
    return this.differing(lane).flatMap((field) => {
      const value = this.shown(field)
      return value === null || this.problemOf(field) !== '' ? [] : [{ lane: field.lane, option: field.option, value }]
    })
  }

  /** What does not fit of what was typed, in words; '' = all does. */
  problem(lane: string | null = null): string {
    return (
      this.differing(lane)
        .map((field) => this.problemOf(field))
        .find((text) => text !== '') ?? ''
    )
  }

  /** '' where the field can be taken as it stands, or is as it was. */
  problemOf(field: OptionField): string {
    const value = this.shown(field)
    const options = this.now().get(field.lane)
    if (value === field.value || !options) return ''
    try {
      adjusted(options, field.option, value ?? Number.NaN)
      return ''
    } catch (thrown) {
      return toWireError(thrown).message
    }
  }

  private differing(lane: string | null): OptionField[] {
    return this.lanes
      .filter((one) => lane === null || one.lane === lane)
      .flatMap(({ fields }) => fields)
      .filter((field) => this.shown(field) !== field.value)
  }
}
