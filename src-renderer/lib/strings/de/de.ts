// German: every sentence of the interface, put together from one file per part. Nothing falls back on English: a key that is missing is a type error.
import type { Strings } from '../words.ts'
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

export const de: Strings = { ...app, ...live, charts, export: exportDialog, form, history, matches, methods, models, stage, sweeps, webcam }
