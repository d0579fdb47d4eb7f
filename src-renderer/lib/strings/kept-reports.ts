// What is kept of the tensor reports of long runs: the setting, and what the layer map says of it.
import type { KeptReports } from '#contract/runs/kept-reports.ts'
import type { InEachLanguage, Words } from './words.ts'

const en = {
  title: 'Tensor reports of long runs',
  all: 'Keep all of them',
  help: (steps: string, newest: string, every: number) =>
    `Else a run of more than ${steps} steps, and a webcam’s, keeps them of its newest ${newest} steps; of older ones every ${every}th, and those at domains’ ends, checkpoints, changed options and collapses. Numbers, predictions and tables are kept whole in any case, and sweeps keep all. For runs that begin from now on.`,
  note: ({ every }: KeptReports, newest: string) =>
    `Of this long run’s older steps every ${every}th is kept here; of the newest ${newest} all (Settings → Storage).`,
}

export const keptReports: InEachLanguage<typeof en> = {
  en,
  de: {
    title: 'Tensorberichte langer Läufe',
    all: 'Alle behalten',
    help: (steps, newest, every) =>
      `Sonst behält ein Lauf von mehr als ${steps} Schritten, und einer der Webcam, sie von seinen neuesten ${newest} Schritten; von älteren jeden ${every}. und die an Domänenenden, Checkpoints, geänderten Optionen und Kollapsen. Zahlen, Vorhersagen und Tabellen bleiben in jedem Fall ganz, und Sweeps behalten alle. Für Läufe, die von nun an beginnen.`,
    note: ({ every }, newest) =>
      `Von älteren Schritten dieses langen Laufs ist hier jeder ${every}. behalten, von den neuesten ${newest} alle (Einstellungen → Speicher).`,
  } satisfies Words<typeof en>,
}
