// How the live screen is divided among its panels, as a person dragged it. Kept with the settings, apart for wide and for narrow windows.
import { z } from 'zod'

/** Of the width or height that is divided, what the first part has. */
const share = z.number().min(0.1).max(0.9)

/** What the live screen shows: curves, errors per domain, layer map, batch. Their keys are 1 to 4, wherever they stand. */
export const livePanels = ['accuracy', 'domains', 'layers', 'batch'] as const
export type LivePanel = (typeof livePanels)[number]

export const layoutSharesSchema = z.strictObject({
  /** The left column's width. */
  columns: share,
  /** Of the left column, what stands above; of the right one likewise. */
  left: share,
  right: share,
  /** Which panel stands where: left above, left below, right above, right below. Absent = as at first. */
  panels: z
    .array(z.enum(livePanels))
    .length(livePanels.length)
    .refine((panels) => new Set(panels).size === livePanels.length, 'Each panel stands in one place.')
    .optional(),
})
export type LayoutShares = z.output<typeof layoutSharesSchema>

/** Absent = as it is at first. */
export const layoutsSchema = z.strictObject({
  wide: layoutSharesSchema.optional(),
  narrow: layoutSharesSchema.optional(),
})
export type Layouts = z.output<typeof layoutsSchema>
