// German: every sentence of the interface, put together from one file per part. Nothing falls back on English: a key that is missing is a type error.
import type { Strings } from '#renderer/lib/strings/en/en.ts'
import { app } from '#renderer/lib/strings/app.ts'
import { shell } from '#renderer/lib/strings/shell.ts'
import { charts } from './charts.ts'
import { compare } from './compare.ts'
import { curves } from './curves.ts'
import { exportDialog } from './export.ts'
import { history } from './history.ts'
import { inspect } from './inspect.ts'
import { layers } from './layers.ts'
import { live } from './live.ts'
import { methods } from './methods.ts'
import { models } from './models.ts'
import { form, matches } from './new-run.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { stage } from './stage.ts'
import { sweeps } from './sweeps.ts'
import { travel } from './travel.ts'
import { webcam } from './webcam.ts'

export const de: Strings = {
  ...app.de,
  ...live,
  shell: shell.de,
  charts,
  compare,
  curves,
  export: exportDialog,
  form,
  history,
  inspect,
  layers,
  matches,
  methods,
  models,
  settings,
  setup,
  stage,
  sweeps,
  travel,
  webcam,
}
