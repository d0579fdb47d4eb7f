// The form of a new run: what was found where the images and the model are, sensible settings for it, and what stands against a start.
import type { InputInfo } from '#contract/inputs/input-info.ts'
import { corruptionNames, severities, type CorruptionName, type Severity } from '#contract/inputs/corruption.ts'
import { toWireError } from '#contract/errors.ts'
import type { LibraryModel, ModelDetailsReport } from '#contract/models/library.ts'
import { inputKinds, type InputOptionsInput, type KeptInputKind } from '#contract/inputs/input-kinds.ts'
import type { ModelOptionsInput } from '#contract/runs/run-options.ts'
import { classLabels, classTyped } from '#renderer/lib/text/class-names.ts'
import { kindOfFiles } from '#renderer/lib/runs/form-inputs.ts'
import { missingVariant } from '#renderer/lib/runs/missing-variant.ts'
import { numbersProblem } from '#renderer/lib/runs/run-numbers.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { readyOf, type ModelChoice } from '#renderer/state/models/models.svelte.ts'
import type { LookSubject } from './first-look.svelte.ts'
import { RunFields } from './run-fields.svelte.ts'

/** The less sure a match, the earlier it is shown. */
const urgency = { none: 0, order: 1, 'one-based': 2, chosen: 3, number: 4, wordnet: 5, name: 6 } as const

/** What the form asks of the program. */
export interface Looker {
  inspectInput(input: InputOptionsInput, model: ModelOptionsInput | null): Promise<InputInfo>
  describeModel(model: ModelOptionsInput, batch: number): Promise<ModelDetailsReport>
  libraryModels(): Promise<readonly LibraryModel[]>
}

/** A class with images that matches nothing. */
const isOpen = ({ how, images }: InputInfo['classes'][number]) => how === 'none' && images > 0

export class NewRun extends RunFields {
  info = $state.raw<InputInfo | null>(null)
  problem = $state('')
  /** What was done otherwise than asked, in words. */
  note = $state('')
  looking = $state(false)
  /** What was found where the source images should be. */
  sourceFound = $state.raw<{ readonly path: string; readonly problem: string; readonly labelled: boolean } | null>(null)
  private looks = 0
  /** Where a class stands in the list of matches, as it was first found: rows do not move under the hand that edits them. */
  private ranks = new Map<string, number>()
  /** What was chosen before images came that are corrupted already, and offer less. */
  private unlimited: Pick<NewRun, 'corruptions' | 'severities'> | null = null
  /** What the last look that succeeded was at. */
  private seen = $state('')

  chooseModel(model: ModelChoice | 'file'): void {
    this.model = model
    this.modelTouched = true
    this.forgetModel()
    this.suitModel()
  }

  get ready(): boolean {
    return (
      (this.chosenMethods.length > 0 || this.extraLanes.length > 0) &&
      this.inputGiven &&
      (this.model !== 'file' || this.modelPath.trim() !== '')
    )
  }

  /** Pictures of one's own look for the model that knows photographs, unless another one was chosen. */
  chooseInput(input: KeptInputKind): void {
    this.input = input
    const ready = readyOf(this.library)
    if (this.modelTouched || !ready) return
    this.chooseModel(inputKinds[input].placed ? ready.id : 'sample')
    this.modelTouched = false
  }

  /** What can be applied, or, where images are corrupted already, what there is. */
  get offered(): readonly CorruptionName[] {
    const there = this.info?.variants
    return there
      ? corruptionNames.filter((name) => there.some(({ corruption }) => corruption === name))
      : corruptionNames
  }

  get offeredSeverities(): readonly Severity[] {
    const there = this.info?.variants
    return there ? severities.filter((one) => there.some(({ severity }) => severity === one)) : severities
  }

  /** Another place: what was chosen for the one before says nothing about it. */
  forgetInput(): void {
    this.split = null
    this.driftBy = this.driftWish
    this.note = ''
    this.labels = {}
    this.counting = undefined
    this.ranks.clear()
    this.info = null
    if (this.unlimited) {
      this.corruptions = this.unlimited.corruptions
      this.severities = this.unlimited.severities
    }
    this.unlimited = null
  }

