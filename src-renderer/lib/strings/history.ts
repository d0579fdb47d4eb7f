// The history of runs.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  title: 'Runs',
  search: 'Search names, inputs, models, methods, tags, notes',
  folder: 'Which runs',
  folders: { kept: 'Runs', archived: 'Archived', deleted: 'Deleted' },
  columns: { id: 'No.', name: 'Name', status: 'Status', input: 'Input / model', best: 'Best, mean error %' },
  statuses: {
    queued: 'waiting',
    starting: 'starting',
    running: 'running',
    paused: 'paused',
    stopping: 'stopping',
    stopped: 'stopped',
    done: 'done',
    failed: 'failed',
    interrupted: 'interrupted',
  },
  started: 'Started',
  count: (count: number) => (count === 1 ? '1 run' : `${count.toLocaleString('en')} runs`),
  marked: (count: number) => `${count.toLocaleString('en')} marked`,
  markAll: 'Mark all that are found',
  markOne: (run: number) => `Mark run ${run}`,
  archive: 'Archive',
  unarchive: 'Unarchive',
  remove: 'Delete…',
  removeYes: (count: number) => (count === 1 ? 'Delete 1 run' : `Delete ${count.toLocaleString('en')} runs`),
  restore: 'Restore',
  cancel: 'Cancel',
  undo: 'Undo',
  changed: (run: number) => `Run ${run} was changed.`,
  archivedDone: (count: number) =>
    count === 1 ? '1 run was archived.' : `${count.toLocaleString('en')} runs were archived.`,
  unarchivedDone: (count: number) =>
    count === 1 ? '1 run is back from the archive.' : `${count.toLocaleString('en')} runs are back from the archive.`,
  removedDone: (count: number) =>
    count === 1
      ? '1 run was deleted; it is kept for a week.'
      : `${count.toLocaleString('en')} runs were deleted; they are kept for a week.`,
  restoredDone: (count: number) => (count === 1 ? '1 run is back.' : `${count.toLocaleString('en')} runs are back.`),
  tagsWrong: 'At most 20 tags of up to 40 characters each, separated by commas.',
  nothing: {
    kept: 'No run yet. Stream the bundled sample, or images of your own:',
    archived: 'Nothing is archived.',
    deleted: 'Nothing was deleted in the last week.',
  },
  nothingFound: 'No run contains all of these words.',
  more: (count: number) => `Show more (${count.toLocaleString('en')} left)`,
  chosen: 'The chosen run',
  choose: 'Choose a run by its name to see it here; a double click opens it.',
  open: 'Open',
  name: 'Name',
  tags: 'Tags',
  tagsPlaceholder: 'separated by commas',
  note: 'Note',
  results: 'Mean error over the finished domains, %',
  method: 'Method',
  meanError: 'Error, %',
  steps: (step: number, total: number) => `step ${step.toLocaleString('en')} of ${total.toLocaleString('en')}`,
  input: 'Input',
  model: 'Model',
  settings: 'Settings',
  settingsOf: (
    schedule: string,
    corruptions: number,
    severities: string,
    batch: number,
    limit: number | null,
    seed: number,
  ) =>
    `${schedule}, ${corruptions === 0 ? 'no corruption' : `${corruptions} ${corruptions === 1 ? 'corruption' : 'corruptions'} at severity ${severities}`}, batch ${batch}, ${limit === null ? 'all images' : `${limit.toLocaleString('en')} images a domain`}, seed ${seed}`,
  options: 'Every option of its methods',
} as const

const whole = (value: number) => value.toLocaleString('de')
const runs = (count: number) => (count === 1 ? '1 Lauf' : `${whole(count)} Läufe`)
const were = (count: number) => (count === 1 ? 'wurde' : 'wurden')

const de: Words<typeof en> = {
  title: 'Läufe',
  search: 'Namen, Eingaben, Modelle, Methoden, Tags und Notizen durchsuchen',
  folder: 'Welche Läufe',
  folders: { kept: 'Läufe', archived: 'Archiviert', deleted: 'Gelöscht' },
  columns: {
    id: 'Nr.',
    name: 'Name',
    status: 'Status',
    input: 'Eingabe / Modell',
    best: 'Beste Methode, mittlerer Fehler %',
  },
  statuses: {
    queued: 'wartet',
    starting: 'startet',
    running: 'läuft',
    paused: 'angehalten',
    stopping: 'wird beendet',
    stopped: 'beendet',
    done: 'fertig',
    failed: 'fehlgeschlagen',
    interrupted: 'unterbrochen',
  },
  started: 'Gestartet',
  count: runs,
  marked: (count) => `${whole(count)} markiert`,
  markAll: 'Alle gefundenen markieren',
  markOne: (run) => `Lauf ${run} markieren`,
  archive: 'Archivieren',
  unarchive: 'Aus dem Archiv holen',
  remove: 'Löschen…',
  removeYes: (count) => `${runs(count)} löschen`,
  restore: 'Wiederherstellen',
  cancel: 'Abbrechen',
  undo: 'Rückgängig',
  changed: (run) => `Lauf ${run} wurde geändert.`,
  archivedDone: (count) => `${runs(count)} ${were(count)} archiviert.`,
  unarchivedDone: (count) => `${runs(count)} ${were(count)} aus dem Archiv geholt.`,
  removedDone: (count) =>
    count === 1
      ? '1 Lauf wurde gelöscht; er wird eine Woche aufbewahrt.'
      : `${runs(count)} wurden gelöscht; sie werden eine Woche aufbewahrt.`,
  restoredDone: (count) => `${runs(count)} ${were(count)} wiederhergestellt.`,
  tagsWrong: 'Höchstens 20 Tags mit je bis zu 40 Zeichen, durch Kommas getrennt.',
  nothing: {
    kept: 'Noch kein Lauf. Das mitgelieferte Beispiel streamen oder eigene Bilder:',
    archived: 'Nichts ist archiviert.',
    deleted: 'In der letzten Woche wurde nichts gelöscht.',
  },
  nothingFound: 'Kein Lauf enthält alle diese Wörter.',
  more: (count) => `Mehr zeigen (noch ${whole(count)})`,
  chosen: 'Der gewählte Lauf',
  choose: 'Ein Klick auf den Namen zeigt einen Lauf hier, ein Doppelklick öffnet ihn.',
  open: 'Öffnen',
  name: 'Name',
  tags: 'Tags',
  tagsPlaceholder: 'durch Kommas getrennt',
  note: 'Notiz',
  results: 'Mittlerer Fehler über die abgeschlossenen Domänen, %',
  method: 'Methode',
  meanError: 'Fehler, %',
  steps: (step, total) => `Schritt ${whole(step)} von ${whole(total)}`,
  input: 'Eingabe',
  model: 'Modell',
  settings: 'Einstellungen',
  settingsOf: (schedule, corruptions, severities, batch, limit, seed) =>
    `${schedule}, ${corruptions === 0 ? 'keine Störung' : `${corruptions === 1 ? '1 Störung' : `${corruptions} Störungen`} mit Schweregrad ${severities}`}, Batch ${batch}, ${limit === null ? 'alle Bilder' : limit === 1 ? '1 Bild je Domäne' : `${whole(limit)} Bilder je Domäne`}, Seed ${seed}`,
  options: 'Alle Optionen seiner Methoden',
}

export const history: InEachLanguage<typeof en> = { en, de }
