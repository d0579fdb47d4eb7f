// English: every sentence of the interface, put together from one file per part. Another language is the same files in another folder.
import { app } from './app.ts'
import { exportDialog } from './export.ts'
import { history } from './history.ts'
import { layers } from './layers.ts'
import { live } from './live.ts'
import { models } from './models.ts'
import { form, matches } from './new-run.ts'
import { sweeps } from './sweeps.ts'
import { webcam } from './webcam.ts'

export const en = { ...app, ...live, export: exportDialog, form, history, layers, matches, models, sweeps, webcam } as const
