// The kinds of input, as they are stored with a run, one row each: the shape of their options and what can be done with their images. What opens them is in
// stream/inputs/kinds.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { lastPart } from '#contract/places.ts'

/** `folders`: the top-level ones; `column`: of a list; the others: by the files' times (UTC). */
export const inputDomains = ['none', 'folders', 'column', 'hour', 'day', 'month'] as const
export type InputDomains = (typeof inputDomains)[number]

/** How classes are counted where no name says which is which: the numbers of the model's classes, from 0 or from 1; or off in sorted order. */
export const labelCountings = ['from-0', 'from-1', 'order'] as const
export type LabelCounting = (typeof labelCountings)[number]

/** Class of the input -> class of the model; null = its images are left out. */
export const labelMatchesSchema = z.record(z.string().max(1000), z.number().int().min(0).max(100_000).nullable())

export const inputOptionsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sample') }),
  /** A folder, or a file that lists or holds images: what it is is found out by looking (stream/inputs/layouts). */
  z.strictObject({
    kind: z.literal('folder'),
    path: z.string().min(1).max(4096),
    /** Which of its parts (train, val, test), where it has such; null = the one that a model was not trained on. */
    split: z.string().max(200).nullable().default(null),
    /** Real drift: what cuts the images into domains; no corruption is applied then. */
    domains: z.enum(inputDomains).default('none'),
    /** Classes matched by hand: class of the input -> class of the model; null = its images are left out. */
    labels: labelMatchesSchema.default({}),
    /** Absent = found out, where the classes tell. */
    counting: z.enum(labelCountings).optional(),
  }),
  /** Frames that a window sends while it runs (contract/webcam.ts). `batchSize` of them are the window over which methods adapt. */
  z.strictObject({
    kind: z.literal('webcam'),
    /** Of the camera or the video file. */
    name: z.string().min(1).max(200),
    /** Frames enter the window at least so many milliseconds apart: neighbours hardly differ. */
    spacingMs: z.number().int().min(0).max(60_000).default(250),
  }),
])
export type InputOptions = z.output<typeof inputOptionsSchema>
export type InputOptionsInput = z.input<typeof inputOptionsSchema>

export type InputKind = InputOptions['kind']
export type InputOf<K extends InputKind> = Extract<InputOptions, { kind: K }>

interface InputKindRow<Input> {
  /** Whether its images can be read again: whether a run over them can be resumed, branched, stepped, looked at image by image, and run again. */
  readonly kept: boolean
  /** Whether a window sends the images while the run goes on. */
  readonly live: boolean
  /** Whether the user says where the images lie. */
  readonly placed: boolean
  /** What it is called as long as nobody has looked at the images. */
  nameOf(input: Input): string
  /** Whether the images bring domains of their own, so that no corruption is applied. */
  drifts(input: Input): boolean
}

export const inputKinds = {
  sample: { kept: true, live: false, placed: false, nameOf: () => 'EuroSAT sample', drifts: () => false },
  folder: {
    kept: true,
    live: false,
    placed: true,
    nameOf: ({ path }: InputOf<'folder'>) => lastPart(path),
    drifts: ({ domains }: InputOf<'folder'>) => domains !== 'none',
  },
  webcam: {
    kept: false,
    live: true,
    placed: false,
    nameOf: ({ name }: InputOf<'webcam'>) => name,
    drifts: () => false,
  },
} as const satisfies { [K in InputKind]: InputKindRow<InputOf<K>> }

type KindWith<Property extends 'kept' | 'live' | 'placed'> = {
  [K in InputKind]: (typeof inputKinds)[K][Property] extends true ? K : never
}[InputKind]
export type KeptInputKind = KindWith<'kept'>
export type KeptInput = InputOf<KeptInputKind>
export type LiveInput = InputOf<KindWith<'live'>>
export type PlacedInput = InputOf<KindWith<'placed'>>

/** Those whose images can be read again: the ones that a form offers, and of which the last settings are remembered. */
export const keptInputKinds: readonly KeptInputKind[] = (Object.keys(inputKinds) as InputKind[]).filter(
  (kind) => inputKinds[kind].kept,
) as KeptInputKind[]

/** The row of an input's kind. @throws PalmError `input-unreadable` naming a kind that there is not */
export function inputKindOf({ kind }: Pick<InputOptions, 'kind'>): InputKindRow<InputOptions> {
  if (!Object.hasOwn(inputKinds, kind)) throw unknownInputKind(kind)
  return inputKinds[kind]
}

export const unknownInputKind = (kind: string): PalmError =>
  new PalmError(
    'input-unreadable',
    `This version of the program does not know the input kind “${kind}”. A newer version may.`,
  )

/** Classes that the user matched by hand. */
export const labelsOf = (input: InputOptions): PlacedInput['labels'] => (isPlaced(input) ? input.labels : {})

/** How the user says that classes are counted. */
export const countingOf = (input: InputOptions): LabelCounting | undefined =>
  isPlaced(input) ? input.counting : undefined

export const isKept = (input: InputOptions): input is KeptInput => inputKindOf(input).kept

/** False where there is no input yet. */
export const isLive = (input: InputOptions | undefined): input is LiveInput =>
  input !== undefined && inputKindOf(input).live

/** False where there is no input. */
export const isPlaced = (input: InputOptions | null): input is PlacedInput =>
  input !== null && inputKindOf(input).placed
