// How a field for a path asks a person to choose one: by the system's dialog, or by the program's own where the host has none. Set once by the window, so that no field
// needs to know the program.
import { getContext, setContext } from 'svelte'
import type { PickedKind } from '#contract/files/listing.ts'
import type { ExportFormat } from '#contract/models/export.ts'

/** What a field asks for; of images, where that has a button each, a folder or a file; or where a file of that format shall be written. */
export type Sought = PickedKind | 'images-folder' | 'images-file' | `save-${ExportFormat}`

export interface Picker {
  /** `from`: what the field says now, where it begins. Null = nothing was chosen. */
  pick(sought: Sought, from: string): Promise<string | null>
  /** Whether folders and files of images are asked for one by one. */
  readonly splitsImages: boolean
}

const key = Symbol('picker')

/** Call while the window is made. */
export const setPicker = (picker: Picker): void => void setContext(key, picker)
export const picker = (): Picker =>
  getContext<Picker | undefined>(key) ?? { pick: async () => null, splitsImages: false }
