// The form of a new run: sensible settings for what was chosen, and the run options that come out of it.
import { benchmarkCorruptions, type Severity } from '../../src-main/contract/corruption.ts'
import { palmPresets, usualLabel, usualOptions, type PalmPresetName } from '../../src-main/contract/presets.ts'
import { methodIds, needsSourceImages, usualMethods } from '../../src-main/contract/method-info.ts'
import { type MethodId } from '../../src-main/contract/methods.ts'
import { orderedDomainSchema, type RunOptionsInput, type Schedule } from '../../src-main/contract/run-options.ts'

export class NewRun {
  input = $state<'sample' | 'folder'>('sample')
  inputPath = $state('')
  model = $state<'sample' | 'file'>('sample')
  modelPath = $state('')
  methods = $state<Record<MethodId, boolean>>(Object.fromEntries(methodIds.map((method) => [method, usualMethods.includes(method)])) as Record<MethodId, boolean>)
  /** Options that are not as the preset has them, by method. */
  differs = $state<Partial<Record<MethodId, Record<string, unknown>>>>({})
  sourcePath = $state('')
  variant = $state<'reference' | 'paper'>('reference')
  preset = $state<PalmPresetName>('sample')
  schedule = $state<Schedule>('continual')
  severity = $state<Severity>(5)
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

  chooseModel(model: 'sample' | 'file'): void {
    this.model = model
    this.choosePreset(model === 'sample' ? 'sample' : 'cautious')
  }

  get ready(): boolean {
    return methodIds.some((method) => this.methods[method]) && (this.input === 'sample' || this.inputPath.trim() !== '') && (this.model === 'sample' || this.modelPath.trim() !== '')
  }

  /** `classes` of the model: the paper variant's threshold depends on it. */
  options(classes: number): RunOptionsInput {
    const lanes = methodIds.filter((method) => this.methods[method]).map((method) => {
      const options = usualOptions(method, { preset: this.preset, variant: this.variant, classes }, this.differs[method])
      return { id: method, label: usualLabel(options), options }
    })
    return {
      name: this.input === 'sample' ? 'The sample' : (this.inputPath.trim().split(/[\\/]/).filter(Boolean).at(-1) ?? ''),
      input: this.input === 'sample' ? { kind: 'sample' } : { kind: 'folder', path: this.inputPath.trim() },
      model: this.model === 'sample' ? { kind: 'sample' } : { kind: 'file', path: this.modelPath.trim() },
      schedule: this.schedule,
      corruptions: [...benchmarkCorruptions],
      severities: [this.severity],
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
