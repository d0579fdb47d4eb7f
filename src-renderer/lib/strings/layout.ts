// How the live screen is divided.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  between: {
    columns: 'Width of the left column',
    left: 'Height of the curves above the layer map',
    right: 'Height of the table above the batch',
  },
  help: 'Drag to resize; arrows with the focus; double click or Enter puts it back',
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
    left: 'Höhe der Kurven über der Schichtkarte',
    right: 'Höhe der Tabelle über dem Batch',
  },
  help: 'Ziehen ändert die Größe; mit Fokus auch die Pfeiltasten; Doppelklick oder Enter setzt zurück',
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
