// The form of a new run: sensible settings for what was chosen, and the run options that come out of it.
import { benchmarkCorruptions, type Severity } from '../../src-main/contract/corruption.ts'
import { palmPresets, usualLabel, usualOptions, type PalmPresetName } from '../../src-main/contract/presets.ts'
import { methodIds, needsSourceImages, usualMethods, type MethodId } from '../../src-main/contract/methods.ts'
import { type RunOptionsInput, type Schedule } from '../../src-main/contract/run-options.ts'

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
      window: this.window || null,
      guard: this.guard,
      lanes,
      source: !lanes.some(({ options }) => needsSourceImages(options)) ? null : this.sourcePath.trim() !== '' ? { kind: 'folder', path: this.sourcePath.trim() } : this.model === 'sample' ? { kind: 'sample' } : null,
    }
  }
}

/** The sample as the first launch runs it. */
export const sampleRun = (): RunOptionsInput => new NewRun().options(10)
