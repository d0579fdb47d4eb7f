// How the live screen is divided among its panels, as a person dragged it. Kept with the settings, apart for wide and for narrow windows.
import { z } from 'zod'

/** Of the width or height that is divided, what the first part has. */
const share = z.number().min(0.1).max(0.9)

export const layoutSharesSchema = z.strictObject({
  /** The left column: curves and layer map. */
  columns: share,
  /** Of the left column, the curves; of the right one, the table. */
  left: share,
  right: share,
})
export type LayoutShares = z.output<typeof layoutSharesSchema>

/** Absent = as it is at first. */
export const layoutsSchema = z.strictObject({
  wide: layoutSharesSchema.optional(),
  narrow: layoutSharesSchema.optional(),
})
export type Layouts = z.output<typeof layoutsSchema>