  /** Another model: its classes and its pixels are others. */
  forgetModel(): void {
    this.normalization = null
    this.inputSize = null
    this.output = ''
    this.weights = ''
    this.labels = {}
    this.counting = undefined
    this.ranks.clear()
    this.details = null
  }

  /** The library's models to choose from. @returns why there are none, in words; '' = they are there */
  async takeLibrary(looker: Pick<Looker, 'libraryModels'>): Promise<string> {
    try {
      this.library = await looker.libraryModels()
      if (this.placed && this.model === 'sample') this.chooseInput(this.input)
      return ''
    } catch (thrown) {
      return toWireError(thrown).message
    }
  }

  /** Looks at model and images as far as they are given; the last look counts. @returns whether both are usable */
  async look(looker: Looker): Promise<boolean> {
    const look = ++this.looks
    if (numbersProblem(this) !== '') {
      this.problem = '' // the obstacle says it
      this.looking = false
      return false
    }
    this.looking = true
    let problem = ''
    let details: ModelDetailsReport | null = null
    let info: InputInfo | null = null
    const subject = this.subject
    try {
      const model = this.modelOptions()
      if (this.model !== 'file' || this.modelPath.trim() !== '')
        details = await looker.describeModel(model, this.batchSize)
      if (this.inputGiven) info = await looker.inspectInput(this.inputOptions(), details ? model : null)
    } catch (thrown) {
      problem = toWireError(thrown).message
    }
    if (look !== this.looks) return false
    if (problem !== '' && details && this.info === null && this.drifts && this.driftWish !== 'none') {
      // A template asked for domains that these images do not have.
      this.driftBy = 'none'
      this.driftWish = 'none'
      const found = await this.look(looker)
      if (found) this.note = problem
      return found
    }
    this.looking = false
    this.problem = problem
    if (details) this.details = details
    if (problem !== '') return false // what was found before stays, and with it the way back from a choice that does not fit
    this.info = info
    this.seen = subject
    if (info) this.takeUp(info)
    return details !== null && info !== null
  }

  /** Looks at the source images, where methods need some. */
  async lookAtSource(looker: Pick<Looker, 'inspectInput'>): Promise<void> {
    const path = this.sourcePath.trim()
    if (path === '') return
    try {
      const { classes } = await looker.inspectInput({ kind: kindOfFiles, path }, null)
      this.sourceFound = { path, problem: '', labelled: classes.length > 0 }
    } catch (thrown) {
      this.sourceFound = { path, problem: toWireError(thrown).message, labelled: false }
    }
  }

  /** Looks once more before a start. @returns whether it may start; false also where a person should see first what was found */
  async check(looker: Looker): Promise<boolean> {
    const { shown } = this
    let looked = await this.look(looker)
    // One that a newer look replaced, begun by what was typed last, says nothing: else the start would be lost without a word.
    for (let again = 0; !looked && again < 3 && this.obstacle === '' && this.problem === ''; again++)
      looked = await this.look(looker)
    if (!looked || this.obstacle !== '') return false
    if (!shown && this.doubtful) this.problem = strings.form.obstacles.doubtful
    return this.problem === ''
  }

  private takeUp({ classes, variants }: InputInfo): void {
    for (const { name, how } of classes) if (!this.ranks.has(name)) this.ranks.set(name, urgency[how])
    if (!variants) return
    this.unlimited ??= { corruptions: this.corruptions, severities: this.severities }
    this.corruptions = this.corruptions.filter((name) => this.offered.includes(name))
    if (this.corruptions.length === 0) this.corruptions = this.offered
    this.severities = this.severities.filter((severity) => this.offeredSeverities.includes(severity))
    if (this.severities.length === 0) this.severities = this.offeredSeverities.slice(-1)
  }

