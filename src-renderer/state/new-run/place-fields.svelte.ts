// Where a new run's images, its model and its source images come from, field by field: filled from an earlier run or from what was kept with a template, and
// read back as a run's options. What settings bring for whatever images and model is in run-fields.
import {
  inputKindOf,
  inputKinds,
  isKept,
  isPlaced,
  type InputDomains,
  type InputOptions,
  type InputOptionsInput,
  type KeptInput,
  type KeptInputKind,
  type LabelCounting,
} from '#contract/inputs/input-kinds.ts'
import { needsSourceImages } from '#contract/methods/method-info.ts'
import type { LibraryModel, ModelDetailsReport } from '#contract/models/library.ts'
import type { Lane, ModelOptions, ModelOptionsInput } from '#contract/runs/run-options.ts'
import { inputOf, isGiven, kindOfFiles, usualNameOf } from '#renderer/lib/runs/form-inputs.ts'
import { optionsOfChoice, type ModelChoice } from '#renderer/state/models/models.svelte.ts'
import { modelFieldsOf } from './run-settings.ts'

type Normalization = LibraryModel['normalization']

export class PlaceFields {
  input = $state<KeptInputKind>('sample')
  inputPath = $state('')
  split = $state<string | null>(null)
  driftBy = $state<InputDomains>('none')
  /** What a template asked for, for whatever images come. */
  protected driftWish: InputDomains = 'none'
  /** Classes matched by hand; null = left out. */
  labels = $state<Record<string, number | null>>({})
  /** How the classes are counted where no name says which is which; undefined = it is found out. */
  counting = $state<LabelCounting | undefined>(undefined)
  /** The bundled one, one of the library by its number, or a file. */
  model = $state<ModelChoice | 'file'>('sample')
  modelPath = $state('')
  library = $state.raw<readonly LibraryModel[]>([])
  /** For this run only; null = the model's own. */
  normalization = $state.raw<Normalization | null>(null)
  inputSize = $state<number | null>(null)
  /** Of an ONNX file: the output that gives the scores, and a state dict that brings batch norm back; '' = none. */
  output = $state('')
  weights = $state('')
  details = $state.raw<ModelDetailsReport | null>(null)
  sourcePath = $state('')
  /** What an earlier run said of its file and its source images that no field shows; used as long as the fields still say the same. */
  private modelBase = $state.raw<Extract<ModelOptions, { kind: 'file' }> | null>(null)
  private sourceBase = $state.raw<InputOptions | null>(null)
  protected modelTouched = false

  /** Whether the user says where the images lie. */
  get placed(): boolean {
    return inputKinds[this.input].placed
  }

  /** False as long as the path is missing. */
  get inputGiven(): boolean {
    return isGiven(this.input, this.inputPath)
  }

  /** Images that come in domains of their own. */
  get drifts(): boolean {
    const input = this.inputOptions()
    return inputKindOf(input).drifts(input)
  }

  get usualName(): string {
    return usualNameOf(this.input, this.inputPath)
  }

  inputOptions(): KeptInput {
    const { input, inputPath: path, split, driftBy: domains, labels, counting } = this
    return inputOf(input, { path, split, domains, labels, counting })
  }

  /** Whether the model is a file that says its network node by node. */
  get onnx(): boolean {
    return this.model === 'file' && this.modelPath.trim().toLowerCase().endsWith('.onnx')
  }

  /** @throws Error when the library does not have it (any more) */
  modelOptions(): ModelOptionsInput {
    const options = optionsOfChoice(this.model, this.library, this.modelPath)
    if (options.kind !== 'file') return options
    const base = this.model === 'file' && this.modelBase?.path === options.path ? this.modelBase : options
    return {
      ...base,
      ...(this.normalization ? { normalization: this.normalization } : {}),
      ...(this.inputSize ? { inputSize: this.inputSize } : {}),
      ...(this.onnx ? { output: this.output.trim() || null, weights: this.weights.trim() || null } : {}),
    }
  }

  /** `lanes`: of the run; null where none of them needs any. */
  protected sourceOptions(lanes: readonly Lane[]): InputOptionsInput | null {
    const path = this.sourcePath.trim()
    const base = this.sourceBase
    if (base && (isPlaced(base) ? base.path === path : path === '' && this.model === 'sample')) return base
    if (!lanes.some(({ options }) => needsSourceImages(options))) return null
    if (path !== '') return { kind: kindOfFiles, path }
    return this.model === 'sample' ? { kind: 'sample' } : null
  }

  applyInput(input: InputOptions): void {
    if (!isKept(input)) return
    this.input = input.kind
    if (!isPlaced(input)) return
    this.inputPath = input.path
    this.split = input.split
    this.driftBy = input.domains
    this.labels = { ...input.labels }
    this.counting = input.counting
  }

  applyModel(model: ModelOptions): void {
    const fields = modelFieldsOf(model, this.library)
    this.modelTouched = true
    this.modelBase = fields.base
    this.model = fields.model
    if (model.kind === 'file') this.modelPath = fields.modelPath
    this.normalization = fields.normalization
    this.inputSize = fields.inputSize
    this.output = fields.output ?? ''
    this.weights = fields.weights ?? ''
  }

  applySource(source: InputOptions | null): void {
    this.sourceBase = source
    this.sourcePath = isPlaced(source) ? source.path : ''
  }
}
