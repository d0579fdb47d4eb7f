// What a kind of input is to the program.
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import type { Listing } from '#stream/inputs/listing.ts'

/** Where what ships with the program lies. */
export interface InputFolders {
  readonly sampleFolder: string
}

export interface InputDriver<Input extends InputOptions> {
  /**
   * Lists its images; nothing is decoded. What an input shows before a run, its fingerprint, its previews, its batches and resuming on them all come from
   * this list. @throws PalmError `input-unreadable`, `input-empty`, `input-labels`
   */
  open(input: Input, folders: InputFolders): Promise<Listing>
}
