// Rows of the database that cannot be read: the notice over every view and the dialog that lists them.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  notice: (rows: number) =>
    rows === 1
      ? 'One entry of the database is damaged and left out. All others can be used.'
      : `${rows} entries of the database are damaged and left out. All others can be used.`,
  open: 'Show…',
  title: 'Damaged entries',
  help: 'They are in no list until they are mended or removed. Save keeps what can be read of one as JSON; Remove takes it out of the database for good.',
  tables: { runs: 'Run', models: 'Model', sweeps: 'Sweep', queue: 'Place in the queue', settings: 'Setting' },
  save: 'Save…',
  remove: 'Remove…',
  removeYes: 'Remove for good',
  removed: (what: string) => `${what} was removed.`,
  none: 'None is left.',
  ofRun: (what: string) => `Rows of this run are damaged and left out here: ${what}.`,
  parts: {
    steps: (rows: number) => (rows === 1 ? '1 step' : `${rows} steps`),
    checkpoints: (rows: number) => (rows === 1 ? '1 checkpoint' : `${rows} checkpoints`),
    collapses: (rows: number) => (rows === 1 ? '1 collapse' : `${rows} collapses`),
    skipped_files: (rows: number) => (rows === 1 ? '1 file that was left out' : `${rows} files that were left out`),
  },
}

export const damage: InEachLanguage<typeof en> = {
  en,
  de: {
    notice: (rows) =>
      rows === 1
        ? 'Ein Eintrag der Datenbank ist beschädigt und fehlt. Alle anderen sind brauchbar.'
        : `${rows} Einträge der Datenbank sind beschädigt und fehlen. Alle anderen sind brauchbar.`,
    open: 'Zeigen…',
    title: 'Beschädigte Einträge',
    help: 'Sie stehen in keiner Liste, bis sie geheilt oder entfernt sind. Sichern behält als JSON, was sich lesen lässt; Entfernen nimmt einen Eintrag endgültig aus der Datenbank.',
    tables: {
      runs: 'Lauf',
      models: 'Modell',
      sweeps: 'Sweep Nr.',
      queue: 'Platz der Warteschlange',
      settings: 'Einstellung',
    },
    save: 'Sichern…',
    remove: 'Entfernen…',
    removeYes: 'Endgültig entfernen',
    removed: (what) => `${what} wurde entfernt.`,
    none: 'Keiner ist übrig.',
    ofRun: (what) => `Zeilen dieses Laufs sind beschädigt und fehlen hier: ${what}.`,
    parts: {
      steps: (rows) => (rows === 1 ? '1 Schritt' : `${rows} Schritte`),
      checkpoints: (rows) => (rows === 1 ? '1 Checkpoint' : `${rows} Checkpoints`),
      collapses: (rows) => (rows === 1 ? '1 Kollaps' : `${rows} Kollapse`),
      skipped_files: (rows) => (rows === 1 ? '1 ausgelassene Datei' : `${rows} ausgelassene Dateien`),
    },
  } satisfies Words<typeof en>,
}
