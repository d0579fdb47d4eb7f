// The window: header, notices, keys; and words that every screen has. In German.
import type { app as english } from '#renderer/lib/strings/en/app.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

export const app: Words<typeof english> = {
  appName: 'PALM Studio',
  tagline: 'Zusehen, wie sich ein Klassifikator einer veränderten Welt anpasst, auf diesem Rechner.',
  start: 'Starten',
  startSample: 'Beispiel',
  newRun: 'Neuer Lauf…',
  pause: 'Anhalten',
  continue: 'Weiter',
  stop: 'Beenden',
  resume: 'Fortsetzen',
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
    'Das mitgelieferte Beispiel schickt 2.000 Satellitenbilder durch 15 Störungen und lässt vier Methoden gegeneinander antreten. Es dauert einige Minuten; die Kurven bewegen sich nach Sekunden.',
  shortcuts: 'Tastenkürzel',
  spaceKey: 'Leertaste',
  commands: {
    pause: 'Lauf anhalten oder weiterführen',
    stop: 'Lauf beenden',
    newRun: 'Neuer Lauf',
    export: 'Checkpoint des Laufs exportieren',
    live: 'Gehe zu: Live',
    history: 'Gehe zu: Verlauf',
    sweeps: 'Gehe zu: Sweeps',
    models: 'Gehe zu: Modelle',
    webcam: 'Gehe zu: Webcam',
    help: 'Tastenkürzel',
  },
  shortcutRows: [
    ['Strg Z', 'Verlauf: das Letzte zurücknehmen'],
    ['1 bis 9, gehalten', 'Webcam: Diese Klasse ist im Bild'],
    ['F', 'Webcam: Vollbild'],
    ['↑ ↓, ← →', 'Webcam: Störung, Schweregrad'],
    ['Pfeiltasten', 'bewegen den Cursor in einem Diagramm, das den Fokus hat'],
  ],
  views: { live: 'Live', history: 'Verlauf', sweeps: 'Sweeps', models: 'Modelle', webcam: 'Webcam' },
  close: 'Schließen',
}
