// A folder of this machine as the program's own picker shows it: what lies in it that can be chosen or opened.
import { z } from 'zod'

const count = z.number().int().nonnegative()

/** What a person looks for: a folder; images (a folder, an archive, a list, arrays); a file of a model. */
export const pickedKinds = ['folder', 'images', 'model'] as const
export type PickedKind = (typeof pickedKinds)[number]

/** Endings of what can be chosen beside folders. */
export const pickedEndings: Readonly<Record<PickedKind, readonly string[]>> = {
  folder: [],
  images: ['.zip', '.tar', '.tgz', '.tar.gz', '.csv', '.tsv', '.jsonl', '.json', '.txt', '.npy', '.npz'],
  model: ['.safetensors', '.pth', '.pt', '.onnx', 'model.json'],
}

export const listRequestSchema = z.strictObject({
  /** Null = the places to begin at. */
  folder: z.string().min(1).max(4096).nullable(),
  kind: z.enum(pickedKinds),
})
export type ListRequest = z.output<typeof listRequestSchema>

export const listedEntrySchema = z.object({
  name: z.string(),
  path: z.string(),
  folder: z.boolean(),
  /** Of a file. */
  sizeBytes: z.number().nonnegative().nullable(),
  /** Images that lie in the folder itself; null = not counted. */
  images: count.nullable(),
  /** There are more than that. */
  more: z.boolean(),
})
export type ListedEntry = z.output<typeof listedEntrySchema>

export const listingSchema = z.object({
  /** Null = the places to begin at. */
  folder: z.string().nullable(),
  /** Where the way up leads; null = to the places. */
  parent: z.string().nullable(),
  entries: z.array(listedEntrySchema),
  /** Images in the folder itself, those that are not listed one by one. */
  images: count,
  /** There is more than was read. */
  cut: z.boolean(),
})
export type Listing = z.output<typeof listingSchema>
