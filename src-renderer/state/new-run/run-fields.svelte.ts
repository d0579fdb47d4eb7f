// What can be set of a new run, field by field: its images and model (place-fields), and how it runs over them. Filled from a template, the last settings or
// an earlier run's options, and read back as those. Knows nothing of what lies where the images are.
import {
  benchmarkCorruptions,
  type CorruptionFamily,
  type CorruptionName,
  type Severity,
} from '#contract/inputs/corruption.ts'
import type { DeviceChoice } from '#contract/devices.ts'
import { methodIds, needsSourceImages, usualMethods } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import { palmPresets, presetOfUnknown, usualOptions, type PalmPresetName } from '#contract/methods/presets.ts'
import { runSettingsSchema, type RunPlace, type RunSettings } from '#contract/runs/run-template.ts'
import {
  drawnSchedules,
  runOptionsSchema,
  type ImageOrder,
  type Lane,
  type RunOptions,
  type RunOptionsInput,
  type Schedule,
} from '#contract/runs/run-options.ts'
import { domainsFrom, orderText } from '#renderer/lib/curves/domain-order.ts'
import { lanesOfSettings, settingsOfLanes } from '#renderer/lib/runs/lane-settings.ts'
import { PlaceFields } from './place-fields.svelte.ts'
import { defaultSettings, ticked, usualLimit } from './run-settings.ts'

/** What settings and options say of the stream alike. */
type StreamKey =
  | 'schedule'
  | 'corruptions'
  | 'severities'
  | 'order'
  | 'cycles'
  | 'family'
  | 'limit'
  | 'seed'
  | 'imageOrder'
  | 'dirichletDelta'
  | 'window'
  | 'guard'
  | 'sourceLimit'
  | 'device'

export class RunFields extends PlaceFields {
  /** Empty = one that says what it is. */
  name = $state('')
  methods = $state<Record<MethodId, boolean>>(ticked(usualMethods))
  /** Options that are not as the preset has them, by method. */
  differs = $state<Partial<Record<MethodId, Record<string, unknown>>>>({})
  /** Lanes of a method that has one already: an earlier run's, as they were. */
  extraLanes = $state.raw<readonly Lane[]>([])
  sourceLimit = $state(2000)
  variant = $state<'reference' | 'paper'>('reference')
  preset = $state<PalmPresetName>('sample')
  schedule = $state<Schedule>('continual')
  corruptions = $state<readonly CorruptionName[]>([...benchmarkCorruptions])
  severities = $state<readonly Severity[]>([5])
  family = $state<'auto' | CorruptionFamily>('auto')
  batchSize = $state<number>(palmPresets.sample.batchSize)
  limit = $state<number | null>(usualLimit)
  seed = $state(0)
  imageOrder = $state<ImageOrder>('shuffled')
  cycles = $state(1)
  dirichletDelta = $state(0.1)
  window = $state<number | null>(null)
  guard = $state(false)
  /** Null = as the program's settings say. */
  device = $state<DeviceChoice | null>(null)
  /** Of the schedule `custom`: one domain a line, e.g. `fog 3`, or `clean`; or the JSON that the command takes and `palm show --json` gives. */
  order = $state('')
  /** What an earlier run said of its lanes that no field shows; used as long as the fields still say the same. */
  private lanesBase = $state.raw<readonly Lane[]>([])
  /** Whether a person or a template said so; else another model may change it. */
  private presetChosen = false
  private batchChosen = false

  /** The preset that suits the model when nobody chose: its own, or the one for unknown models. */
  get usualPreset(): PalmPresetName {
    return this.model === 'sample' ? 'sample' : presetOfUnknown
  }

  /** A method's options by the preset. */
  usual(method: MethodId): Record<string, unknown> {
    return {
      ...usualOptions(method, { preset: this.preset, variant: this.variant, classes: this.details?.classes ?? 10 }),
    }
  }

  /** Why methods cannot run on the model, as far as it is known. */
  get refusals(): Readonly<Partial<Record<MethodId, string>>> {
    return Object.fromEntries((this.details?.refusals ?? []).map(({ method, reason }) => [method, reason]))
  }

  /** Those that will run: what the model cannot take stays ticked for another model, and is left out. */
  get chosenMethods(): readonly MethodId[] {
    const { refusals } = this
    return methodIds.filter((method) => this.methods[method] && refusals[method] === undefined)
  }

  get needsSource(): boolean {
    return (
      this.chosenMethods.some((method) =>
        needsSourceImages(usualOptions(method, { preset: this.preset, classes: 10 }, this.differs[method] ?? {})),
      ) || this.extraLanes.some(({ options }) => needsSourceImages(options))
    )
  }

  /** A preset brings its batch size. */
  choosePreset(preset: PalmPresetName): void {
    this.preset = preset
    this.batchSize = palmPresets[preset].batchSize
    this.presetChosen = true
    this.batchChosen = false
  }

  setBatchSize(size: number): void {
    this.batchSize = size
    this.batchChosen = true
  }

