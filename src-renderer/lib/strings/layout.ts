// How the live screen is divided.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  between: {
    columns: 'Width of the left column',
    rows: (above: string, below: string) => `Height of ${above} above ${below}`,
  },
  /** In that sentence. */
  above: { accuracy: 'the curves', domains: 'the table', layers: 'the layer map', batch: 'the batch' },
  below: { accuracy: 'the curves', domains: 'the table', layers: 'the layer map', batch: 'the batch' },
  help: 'Drag to resize; arrows with the focus; double click or Enter puts it back',
  panels: { accuracy: 'Curves', domains: 'Errors per domain', layers: 'Layer map', batch: 'Batch and more' },
  move: (panel: string) => `Move: ${panel}`,
  moveHelp: 'Another place: drag the head of the panel onto another one, press an arrow key here, or choose',
  exchangeWith: 'Change places with',
  exchanged: (panel: string, other: string) => `${panel} and ${other} have changed places.`,
  reset: 'Reset layout',
  back: 'Back to all panels (Esc)',
  focus: {
    accuracy: 'Only the curves, and back',
    domains: 'Only the errors per domain, and back',
    layers: 'Only the layer map, and back',
    batch: 'Only the batch and its neighbours, and back',
  },
} as const

const de: Words<typeof en> = {
  between: {
    columns: 'Breite der linken Spalte',
    rows: (above, below) => `Höhe ${above} über ${below}`,
  },
  above: { accuracy: 'der Kurven', domains: 'der Tabelle', layers: 'der Schichtkarte', batch: 'des Batches' },
  below: { accuracy: 'den Kurven', domains: 'der Tabelle', layers: 'der Schichtkarte', batch: 'dem Batch' },
  help: 'Ziehen ändert die Größe; mit Fokus auch die Pfeiltasten; Doppelklick oder Enter setzt zurück',
  panels: { accuracy: 'Kurven', domains: 'Fehler je Domäne', layers: 'Schichtkarte', batch: 'Batch und mehr' },
  move: (panel) => `Verschieben: ${panel}`,
  moveHelp: 'Anderer Platz: den Kopf des Feldes auf ein anderes ziehen, hier eine Pfeiltaste drücken oder wählen',
  exchangeWith: 'Platz tauschen mit',
  exchanged: (panel, other) => `${panel} und ${other} haben die Plätze getauscht.`,
  reset: 'Aufteilung zurücksetzen',
  back: 'Zurück zu allen Feldern (Esc)',
  focus: {
    accuracy: 'Nur die Kurven, und zurück',
    domains: 'Nur die Fehler je Domäne, und zurück',
    layers: 'Nur die Schichtkarte, und zurück',
    batch: 'Nur der Batch und seine Nachbarn, und zurück',
  },
}

export const layout: InEachLanguage<typeof en> = { en, de }
