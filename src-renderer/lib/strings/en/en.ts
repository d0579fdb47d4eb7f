// English: every sentence of the interface, put together from one file per part. Another language is the same files in another folder.
import { app } from './app.ts'
import { charts } from './charts.ts'
import { exportDialog } from './export.ts'
import { history } from './history.ts'
import { live } from './live.ts'
import { methods } from './methods.ts'
import { models } from './models.ts'
import { form, matches } from './new-run.ts'
import { stage } from './stage.ts'
import { sweeps } from './sweeps.ts'
import { webcam } from './webcam.ts'

export const en = { ...app, ...live, charts, export: exportDialog, form, history, matches, methods, models, stage, sweeps, webcam } as const