  /** With another model: one that nobody tuned gets the preset for unknown models, unless somebody chose. */
  protected suitModel(): void {
    if (!this.presetChosen) this.preset = this.usualPreset
    if (!this.batchChosen) this.batchSize = palmPresets[this.preset].batchSize
  }

  /** `classes` of the model: the paper variant's threshold depends on it. */
  lanes(classes: number): Lane[] {
    return lanesOfSettings({
      methods: this.chosenMethods,
      preset: this.preset,
      variant: this.variant,
      differs: this.differs,
      extra: this.extraLanes,
      classes,
      before: this.lanesBase,
    })
  }

  options(classes: number): RunOptionsInput {
    const lanes = this.lanes(classes)
    return {
      name: this.name.trim() || this.usualName,
      input: this.inputOptions(),
      model: this.modelOptions(),
      schedule: this.schedule,
      corruptions: this.drifts ? [] : [...this.corruptions],
      severities: this.severities.length > 0 ? [...this.severities] : [5], // none is chosen only where none is used
      batchSize: this.batchSize,
      limit: this.limit || null,
      seed: this.seed,
      imageOrder: drawnSchedules.includes(this.schedule) ? 'shuffled' : this.imageOrder,
      cycles: this.cycles || 1,
      order: this.schedule === 'custom' ? domainsFrom(this.order) : [],
      family: this.family,
      dirichletDelta: this.dirichletDelta,
      window: this.window || null,
      guard: this.guard,
      device: this.device,
      lanes,
      source: this.sourceOptions(lanes),
      sourceLimit: this.sourceLimit,
    }
  }

  /** The same, complete; null as long as something does not fit. */
  readonly complete: RunOptions | null = $derived.by(() => {
    try {
      return runOptionsSchema.safeParse(this.options(this.details?.classes ?? 10)).data ?? null
    } catch {
      return null // an order that is none, a model that is gone
    }
  })

  /** What was chosen, so that it fits other images and models too; null as long as something does not fit. */
  settings(): RunSettings | null {
    let order: RunSettings['order'] = []
    try {
      if (this.schedule === 'custom') order = domainsFrom(this.order)
    } catch {
      return null
    }
    const found = runSettingsSchema.safeParse({
      methods: methodIds.filter((method) => this.methods[method]),
      preset: this.preset === this.usualPreset ? null : this.preset,
      variant: this.variant,
      differs: $state.snapshot(this.differs),
      extraLanes: this.extraLanes,
      schedule: this.schedule,
      corruptions: [...this.corruptions],
      severities: [...this.severities],
      order,
      cycles: this.cycles || 1,
      family: this.family,
      batchSize: this.batchSize === palmPresets[this.preset].batchSize ? null : this.batchSize,
      limit: this.limit || null,
      seed: this.seed,
      imageOrder: this.imageOrder,
      dirichletDelta: this.dirichletDelta,
      window: this.window || null,
      guard: this.guard,
      device: this.device,
      domains: this.driftBy,
      sourceLimit: this.sourceLimit,
    })
    return found.data ?? null
  }

  /** Everything but images and model. */
  applySettings(settings: RunSettings): void {
    this.methods = ticked(settings.methods)
    this.extraLanes = settings.extraLanes
    this.lanesBase = settings.extraLanes
    this.preset = settings.preset ?? this.usualPreset
    this.presetChosen = settings.preset !== null
    this.batchChosen = settings.batchSize !== null
    this.variant = settings.variant
    this.differs = { ...settings.differs }
    this.setStream(settings)
    this.batchSize = settings.batchSize ?? palmPresets[this.preset].batchSize
    this.driftBy = settings.domains
    this.driftWish = settings.domains
  }

  place(): RunPlace {
    const { complete } = this
    return { input: complete?.input ?? null, model: complete?.model ?? null, source: complete?.source ?? null }
  }

  /** An earlier run's options, so that `options` gives them again. `classes` of its model. */
  applyLanes(lanes: readonly Lane[], classes: number): void {
    const { methods, preset, variant, differs, extra } = settingsOfLanes(lanes, classes, this.usualPreset)
    this.methods = ticked(methods)
    this.preset = preset
    this.presetChosen = true
    this.variant = variant
    this.differs = differs
    this.extraLanes = extra
    this.lanesBase = lanes
  }

  applyStream(options: RunOptions): void {
    this.setStream(options)
    this.batchSize = options.batchSize
    this.batchChosen = true
  }

  private setStream(stream: Pick<RunOptions, StreamKey>): void {
    this.schedule = stream.schedule
    this.corruptions = stream.corruptions
    this.severities = stream.severities
    if (stream.schedule === 'custom') this.order = orderText(stream.order)
    this.cycles = stream.cycles
    this.family = stream.family
    this.limit = stream.limit
    this.seed = stream.seed
    this.imageOrder = stream.imageOrder
    this.dirichletDelta = stream.dirichletDelta
    this.window = stream.window
    this.guard = stream.guard
    this.device = stream.device
    this.sourceLimit = stream.sourceLimit
  }

  /** As if nothing had ever been chosen but images and model. */
  applyDefaults(): void {
    this.applySettings(defaultSettings)
    this.applySource(null)
  }
}
