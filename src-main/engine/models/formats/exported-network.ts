// What the writers of whole networks are given.
import type { Architecture } from '#engine/models/model.ts'
import type { FileTensor } from './file-tensor.ts'

export interface ExportedNetwork {
  readonly architecture: Omit<Architecture, 'inputSize'>
  /** File layout, by tensor. */
  readonly values: ReadonlyMap<string, FileTensor>
  readonly width: number
  readonly height: number
  readonly metadata: Readonly<Record<string, string>>
  readonly version: string
}
