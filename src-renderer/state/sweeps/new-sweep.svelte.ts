// The form of a new sweep: a ready-made one or a grid of one's own, over one input and model.
import { type Severity } from '#contract/inputs/corruption.ts'
import { inputKinds, type InputOptions, type KeptInputKind } from '#contract/inputs/input-kinds.ts'
import { methodIds, usualMethods } from '#contract/methods/method-info.ts'
import { optionsOf, type MethodId } from '#contract/methods/methods.ts'
import { presetOfUnknown, type PalmPresetName } from '#contract/methods/presets.ts'
import { paperFamilyOf, type PaperFamily } from '#contract/sweeps/paper-settings.ts'
import { readySweep, readySweeps, type ReadySweepName } from '#contract/sweeps/ready-sweeps.ts'
import type { LibraryModel } from '#contract/models/library.ts'
import { modelOptionsSchema, type ModelOptions, type Schedule } from '#contract/runs/run-options.ts'
import { sweepDefinitionSchema, type SweepDefinition, type SweepMethod } from '#contract/sweeps/sweep.ts'
import { inputOf, isGiven } from '#renderer/lib/runs/form-inputs.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { optionsOfChoice, type ModelChoice } from '#renderer/state/models/models.svelte.ts'
import type { Looker } from '#renderer/state/new-run/new-run.svelte.ts'

export class NewSweep {
  kind = $state<ReadySweepName | 'own'>('table1')
  name = $state('table1')
  input = $state<KeptInputKind>('sample')
  inputPath = $state('')
  /** The bundled one, one of the library by its number, or a file. */
  model = $state<ModelChoice | 'file'>('sample')
  library = $state.raw<readonly LibraryModel[]>([])
  modelPath = $state('')
  sourcePath = $state('')
  preset = $state<PalmPresetName | ''>('')
  schedule = $state<Schedule>('continual')
  severity = $state<Severity>(5)
  seeds = $state('0, 1, 2')
  limit = $state<number | null>(500)
  methods = $state<Record<MethodId, boolean>>(
    Object.fromEntries(methodIds.map((method) => [method, usualMethods.includes(method)])) as Record<MethodId, boolean>,
  )
  gridMethod = $state<MethodId>('palm')
  gridOption = $state('')
  gridValues = $state('')

  chooseKind(kind: ReadySweepName | 'own'): void {
    this.kind = kind
    this.name = kind === 'own' ? strings.charts.ownSweep : kind
  }

  get title(): string {
    return this.kind === 'own' ? '' : readySweeps[this.kind].title
  }

  get ready(): boolean {
    return (
      this.name.trim() !== '' &&
      isGiven(this.input, this.inputPath) &&
      (this.model !== 'file' || this.modelPath.trim() !== '')
    )
  }

  private get inputOptions(): InputOptions {
    return inputOf(this.input, { path: this.inputPath, split: null, domains: 'none', labels: {} })
  }

  private get modelOptions(): ModelOptions {
    return modelOptionsSchema.parse(optionsOfChoice(this.model, this.library, this.modelPath))
  }

  /** Looks whether data and model are the paper's, whose settings a ready-made sweep then takes. @throws PalmError for what cannot be read */
  async recognise(looker: Pick<Looker, 'inspectInput' | 'describeModel'>): Promise<PaperFamily | null> {
    if (this.kind === 'own' || !inputKinds[this.input].placed) return null
    const [{ kind }, { classes }] = await Promise.all([
      looker.inspectInput(this.inputOptions, null),
      looker.describeModel(this.modelOptions, 1),
    ])
    return paperFamilyOf(kind, classes)
  }

  /** `paper` as `recognise` found it. @throws Error in words when something does not fit */
  definition(paper: PaperFamily | null = null): SweepDefinition {
    const numbers = (text: string) =>
      text
        .split(/[,\s]+/)
        .filter(Boolean)
        .map((item) => {
          const value = Number(item)
          if (!Number.isFinite(value)) throw new Error(strings.charts.noNumber(item))
          return value
        })
    const subject = {
      input: this.inputOptions,
      model: this.modelOptions,
      source: this.sourcePath.trim() === '' ? null : ({ kind: 'folder', path: this.sourcePath.trim() } as const),
      preset: this.preset === '' ? null : this.preset,
      paper,
    }
    const common = { name: this.name.trim(), seeds: numbers(this.seeds), limit: this.limit || null }
    try {
      if (this.kind !== 'own') return readySweep(this.kind, subject, common)
      const sample = subject.model.kind === 'sample'
      const methods: SweepMethod[] = methodIds
        .filter((method) => this.methods[method])
        .map((method) => (method === this.gridMethod && this.gridOption !== '' ? this.grid() : method))
      return sweepDefinitionSchema.parse({
        ...common,
        inputs: [subject.input],
        models: [subject.model],
        source: subject.source ?? (sample ? { kind: 'sample' } : null),
        preset: subject.preset ?? (sample ? 'sample' : presetOfUnknown),
        methods,
        schedules: [this.schedule],
        severities: [this.severity],
        shows: this.gridOption === '' ? 'errors' : 'curve',
      })
    } catch (thrown) {
      const issue =
        thrown instanceof Error && 'issues' in thrown && Array.isArray(thrown.issues)
          ? (thrown.issues[0] as { path: (string | number)[]; message: string })
          : null
      throw issue ? new Error(`${issue.path.join('.')}: ${issue.message}`) : thrown
    }
  }

  private grid(): SweepMethod {
    const option = optionsOf(this.gridMethod).find(({ name }) => name === this.gridOption)
    const values = this.gridValues.split(/[,\s]+/).filter(Boolean)
    if (!option || values.length === 0) throw new Error(strings.charts.valuesNeeded)
    return {
      method: this.gridMethod,
      [option.name]: values.map((text) => {
        if (option.kind === 'choice') return text
        if (option.kind === 'switch') return text === 'true'
        const value = Number(text)
        if (!Number.isFinite(value)) throw new Error(strings.charts.noValue(text, option.name))
        return value
      }),
    }
  }
}
