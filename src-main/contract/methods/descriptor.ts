// What a method says of itself, in one place: src-main/engine/methods/METHOD/descriptor.ts. Everything that treats methods differently reads it here: the
// options' schema and help, presets, forms, the webcam, live changes, estimates of time and memory, tables and their footnotes.
import type { z } from 'zod'

/** Families of data whose published settings are known, the bundled sample, and two for models that nobody tuned. */
export const presetNames = ['cifar10', 'cifar100', 'imagenet', 'sample', 'cautious', 'auto'] as const
export type PresetName = (typeof presetNames)[number]

/**
 * Of the model: `batch-norm` (its statistics), `norm` (any norm layers with scale and shift), `weights` (convolutions or norm layers).
 * `source-images`: clean images of the kind the model was trained on, given with the run; `labels-of-source`: labelled ones.
 * Labels of the stream are never needed: adaptation is without them.
 */
export type MethodNeed = 'batch-norm' | 'norm' | 'weights' | 'source-images' | 'labels-of-source'

/** A method's options, with the literal of its id. */
type MethodSchema = z.ZodObject<{ readonly method: z.ZodLiteral<string> }>

/** What is known where options are made of a preset. */
interface PresetContext {
  /** The variant that is asked for (PALM). */
  readonly variant: 'reference' | 'paper'
  /** Of the model. */
  readonly classes: number
  /** What differs from the preset, as it was asked for; not yet validated. */
  readonly differs: Readonly<Record<string, unknown>>
}

/** A function as a method has it: one for a method's own options fits where any method's are meant. */
type Hook<Args extends readonly unknown[], Result> = { call(...args: Args): Result }['call']

/** In units that do not depend on the machine; rules of thumb from `npm run bench` and from runs of every method on the sample. */
interface MethodCost<Options> {
  /** Time of a step, in forward passes over the batch (docs/benchmarks.md). */
  passes(options: Options): number
  /** What a step holds at once, in units of one step with gradients over one view of the batch. */
  readonly stepMemory: number
  /** What a lane keeps between steps, and a checkpoint holds at most: `times` the norm layers' scale and shift, or all that is adaptable; null = nothing. */
  readonly state: { readonly of: 'norm' | 'adaptable'; times(options: Options): number } | null
}

export interface MethodDescriptor<Schema extends MethodSchema = MethodSchema> {
  /** In options, databases and on the command line: kebab-case, never changed. */
  readonly id: z.output<Schema>['method']
  /** As the field writes it. */
  readonly name: string
  readonly paper: string
  /** One plain sentence, as the screens show it. */
  readonly does: { readonly en: string; readonly de: string }
  /** What is ours and not published; shown wherever the method's numbers are. */
  readonly footnote: string | null

  readonly needs: readonly MethodNeed[]
  /** Options with which it needs no source images after all, and how to get there, in a sentence; null = it always needs what it needs. */
  readonly withoutSource: { when(options: z.output<Schema>): boolean; readonly hint: string } | null

  /** Bounds, defaults (CIFAR-10-C's, as published) and the help of each option. */
  readonly options: Schema
  /** The published settings per family of data where they differ from the defaults: the method's own repository or the benchmark's. */
  readonly presets: { readonly [P in PresetName]?: Partial<z.output<Schema>> }
  /** Makes a preset's numbers options where they depend on the variant or the model; null = they are taken as they are. */
  readonly fromPreset: Hook<
    [numbers: Partial<z.output<Schema>>, context: PresetContext],
    Readonly<Record<string, unknown>>
  > | null
  /** What of these options is shown with the name (“PALM (paper)”); null = the name says it all. */
  readonly labelOf: Hook<[options: z.output<Schema>], string> | null

  /** Weights move from batch to batch. */
  readonly adapts: boolean
  /** Statistics of batch normalisation that its predictions are made with. */
  readonly predictsWith: 'running-statistics' | 'batch-statistics'
  /** Whether the logits that are scored come from before the step's update or from after it. */
  readonly scores: 'before-update' | 'after-update'
  /**
   * Its answer after an update is a forward pass with its present weights under the batch's statistics. Of the others (teachers, averages over views,
   * memories, priors) the answer cannot be asked again without taking part in their state.
   */
  readonly answersAfterUpdate: boolean
  /** Its prediction of a single frame is a forward pass with its own tensors under statistics of the last frames; the others need whole batches. */
  readonly webcam: boolean
  /** Options that may change while a run is under way: those that are read anew at each step. */
  live(options: z.output<Schema>): readonly (keyof z.output<Schema> & string)[]

  readonly cost: MethodCost<z.output<Schema>>
}

/** Checks a descriptor against its own schema; leaving a property out does not compile. */
export const defineMethod = <Schema extends MethodSchema>(
  descriptor: MethodDescriptor<Schema>,
): MethodDescriptor<Schema> => descriptor
