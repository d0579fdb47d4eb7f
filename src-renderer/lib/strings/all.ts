// Every sentence of the interface by language, put together from one file per part; each of them holds all languages. Nothing falls back on English.
import { app } from './app.ts'
import { charts } from './charts.ts'
import { compare } from './compare.ts'
import { curves } from './curves.ts'
import { damage } from './damage.ts'
import { devices } from './devices.ts'
import { exportDialog } from './export.ts'
import { history } from './history.ts'
import { keptReports } from './kept-reports.ts'
import { inspect } from './inspect.ts'
import { lab } from './lab.ts'
import { layers } from './layers.ts'
import { layout } from './layout.ts'
import { live } from './live.ts'
import { look } from './look.ts'
import { methods } from './methods.ts'
import { models } from './models.ts'
import { files } from './files.ts'
import { form, matches } from './new-run.ts'
import { queue } from './queue.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { shell } from './shell.ts'
import { stage } from './stage.ts'
import { sweeps } from './sweeps.ts'
import { timeline } from './timeline.ts'
import { updates } from './updates.ts'
import { webcam } from './webcam.ts'
import type { Language } from './words.ts'

const stringsIn = (language: Language) => ({
  ...app[language],
  ...live[language],
  charts: charts[language],
  compare: compare[language],
  curves: curves[language],
  damage: damage[language],
  devices: devices[language],
  export: exportDialog[language],
  files: files[language],
  form: form[language],
  history: history[language],
  keptReports: keptReports[language],
  inspect: inspect[language],
  lab: lab[language],
  layers: layers[language],
  layout: layout[language],
  look: look[language],
  matches: matches[language],
  methods: methods[language],
  models: models[language],
  queue: queue[language],
  settings: settings[language],
  setup: setup[language],
  shell: shell[language],
  stage: stage[language],
  sweeps: sweeps[language],
  timeline: timeline[language],
  updates: updates[language],
  webcam: webcam[language],
})

export type Strings = ReturnType<typeof stringsIn>

export const allStrings: Readonly<Record<Language, Strings>> = { en: stringsIn('en'), de: stringsIn('de') }
