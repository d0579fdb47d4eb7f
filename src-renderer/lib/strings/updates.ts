// Newer versions of the program.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  title: 'Newer versions',
  allow: 'Look for updates',
  allowText:
    'Off: the program asks nobody. On: it asks the server of this package once a day whether there is a newer version, and sends nothing about you or this machine. Fetching and installing are always yours to start.',
  look: 'Look now',
  looking: 'Asking the server…',
  cancel: 'Cancel',
  installed: (version: string) => `Installed: ${version}.`,
  none: (version: string) => `${version} is the newest version.`,
  found: (version: string, size: string) => `Version ${version} is there (${size}).`,
  notes: 'What is new in it',
  lookedAt: (time: string) => `Last look: ${time}.`,
  fetch: 'Fetch it',
  fetching: (percent: number, done: string, total: string) => `Fetching: ${percent} %, ${done} of ${total}`,
  ready: (version: string) => `Version ${version} is here and was checked.`,
  install: 'Restart and install',
  installing: 'The program ends now and comes back in its new version…',
  run: (run: number) => `Run ${run} is under way. It is stopped after its current step, and goes on after the restart.`,
  webcam: (run: number) => `Run ${run} is over a webcam: it ends with the restart. What it recorded is kept.`,
  sweep: 'A sweep is under way. It is stopped, and goes on after the restart.',
  stopAndInstall: 'Stop, restart and install',
  later: 'Not now',
  notice: (version: string) => `Version ${version} of PALM Studio is there.`,
  show: 'Show',
  dismiss: 'Dismiss',
} as const

const de: Words<typeof en> = {
  title: 'Neuere Versionen',
  allow: 'Nach Aktualisierungen suchen',
  allowText:
    'Aus: Das Programm fragt niemanden. Ein: Es fragt einmal am Tag den Server dieses Pakets, ob es eine neuere Version gibt, und sendet nichts über dich oder diesen Rechner. Laden und Installieren beginnen nie von selbst.',
  look: 'Jetzt suchen',
  looking: 'Der Server wird gefragt…',
  cancel: 'Abbrechen',
  installed: (version) => `Installiert: ${version}.`,
  none: (version) => `${version} ist die neueste Version.`,
  found: (version, size) => `Version ${version} ist da (${size}).`,
  notes: 'Was darin neu ist',
  lookedAt: (time) => `Zuletzt gesucht: ${time}.`,
  fetch: 'Laden',
  fetching: (percent, done, total) => `Wird geladen: ${percent} %, ${done} von ${total}`,
  ready: (version) => `Version ${version} ist geladen und geprüft.`,
  install: 'Neu starten und installieren',
  installing: 'Das Programm endet jetzt und kommt in der neuen Version wieder…',
  run: (run) =>
    `Lauf ${run} ist im Gang. Er wird nach seinem jetzigen Schritt angehalten und geht nach dem Neustart weiter.`,
  webcam: (run) => `Lauf ${run} läuft über eine Webcam: Er endet mit dem Neustart. Was er aufgezeichnet hat, bleibt.`,
  sweep: 'Ein Sweep ist im Gang. Er wird angehalten und geht nach dem Neustart weiter.',
  stopAndInstall: 'Anhalten, neu starten und installieren',
  later: 'Nicht jetzt',
  notice: (version) => `Version ${version} von PALM Studio ist da.`,
  show: 'Zeigen',
  dismiss: 'Ausblenden',
}

export const updates: InEachLanguage<typeof en> = { en, de }