  private get subject(): string {
    const { model, modelPath, normalization, inputSize, output, weights } = this
    const path = modelPath.trim()
    return JSON.stringify([this.inputOptions(), model, path, normalization, inputSize, output.trim(), weights.trim()])
  }

  /** Whether images and model are the ones that were looked at, and shown, last. */
  get shown(): boolean {
    return this.info !== null && this.details !== null && this.seen === this.subject
  }

  /** Images and model for the look before a run; null as long as one of them is missing, or a class is open. */
  get lookSubject(): LookSubject | null {
    if (!this.shown || this.unmatched > 0) return null
    const variants = this.schedule === 'custom' || !this.info?.variants ? [] : this.corruptions
    const levels = this.schedule === 'gradual' ? severities : this.severities
    const asked = variants.flatMap((corruption) => levels.map((severity) => ({ corruption, severity })))
    return { input: this.inputOptions(), model: this.modelOptions(), asked }
  }

  get classLabels(): readonly string[] {
    return classLabels(this.details?.classNames ?? [])
  }

  /** The classes of the images, those first that want a look. */
  get matches(): InputInfo['classes'] {
    const rank = (name: string) => this.ranks.get(name) ?? 0
    return (this.info?.classes ?? []).toSorted((a, b) => rank(a.name) - rank(b.name))
  }

  /** The images' class gets a class of the model; null = left out. */
  match(name: string, index: number | null): void {
    this.labels = { ...this.labels, [name]: index }
  }

  /** The same from what was typed. @returns whether the model has such a class */
  matchTyped(name: string, typed: string): boolean {
    const index = classTyped(typed, this.classLabels)
    if (index === null) return false
    this.match(name, index)
    return true
  }

  /** Takes back what was said by hand. */
  matchAgain(name: string): void {
    this.labels = Object.fromEntries(Object.entries(this.labels).filter(([known]) => known !== name))
  }

  /** Classes that nothing was found for. */
  get unmatched(): number {
    return this.info?.classes.filter(isOpen).length ?? 0
  }

  /** Whether no name says which class is which, so that it can be said how they are counted. */
  get countable(): boolean {
    const counted = new Set(['number', 'one-based', 'order'])
    return (
      this.counting !== undefined || (this.info?.classes.some(({ how }) => counted.has(how)) ?? false) || this.noneFound
    )
  }

  private get noneFound(): boolean {
    const { classes = [] } = this.info ?? {}
    return classes.length > 0 && classes.every(({ how }) => how === 'none')
  }

  /** Whether the order alone says which class is which. */
  get doubtful(): boolean {
    return this.placed && (this.info?.classes.some(({ how }) => how === 'order') ?? false)
  }

  /** Those that nothing was found for are left out. */
  leaveOutUnmatched(): void {
    const missing = this.info?.classes.filter(isOpen) ?? []
    this.labels = { ...this.labels, ...Object.fromEntries(missing.map(({ name }) => [name, null])) }
  }

  /** What stands against a start, in words; '' = nothing that is known before it. */
  get obstacle(): string {
    const text = strings.form.obstacles
    const numbers = numbersProblem(this)
    if (numbers !== '') return numbers
    if (!this.drifts && this.schedule !== 'custom') {
      if (this.severities.length === 0 && this.schedule !== 'gradual' && this.corruptions.length > 0)
        return text.severity
      if (this.corruptions.length === 0 && this.info?.variants) return text.noneThere
      const variants = this.info?.variants
      const gap =
        variants && this.schedule !== 'gradual'
          ? missingVariant(variants, this.corruptions, this.severities)
          : undefined
      if (gap) return text.notThere(gap.corruption.replaceAll('_', ' '), gap.severity)
    }
    if (this.unmatched > 0) return this.placed ? text.unmatched(this.unmatched) : text.sampleMisfit
    if (
      this.info &&
      this.info.classes.length > 0 &&
      this.details &&
      this.info.classes.every(({ index }) => index === null)
    )
      return text.allLeftOut
    return ''
  }
}
