// The kinds of input that the forms of a run and of a sweep offer, one row each: what their fields say as a run's input, and what a run over it is called
// as long as nobody named it. Pure.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { inputKinds, type InputOf, type KeptInput, type KeptInputKind } from '#contract/inputs/input-kinds.ts'

/** What the fields of a form say of images. */
export interface InputFields {
  readonly path: string
  readonly split: string | null
  readonly domains: InputOf<'folder'>['domains']
  readonly labels: InputOf<'folder'>['labels']
  /** How classes are counted; absent = it is found out. */
  readonly counting?: InputOf<'folder'>['counting']
}

interface FormInput<Input> {
  options(fields: InputFields): Input
  usualName(path: string): string
}

const formInputs: { readonly [K in KeptInputKind]: FormInput<InputOf<K>> } = {
  sample: { options: () => ({ kind: 'sample' }), usualName: () => strings.charts.sampleName },
  folder: {
    options: ({ path, split, domains, labels, counting }) => ({
      kind: 'folder',
      path: path.trim(),
      split: domains === 'folders' ? null : split, // the parts are the domains then
      domains,
      labels: { ...labels },
      ...(counting ? { counting } : {}),
    }),
    usualName: (path) => (path.trim().split(/[\\/]/).filter(Boolean).at(-1) ?? '').slice(0, 200),
  },
}

/** What dropped or picked files are. */
export const kindOfFiles = 'folder' satisfies KeptInputKind

export const inputOf = (kind: KeptInputKind, fields: InputFields): KeptInput => formInputs[kind].options(fields)

export const usualNameOf = (kind: KeptInputKind, path: string): string => formInputs[kind].usualName(path)

/** Whether nothing is missing: a path, where the kind has one. */
export const isGiven = (kind: KeptInputKind, path: string): boolean => !inputKinds[kind].placed || path.trim() !== ''
