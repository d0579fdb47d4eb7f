// The form of a new run: sensible settings for what was chosen, and the run options that come out of it.
import type { InputInfo } from '../../src-main/contract/api.ts'
import { benchmarkCorruptions, corruptionNames, type CorruptionName, type Severity } from '../../src-main/contract/corruption.ts'
import { palmPresets, usualLabel, usualOptions, type PalmPresetName } from '../../src-main/contract/presets.ts'
import { methodIds, needsSourceImages, usualMethods } from '../../src-main/contract/method-info.ts'
import { toWireError } from '../../src-main/contract/errors.ts'
import type { LibraryModel, ModelDetailsReport } from '../../src-main/contract/library.ts'
import { type MethodId } from '../../src-main/contract/methods.ts'
import { orderedDomainSchema, type InputDomains, type InputOptionsInput, type ModelOptionsInput, type RunOptionsInput, type Schedule } from '../../src-main/contract/run-options.ts'
import { optionsOf, readyOf, type ModelChoice } from './models.svelte.ts'

type Normalization = LibraryModel['normalization']

/** What the form asks of the program. */
export interface Looker {
  inspectInput(input: InputOptionsInput, model: ModelOptionsInput | null): Promise<InputInfo>
  describeModel(model: ModelOptionsInput, batch: number): Promise<ModelDetailsReport>
}

export class NewRun {
  input = $state<'sample' | 'folder'>('sample')
  inputPath = $state('')
  /** The bundled one, one of the library by its number, or a file. */
  model = $state<ModelChoice | 'file'>('sample')
  library = $state.raw<readonly LibraryModel[]>([])
  split = $state<string | null>(null)
  driftBy = $state<InputDomains>('none')
  /** Classes matched by hand; null = left out. */
  labels = $state<Record<string, number | null>>({})
  /** For this run only; null = the model's own. */
  normalization = $state.raw<Normalization | null>(null)
  inputSize = $state<number | null>(null)
  corruptions = $state<readonly CorruptionName[]>([...benchmarkCorruptions])
  severities = $state<readonly Severity[]>([5])
  info = $state.raw<InputInfo | null>(null)
  details = $state.raw<ModelDetailsReport | null>(null)
  problem = $state('')
  looking = $state(false)
  private looks = 0
  private modelTouched = false
  modelPath = $state('')
  methods = $state<Record<MethodId, boolean>>(Object.fromEntries(methodIds.map((method) => [method, usualMethods.includes(method)])) as Record<MethodId, boolean>)
  /** Options that are not as the preset has them, by method. */
  differs = $state<Partial<Record<MethodId, Record<string, unknown>>>>({})
  sourcePath = $state('')
  variant = $state<'reference' | 'paper'>('reference')
  preset = $state<PalmPresetName>('sample')
  schedule = $state<Schedule>('continual')
  batchSize = $state<number>(palmPresets.sample.batchSize)
  limit = $state<number | null>(500)
  seed = $state(0)
  cycles = $state(1)
  window = $state<number | null>(null)
  guard = $state(false)
  /** Of the schedule `custom`: one domain a line, e.g. `fog 3`, or `clean`; or the JSON that the command takes and `palm show --json` gives. */
  order = $state('')

  private domainsFromJson(): RunOptionsInput['order'] {
    let value: unknown
    try {
      value = JSON.parse(this.order)
    } catch {
      throw new Error('The order begins like JSON, but is none: [{"corruption": "fog", "severity": 3}, …].')
    }
    const parsed = orderedDomainSchema.array().safeParse(value)
    if (!parsed.success) throw new Error(`The order does not fit: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}`)
    return parsed.data
  }

  /** @throws Error naming the line that does not fit */
  private domains(): RunOptionsInput['order'] {
    if (this.order.trim().startsWith('[')) return this.domainsFromJson()
    const lines = this.order.split('\n').map((line) => line.trim()).filter(Boolean)
    if (lines.length === 0) throw new Error('A custom schedule needs an order: one domain a line, such as “fog 3”.')
    return lines.map((line) => {
      if (line === 'clean') return { corruption: null, severity: null }
      const [name = '', severity = '5'] = line.replaceAll('-', '_').split(/\s+/)
      const parsed = orderedDomainSchema.safeParse({ corruption: name, severity: Number(severity) })
      if (!parsed.success) throw new Error(`“${line}” is no domain: a corruption’s name and a severity from 1 to 5, such as “gaussian_noise 5”, or “clean”.`)
      return parsed.data
    })
  }

  /** A method's options by the preset. */
  usual(method: MethodId): Record<string, unknown> {
    return { ...usualOptions(method, { preset: this.preset, variant: this.variant, classes: 10 }) }
  }

  get needsSource(): boolean {
    return methodIds.some((method) => this.methods[method] && needsSourceImages(usualOptions(method, { preset: this.preset, classes: 10 }, this.differs[method] ?? {})))
  }

  /** A preset brings its batch size; a model that nobody tuned gets the cautious one. */
  choosePreset(preset: PalmPresetName): void {
    this.preset = preset
    this.batchSize = palmPresets[preset].batchSize
  }

