// A run's lanes as a person would set them: which preset they come nearest to, and what of each method is not as that preset has it. Pure.
import { palmPresetNames, usualLabel, usualOptions, type PalmPresetName } from '#contract/methods/presets.ts'
import type { LaneOptions, MethodId } from '#contract/methods/methods.ts'
import type { Lane } from '#contract/runs/run-options.ts'

export type Differs = Partial<Record<MethodId, Record<string, unknown>>>

export interface LaneSettings {
  readonly methods: readonly MethodId[]
  readonly preset: PalmPresetName
  readonly variant: 'reference' | 'paper'
  readonly differs: Differs
  /** Further lanes of a method that has one. */
  readonly extra: readonly Lane[]
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** What is not as usual. `tuning` goes with `kappa`: a given kappa is a fixed one. */
export function differenceFrom(usual: LaneOptions, options: LaneOptions): Record<string, unknown> {
  const known = usual as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => key !== 'method' && !same(value, known[key])),
  )
}

/** `preferred` is taken where presets come equally near. */
export function settingsOfLanes(lanes: readonly Lane[], classes: number, preferred: PalmPresetName): LaneSettings {
  const firsts = lanes.filter(
    (lane, i) => lanes.findIndex(({ options }) => options.method === lane.options.method) === i,
  )
  const extra = lanes.filter((lane) => !firsts.includes(lane))
  const palm = firsts.find(({ options }) => options.method === 'palm')?.options
  const variant = palm?.method === 'palm' ? palm.variant : 'reference'
  const under = (preset: PalmPresetName): Differs =>
    Object.fromEntries(
      firsts.flatMap(({ options }) => {
        const differs = differenceFrom(usualOptions(options.method, { preset, variant, classes }), options)
        return Object.keys(differs).length > 0 ? [[options.method, differs]] : []
      }),
    )
  const weight = (differs: Differs) => Object.values(differs).reduce((sum, one) => sum + Object.keys(one).length, 0)
  const ranked = [preferred, ...palmPresetNames.filter((name) => name !== preferred)].map((preset) => ({
    preset,
    differs: under(preset),
  }))
  const nearest = ranked.reduce((best, one) => (weight(one.differs) < weight(best.differs) ? one : best))
  return {
    methods: firsts.map(({ options }) => options.method),
    preset: nearest.preset,
    variant,
    differs: nearest.differs,
    extra,
  }
}

export interface LaneChoices extends Omit<LaneSettings, 'extra'> {
  readonly extra: readonly Lane[]
  /** Of the model: the paper variant's threshold depends on it. */
  readonly classes: number
  /** Lanes of the run that is repeated: what is as there keeps its number, label and place. */
  readonly before: readonly Lane[]
}

/** The other way round: a lane for each method, then the further ones, each under a number of its own. */
export function lanesOfSettings({ methods, preset, variant, differs, extra, classes, before }: LaneChoices): Lane[] {
  const own = methods.map((method): Lane => {
    const options = usualOptions(method, { preset, variant, classes }, differs[method])
    return (
      before.find((lane) => !extra.includes(lane) && same(lane.options, options)) ?? {
        id: method,
        label: usualLabel(options),
        options,
      }
    )
  })
  const place = ({ options, id }: Lane) => {
    const at = before.findIndex((lane) => lane.id === id && lane.options.method === options.method)
    return at < 0 ? before.length : at
  }
  const taken = new Set<string>()
  return [...own, ...extra]
    .toSorted((a, b) => place(a) - place(b))
    .map((lane) => {
      let { id } = lane
      for (let n = 2; taken.has(id); n++) id = `${lane.options.method}-${n}`
      taken.add(id)
      return id === lane.id ? lane : { ...lane, id }
    })
}
