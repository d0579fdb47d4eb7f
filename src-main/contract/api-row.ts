// What a row of the api says of a method.
import type { z } from 'zod'

/** What a method does to what is kept: whether it may be called while the data folder is being moved depends on it. */
export type Access =
  /** Changes nothing. */
  | 'reads'
  /** Waits for the end of a move. */
  | 'writes'
  /** Is about the move itself. */
  | 'moves'

export interface ApiRow {
  readonly access: Access
  readonly request: z.ZodType
  readonly response: z.ZodType
  /** Properties that hold bytes or null: rpc/packing.ts sends them beside the JSON instead of in it. */
  readonly bytes?: { readonly request: readonly string[]; readonly response: readonly string[] }
}
