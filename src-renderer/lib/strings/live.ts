// The live screen and its charts.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  statuses: {
    queued: 'Waiting',
    starting: 'Starting: loading model and images',
    running: 'Running',
    paused: 'Paused',
    stopping: 'Stopping after this batch',
    stopped: 'Stopped; it can be resumed',
    done: 'Done',
    failed: 'Failed',
    interrupted: 'Interrupted; it can be resumed',
  },
  accuracyTitle: 'Accuracy over the stream',
  domainsTitle: 'Error per domain, %',
  layerMapTitle: 'Layer map',
  batchTitle: 'Current batch',
  tableOf: (title: string) => `Table: ${title}`,
  imagesOf: (title: string) => `Images: ${title}`,
  progressTitle: 'Progress',
  asTable: 'Show as table',
  asPicture: 'Show as picture',
  domain: 'Domain',
  mean: 'Mean',
  gain: 'Gain over Source',
  quantity: 'Colour by',
  quantities: { learningRate: 'learning rate', score: 'score (L1 of the KL gradient)', importance: 'importance' },
  states: ['never selected: frozen', 'not selected now', 'selected: adapting', 'adapting'],
  frozen: 'frozen',
  adaptedShare: 'adapted parameters',
  lane: 'Method',
  step: 'Step',
  speed: 'images/s',
  eta: 'left',
  waits: 'device waits',
  skipped: (total: number) =>
    `${total} ${total === 1 ? 'file' : 'files'} could not be read and ${total === 1 ? 'was' : 'were'} left out`,
  summary: (best: string, bestError: string, source: string | null) =>
    source === null
      ? `${best}: ${bestError} % mean error.`
      : `${best} makes the fewest errors: ${bestError} % on average, against ${source} % without adaptation.`,
  detail: 'Technical detail',
  nearChance: (correct: number, labelled: number, mean: string, std: string) =>
    `The unadapted model gets ${correct} of ${labelled} clean images right, no better than guessing. The normalisation (mean ${mean}, std ${std}), the order of the classes or the input size is probably not what it was trained with.`,
  collapsed: (lane: string, step: number, domain: string) =>
    `${lane} collapsed at step ${step} (${domain}): hardly any of its classes are left.`,
  notFinite: (lane: string, step: number, domain: string) =>
    `${lane} has given values that are not numbers since step ${step} (${domain}).`,
  putBack: (restored: number) =>
    restored < 0 ? 'The guard put it back to the source model.' : `The guard put it back to step ${restored}.`,
  measure: 'Show',
  measures: {
    accuracy: 'Accuracy',
    confidence: 'Confidence',
    entropy: 'Entropy, nats',
    agreement: 'Agreement with the unadapted model',
    estimate: 'Estimate of accuracy',
  },
  measureUnits: {
    accuracy: 'accuracy, % of images',
    confidence: 'mean of the largest probability, %. A surer model need not be a better one.',
    entropy: 'mean entropy of the predictions, nats',
    agreement: 'images predicted as the unadapted model predicts them, %',
    estimate: 'an estimate without labels, %: too high where adapting only makes a model surer',
  },
  overStream: (measure: string) => `${measure} over the stream`,
  perDomain: (measure: string) => (measure.endsWith('nats') ? `${measure}, per domain` : `${measure} per domain, %`),
  unlabelled: 'No image has a label: accuracy is not known.',
  predictionsTitle: 'Predictions',
  predictionsHelp: (shown: number, all: number) => `Images by predicted class: ${shown} of ${all} classes.`,
  predictedClass: 'Predicted class',
  panel: 'What this panel shows',
  skippedTitle: 'Files that could not be read',
  skippedFirst: (shown: number, total: number) => `The first ${shown} of ${total}.`,
  file: 'File',
  reason: 'Reason',
} as const

const de: Words<typeof en> = {
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
    `${lane} ist bei Schritt ${step} (${domain}) kollabiert: Es ist kaum noch eine Klasse übrig.`,
  notFinite: (lane, step, domain) => `${lane} liefert seit Schritt ${step} (${domain}) Werte, die keine Zahlen sind.`,
  putBack: (restored) =>
    restored < 0
      ? 'Der Wächter hat das Quellmodell wiederhergestellt.'
      : `Der Wächter hat den Stand von Schritt ${restored} wiederhergestellt.`,
  measure: 'Anzeigen',
  measures: {
    accuracy: 'Genauigkeit',
    confidence: 'Konfidenz',
    entropy: 'Entropie, Nats',
    agreement: 'Übereinstimmung mit dem unangepassten Modell',
    estimate: 'Geschätzte Genauigkeit',
  },
  measureUnits: {
    accuracy: 'Genauigkeit, % der Bilder',
    confidence: 'Mittel der größten Wahrscheinlichkeit, %. Ein sichereres Modell ist nicht unbedingt ein besseres.',
    entropy: 'mittlere Entropie der Vorhersagen, Nats',
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

export const live: InEachLanguage<typeof en> = { en, de }
