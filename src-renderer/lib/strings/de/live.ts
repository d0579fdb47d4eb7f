// The live screen and its charts. In German.
import type { live as english } from '#renderer/lib/strings/en/live.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

export const live: Words<typeof english> = {
  statuses: {
    queued: 'Wartet',
    starting: 'Startet: Modell und Bilder werden geladen',
    running: 'Läuft',
    paused: 'Angehalten',
    stopping: 'Endet nach diesem Batch',
    stopped: 'Beendet; kann fortgesetzt werden',
    done: 'Fertig',
    failed: 'Fehlgeschlagen',
    interrupted: 'Unterbrochen; kann fortgesetzt werden',
  },
  accuracyTitle: 'Genauigkeit im Verlauf des Datenstroms',
  domainsTitle: 'Fehler je Domäne, %',
  layerMapTitle: 'Schichtenkarte',
  batchTitle: 'Aktueller Batch',
  tableOf: (title) => `Tabelle: ${title}`,
  imagesOf: (title) => `Bilder: ${title}`,
  progressTitle: 'Fortschritt',
  asTable: 'Als Tabelle',
  asPicture: 'Als Bild',
  domain: 'Domäne',
  mean: 'Mittel',
  gain: 'Gewinn gegenüber Source',
  quantity: 'Färben nach',
  quantities: { learningRate: 'Lernrate', score: 'Score (L1-Norm des KL-Gradienten)', importance: 'Wichtigkeit' },
  states: ['nie ausgewählt: eingefroren', 'gerade nicht ausgewählt', 'ausgewählt: passt sich an', 'passt sich an'],
  frozen: 'eingefroren',
  adaptedShare: 'angepasste Parameter',
  lane: 'Methode',
  step: 'Schritt',
  speed: 'Bilder/s',
  eta: 'verbleiben',
  waits: 'Gerät wartet',
  skipped: (total) =>
    total === 1
      ? '1 Datei war nicht lesbar und wurde ausgelassen'
      : `${total.toLocaleString('de')} Dateien waren nicht lesbar und wurden ausgelassen`,
  summary: (best, bestError, source) =>
    source === null
      ? `${best}: ${bestError} % mittlerer Fehler.`
      : `${best} macht die wenigsten Fehler: ${bestError} % im Mittel, gegenüber ${source} % ohne Anpassung.`,
  detail: 'Technische Einzelheiten',
  nearChance: (correct, labelled, mean, std) =>
    `Das unangepasste Modell erkennt ${correct} von ${labelled} sauberen Bildern richtig, nicht mehr als durch Raten. Wahrscheinlich passen die Normalisierung (Mittelwert ${mean}, Standardabweichung ${std}), die Reihenfolge der Klassen oder die Eingabegröße nicht zum Training.`,
  collapsed: (lane, step, domain) =>
    `${lane} ist bei Schritt ${step} (${domain}) kollabiert: Von den Klassen ist kaum noch eine übrig.`,
  notFinite: (lane, step, domain) => `${lane} liefert seit Schritt ${step} (${domain}) Werte, die keine Zahlen sind.`,
  putBack: (restored) =>
    restored < 0
      ? 'Die Sicherung hat das Ausgangsmodell wiederhergestellt.'
      : `Die Sicherung hat den Stand von Schritt ${restored} wiederhergestellt.`,
  measure: 'Anzeigen',
  measures: {
    accuracy: 'Genauigkeit',
    confidence: 'Konfidenz',
    entropy: 'Entropie, Nats',
    agreement: 'Übereinstimmung mit dem unangepassten Modell',
    estimate: 'Geschätzte Genauigkeit',
  },
  measureUnits: {
    accuracy: 'Genauigkeit, % der Bilder (Mittel der letzten Batches; blass: jeder Batch)',
    confidence: 'Mittel der größten Wahrscheinlichkeit, %. Ein sichereres Modell ist nicht unbedingt ein besseres.',
    entropy: 'mittlere Entropie der Vorhersagen, Nats (blass: jeder Batch)',
    agreement: 'Bilder mit derselben Vorhersage wie das unangepasste Modell, %',
    estimate: 'eine Schätzung ohne Labels, %: zu hoch, wo die Anpassung ein Modell nur sicherer macht',
  },
  overStream: (measure) => `${measure} im Verlauf des Datenstroms`,
  perDomain: (measure) => (measure.endsWith('Nats') ? `${measure}, je Domäne` : `${measure} je Domäne, %`),
  unlabelled: 'Kein Bild hat ein Label: Die Genauigkeit ist nicht bekannt.',
  predictionsTitle: 'Vorhersagen',
  predictionsHelp: (shown, all) => `Bilder nach vorhergesagter Klasse: ${shown} von ${all} Klassen.`,
  predictedClass: 'Vorhergesagte Klasse',
  panel: 'Was dieses Feld zeigt',
  skippedTitle: 'Nicht lesbare Dateien',
  skippedFirst: (shown, total) => `Die ersten ${shown} von ${total}.`,
  file: 'Datei',
  reason: 'Grund',
}
