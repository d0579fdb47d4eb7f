// Rows of the api that only a host of its own on the desktop fulfils: the system's dialogs, newer versions of the program.
import { z } from 'zod'
import type { ApiRow } from '#contract/api-row.ts'
import { exportFormats } from '#contract/models/export.ts'

const nothing = z.strictObject({})

export const updateMethods = {
  /** Asks whether there is a newer version; the subscription `updates` tells what comes of it. A click on it is a yes, whatever the settings say. */
  'updates.look': { access: 'reads', request: nothing, response: nothing },
  /** Of what was found: the whole file, checked. */
  'updates.fetch': { access: 'reads', request: nothing, response: nothing },
  'updates.cancel': { access: 'reads', request: nothing, response: nothing },
  /** Ends the program, with the run under way, which goes on after the restart. */
  'updates.install': { access: 'writes', request: nothing, response: nothing },
} as const satisfies Readonly<Record<string, ApiRow>>

export const dialogMethods = {
  'dialogs.pickFolder': { access: 'reads', request: nothing, response: z.string().nullable() },
  /** Images may be a folder or a file; `either` where the system's dialog takes both at once. */
  'dialogs.pickImages': {
    access: 'reads',
    request: z.strictObject({ what: z.enum(['folder', 'file', 'either']) }),
    response: z.string().nullable(),
  },
  /** Where an export goes. `from`: what the dialog begins with, an absolute path; it is only shown. */
  'dialogs.save': {
    access: 'reads',
    request: z.strictObject({ from: z.string().max(4096), format: z.enum(exportFormats) }),
    response: z.string().nullable(),
  },
  'dialogs.pickModel': { access: 'reads', request: nothing, response: z.string().nullable() },
} as const satisfies Readonly<Record<string, ApiRow>>
