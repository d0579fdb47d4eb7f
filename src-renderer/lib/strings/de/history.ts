// The history of runs. In German.
import type { history as english } from '#renderer/lib/strings/en/history.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

const whole = (value: number) => value.toLocaleString('de')
const runs = (count: number) => (count === 1 ? '1 Lauf' : `${whole(count)} Läufe`)
const were = (count: number) => (count === 1 ? 'wurde' : 'wurden')

export const history: Words<typeof english> = {
  title: 'Läufe',
  search: 'Namen, Eingaben, Modelle, Methoden, Tags und Notizen durchsuchen',
  shelf: 'Welche Läufe',
  shelves: { kept: 'Läufe', archived: 'Archiviert', deleted: 'Gelöscht' },
  columns: { id: 'Nr.', name: 'Name', status: 'Status', input: 'Eingabe / Modell', best: 'Bester, mittlerer Fehler %' },
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
    kept: 'Noch kein Lauf. Auf dem Bildschirm „Live“ lässt sich einer starten.',
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