  chooseModel(model: ModelChoice | 'file'): void {
    this.model = model
    this.modelTouched = true
    this.normalization = null
    this.inputSize = null
    this.choosePreset(model === 'sample' ? 'sample' : 'cautious')
  }

  get ready(): boolean {
    return methodIds.some((method) => this.methods[method]) && (this.input === 'sample' || this.inputPath.trim() !== '') && (this.model !== 'file' || this.modelPath.trim() !== '')
  }

  /** Pictures of one's own look for the model that knows photographs, unless another one was chosen. */
  chooseInput(input: 'sample' | 'folder'): void {
    this.input = input
    const ready = readyOf(this.library)
    if (input === 'folder' && !this.modelTouched && ready) {
      this.chooseModel(ready.id)
      this.modelTouched = false
    }
  }

  inputOptions(): InputOptionsInput {
    if (this.input === 'sample') return { kind: 'sample' }
    return { kind: 'folder', path: this.inputPath.trim(), split: this.split, domains: this.driftBy, labels: { ...this.labels } }
  }

  modelOptions(): ModelOptionsInput {
    const options = this.model === 'file' ? { kind: 'file' as const, path: this.modelPath.trim() } : optionsOf(this.library.find(({ id }) => id === this.model) ?? null)
    if (options.kind !== 'file') return options
    return { ...options, ...(this.normalization ? { normalization: this.normalization } : {}), ...(this.inputSize ? { inputSize: this.inputSize } : {}) }
  }

  /** Whether the images bring domains of their own, uncorrupted. */
  get drifts(): boolean {
    return this.input === 'folder' && this.driftBy !== 'none'
  }

  /** What can be applied, or, where images are corrupted already, what there is. */
  get offered(): readonly CorruptionName[] {
    const { info } = this
    return info?.variants ? corruptionNames.filter((name) => info.variants?.some(({ corruption }) => corruption === name)) : corruptionNames
  }

  /** Another place: what was chosen for the one before says nothing about it. */
  forgetInput(): void {
    this.split = null
    this.driftBy = 'none'
    this.labels = {}
    this.info = null
  }

  /** Looks at model and images as far as they are given; the last look counts. @returns whether both are usable */
  async look(looker: Looker): Promise<boolean> {
    const look = ++this.looks
    this.looking = true
    let problem = ''
    let details: ModelDetailsReport | null = null
    let info: InputInfo | null = null
    try {
      const model = this.modelOptions()
      if (this.model !== 'file' || this.modelPath.trim() !== '') details = await looker.describeModel(model, this.batchSize)
      if (this.input === 'sample' || this.inputPath.trim() !== '') info = await looker.inspectInput(this.inputOptions(), details ? model : null)
    } catch (thrown) {
      problem = toWireError(thrown).message
    }
    if (look !== this.looks) return false
    this.looking = false
    this.problem = problem
    this.details = details
    this.info = info
    const there = info?.variants
    if (there) {
      this.corruptions = this.corruptions.filter((name) => there.some(({ corruption }) => corruption === name))
      if (this.corruptions.length === 0) this.corruptions = this.offered
      const severities = this.severities.filter((severity) => there.some((variant) => variant.severity === severity))
      this.severities = severities.length > 0 ? severities : there[0] ? [there[0].severity] : this.severities
    }
    return problem === '' && details !== null && info !== null
  }

  /** The input's class gets a class of the model; null = left out. */
  match(name: string, index: number | null): void {
    this.labels = { ...this.labels, [name]: index }
  }

  /** Classes that nothing was found for. */
  get unmatched(): number {
    return this.info?.classes.filter(({ how }) => how === 'none').length ?? 0
  }

  /** Those that nothing was found for are left out. */
  leaveOutUnmatched(): void {
    const missing = this.info?.classes.filter(({ how }) => how === 'none') ?? []
    this.labels = { ...this.labels, ...Object.fromEntries(missing.map(({ name }) => [name, null])) }
  }

  /** `classes` of the model: the paper variant's threshold depends on it. */
  options(classes: number): RunOptionsInput {
    const lanes = methodIds.filter((method) => this.methods[method]).map((method) => {
      const options = usualOptions(method, { preset: this.preset, variant: this.variant, classes }, this.differs[method])
      return { id: method, label: usualLabel(options), options }
    })
    return {
      name: this.input === 'sample' ? 'The sample' : (this.inputPath.trim().split(/[\\/]/).filter(Boolean).at(-1) ?? ''),
      input: this.inputOptions(),
      model: this.modelOptions(),
      schedule: this.schedule,
      corruptions: this.drifts ? [] : [...this.corruptions],
      severities: [...this.severities],
      batchSize: this.batchSize,
      limit: this.limit,
      seed: this.seed,
      cycles: this.cycles || 1,
      order: this.schedule === 'custom' ? this.domains() : [],
      window: this.window || null,
      guard: this.guard,
      lanes,
      source: !lanes.some(({ options }) => needsSourceImages(options)) ? null : this.sourcePath.trim() !== '' ? { kind: 'folder', path: this.sourcePath.trim() } : this.model === 'sample' ? { kind: 'sample' } : null,
    }
  }
}

/** The sample as the first launch runs it. */
export const sampleRun = (): RunOptionsInput => new NewRun().options(10)
