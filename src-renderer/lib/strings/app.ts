// The window: header, notices, keys; and words that every screen has.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  appName: 'PALM Studio',
  tagline: 'Watch a classifier adapt to a changing world, on this machine.',
  skip: 'Skip to the content',
  start: 'Start',
  startSample: 'Run the sample',
  /** In the header, where there is little room. */
  sample: 'Run the sample',
  newRun: 'New run…',
  pause: 'Pause',
  continue: 'Continue',
  stop: 'Stop',
  resume: 'Resume',
  halve: 'Halve the batch and go on',
  halveExplained:
    'Takes batches of half the size from here on, so that they fit into the memory. Their numbers are others than those of whole batches; that is recorded with the run.',
  halved: (step: number, images: number) => `From step ${step} on in batches of ${images}: memory ran out.`,
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  connecting: 'Connecting…',
  lost: 'The connection to the program is gone. Trying again; nothing is lost.',
  nativeSettingUp:
    'The native TensorFlow library is being fetched and compiled (about 270 MB, once; a few minutes). Runs can start when it is there.',
  nativeMissing:
    'The native TensorFlow library is missing, so nothing can be computed. Run `npm start` again: it repairs the set-up and says what fails.',
  noRunTitle: 'No run yet',
  noRunText:
    'The bundled sample streams 2,000 satellite photographs through 15 corruptions and lets four methods compete, PALM with two settings. With 200 images per corruption it takes about a minute; curves move within seconds.',
  shortcuts: 'Keyboard shortcuts',
  spaceKey: 'Space',
  commands: {
    pause: 'Pause or continue the run',
    stop: 'Stop the run',
    newRun: 'New run',
    export: 'Export a checkpoint of the run',
    help: 'Keyboard shortcuts',
  },
  /** Keys that belong to one place; those of the whole window are the commands'. */
  shortcutRows: [
    ['Ctrl Z', 'history: undo the last change'],
    ['1 to 9, held', 'webcam: this class is in view'],
    ['F', 'webcam: full screen'],
    ['↑ ↓, ← →', 'webcam: corruption, severity'],
    ['Arrow keys', 'move the cursor in a chart that has the focus'],
  ],
  close: 'Close',
} as const

const de: Words<typeof en> = {
  appName: 'PALM Studio',
  tagline: 'Zusehen, wie sich ein Klassifikator einer veränderten Welt anpasst, auf diesem Rechner.',
  skip: 'Zum Inhalt springen',
  start: 'Starten',
  startSample: 'Beispiel starten',
  sample: 'Beispiel',
  newRun: 'Neuer Lauf…',
  pause: 'Anhalten',
  continue: 'Weiter',
  stop: 'Beenden',
  resume: 'Fortsetzen',
  halve: 'Batch halbieren und fortsetzen',
  halveExplained:
    'Nimmt von hier an halb so große Batches, damit sie in den Speicher passen. Ihre Zahlen sind andere als die ganzer Batches; das wird mit dem Lauf festgehalten.',
  halved: (step: number, images: number) => `Ab Schritt ${step} in Batches zu ${images}: der Speicher reichte nicht.`,
  theme: 'Design',
  themes: { system: 'System', light: 'Hell', dark: 'Dunkel' },
  connecting: 'Verbindung wird aufgebaut…',
  lost: 'Die Verbindung zum Programm ist unterbrochen. Ein neuer Versuch läuft; nichts geht verloren.',
  nativeSettingUp:
    'Die native TensorFlow-Bibliothek wird geladen und übersetzt (etwa 270 MB, einmalig; ein paar Minuten). Sobald sie da ist, können Läufe starten.',
  nativeMissing:
    'Die native TensorFlow-Bibliothek fehlt, daher kann nichts berechnet werden. `npm start` noch einmal ausführen: Das repariert die Einrichtung und nennt, woran es liegt.',
  noRunTitle: 'Noch kein Lauf',
  noRunText:
    'Das mitgelieferte Beispiel schickt 2.000 Satellitenbilder durch 15 Störungen und lässt vier Methoden gegeneinander antreten, PALM mit zwei Einstellungen. Mit 200 Bildern je Störung dauert es etwa eine Minute; die Kurven bewegen sich nach Sekunden.',
  shortcuts: 'Tastenkürzel',
  spaceKey: 'Leertaste',
  commands: {
    pause: 'Lauf anhalten oder weiterführen',
    stop: 'Lauf beenden',
    newRun: 'Neuer Lauf',
    export: 'Checkpoint des Laufs exportieren',
    help: 'Tastenkürzel',
  },
  shortcutRows: [
    ['Strg Z', 'Verlauf: das Letzte zurücknehmen'],
    ['1 bis 9, gehalten', 'Webcam: Diese Klasse ist im Bild'],
    ['F', 'Webcam: Vollbild'],
    ['↑ ↓, ← →', 'Webcam: Störung, Schweregrad'],
    ['Pfeiltasten', 'bewegen den Cursor in einem Diagramm, das den Fokus hat'],
  ],
  close: 'Schließen',
}

export const app: InEachLanguage<typeof en> = { en, de }
