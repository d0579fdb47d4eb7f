// The queue of runs: its panel, what is told when something is lined up, and the buttons that line up.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  title: 'Queue of runs',
  command: 'Queue of runs',
  chip: (count: number) => (count === 0 ? 'Queue' : `Queue ${count}`),
  chipLabel: (count: number, paused: boolean) =>
    `Queue of runs: ${count === 0 ? 'nothing lined up' : `${count} lined up`}${paused ? ', paused' : ''}`,
  none: 'Nothing is lined up.',
  noneHow:
    'While a run goes on, New run, Again…, Resume, a branch and a sweep can be lined up: each begins by itself when the device that it asks for is free.',
  under: (run: number, name: string) => `Run ${run} (${name}) is under way`,
  underSweep: 'A sweep is under way',
  several: 'Under way:',
  oneOf: (run: number, device: string) => (device === '' ? `Run ${run}` : `Run ${run}, ${device}`),
  elsewhere: (run: number) => `Run ${run} is under way in another window or command; the next one waits for its end.`,
  moving: 'The data folder is being moved; the next one waits for the end of that.',
  left: (time: string) => `about ${time} left`,
  pausedRun: 'it is paused, and the next one waits for its end',
  states: {
    user: 'Paused: what is under way goes on, and nothing begins after it.',
    reopened: 'Lined up before the program was closed. Nothing begins by itself after a restart: press Go on.',
    trouble: 'Stopped, because the next one would end in the same way:',
    next: 'Each begins when the device that it asks for is free.',
  },
  pause: 'Pause the queue',
  goOn: 'Go on',
  total: (time: string, until: string) =>
    until === '' ? `All of it: ${time}.` : `All of it: ${time}, until about ${until}.`,
  until: (from: string, to: string) => (from === to ? from : `${from} to ${to}`),
  unknown: (count: number) => (count === 1 ? 'One of them has no estimate.' : `${count} of them have no estimate.`),
  kinds: {
    start: 'new run',
    resume: (run: number, step: number | null) => `run ${run} goes on${step ? ` from step ${step}` : ''}`,
    branch: (run: number, step: number | null) => `branch of run ${run}${step ? ` from step ${step}` : ''}`,
    sweep: 'sweep',
  },
  noTime: 'time not known',
  up: 'Earlier',
  down: 'Later',
  hold: 'Hold',
  release: 'Release',
  retry: 'Try again',
  held: 'Held: it is passed over.',
  failed: 'Passed over:',
  remove: 'Remove',
  removed: (name: string) => `“${name}” was removed from the queue.`,
  moved: (name: string, at: number, of: number) => `${name}: now place ${at} of ${of}.`,
  of: (what: string, name: string) => `${what}: ${name}`,
  grip: (at: number, name: string) => `${at}, ${name}: drag, or Alt with the arrow keys, to change its place`,
  keys: 'Drag a row, or: ↑ ↓ choose, Alt ↑ ↓ move, H hold, Delete remove',
  lineUp: 'Line up',
  startWhen: {
    run: (run: number) => `Start when run ${run} ends`,
    sweep: 'Start when the sweep ends',
    other: 'Start when it is free',
  },
  instead: {
    run: (run: number) => `Stop run ${run} and start`,
    sweep: 'Stop the sweep and start',
    other: 'Start at once all the same',
  },
  resumeLater: 'Resume when free',
  sweepLater: 'Line up this sweep',
  linedUp: (name: string, at: number) =>
    at === 1 ? `“${name}” is lined up and is next.` : `“${name}” is lined up, at place ${at}.`,
  linedUpPaused: (name: string) => `“${name}” is lined up. The queue is paused: press Go on there.`,
  branchName: (run: number, step: number) => `Run ${run} from step ${step}`,
  show: 'Show',
}

const de: Words<typeof en> = {
  title: 'Warteschlange der Läufe',
  command: 'Warteschlange der Läufe',
  chip: (count) => (count === 0 ? 'Schlange' : `Schlange ${count}`),
  chipLabel: (count, paused) =>
    `Schlange${count === 0 ? '' : ` ${count}`} der Läufe: ${count === 0 ? 'nichts eingereiht' : `${count} eingereiht`}${paused ? ', angehalten' : ''}`,
  none: 'Nichts ist eingereiht.',
  noneHow:
    'Während ein Lauf im Gange ist, lassen sich neue Läufe, Wiederholungen, Fortsetzungen, Abzweigungen und Sweeps einreihen: Jeder beginnt von selbst, sobald das Gerät frei ist, auf dem er rechnen soll.',
  under: (run, name) => `Lauf ${run} (${name}) ist im Gange`,
  underSweep: 'Ein Sweep ist im Gange',
  several: 'Im Gange:',
  oneOf: (run, device) => (device === '' ? `Lauf ${run}` : `Lauf ${run}, ${device}`),
  elsewhere: (run) =>
    `Lauf ${run} ist in einem anderen Fenster oder Befehl im Gange; der nächste wartet auf sein Ende.`,
  moving: 'Der Datenordner wird verschoben; der nächste Lauf wartet, bis das vorbei ist.',
  left: (time) => `noch etwa ${time}`,
  pausedRun: 'er ist angehalten, und der nächste wartet auf sein Ende',
  states: {
    user: 'Angehalten: Was im Gange ist, geht weiter, danach beginnt nichts.',
    reopened:
      'Eingereiht, bevor das Programm beendet wurde. Nach einem Neustart beginnt nichts von selbst: „Weiter“ drücken.',
    trouble: 'Angehalten, weil der nächste Lauf ebenso enden würde:',
    next: 'Jeder beginnt, sobald das Gerät frei ist, auf dem er rechnen soll.',
  },
  pause: 'Schlange anhalten',
  goOn: 'Weiter',
  total: (time, until) => (until === '' ? `Alles zusammen: ${time}.` : `Alles zusammen: ${time}, bis etwa ${until}.`),
  until: (from, to) => (from === to ? from : `${from} bis ${to}`),
  unknown: (count) =>
    count === 1 ? 'Für einen davon gibt es keine Schätzung.' : `Für ${count} davon gibt es keine Schätzung.`,
  kinds: {
    start: 'neuer Lauf',
    resume: (run, step) => `Lauf ${run} geht weiter${step ? ` ab Schritt ${step}` : ''}`,
    branch: (run, step) => `Abzweigung von Lauf ${run}${step ? ` ab Schritt ${step}` : ''}`,
    sweep: 'Sweep',
  },
  noTime: 'Dauer unbekannt',
  up: 'Früher',
  down: 'Später',
  hold: 'Zurückstellen',
  release: 'Freigeben',
  retry: 'Noch einmal versuchen',
  held: 'Zurückgestellt: Er wird übersprungen.',
  failed: 'Übersprungen:',
  remove: 'Entfernen',
  removed: (name) => `„${name}“ wurde aus der Warteschlange entfernt.`,
  moved: (name, at, of) => `${name}: jetzt Platz ${at} von ${of}.`,
  of: (what, name) => `${what}: ${name}`,
  grip: (at, name) => `${at}, ${name}: ziehen, oder Alt mit den Pfeiltasten, um den Platz zu ändern`,
  keys: 'Eine Zeile ziehen, oder: ↑ ↓ wählen, Alt ↑ ↓ verschieben, H zurückstellen, Entf entfernen',
  lineUp: 'Einreihen',
  startWhen: {
    run: (run) => `Starten, wenn Lauf ${run} endet`,
    sweep: 'Starten, wenn der Sweep endet',
    other: 'Starten, sobald frei ist',
  },
  instead: {
    run: (run) => `Lauf ${run} beenden und starten`,
    sweep: 'Sweep anhalten und starten',
    other: 'Trotzdem sofort starten',
  },
  resumeLater: 'Fortsetzen, sobald frei',
  sweepLater: 'Diesen Sweep einreihen',
  linedUp: (name, at) =>
    at === 1 ? `„${name}“ ist eingereiht und kommt als Nächstes.` : `„${name}“ ist eingereiht, auf Platz ${at}.`,
  linedUpPaused: (name) => `„${name}“ ist eingereiht. Die Schlange ist angehalten: dort „Weiter“ drücken.`,
  branchName: (run, step) => `Lauf ${run} ab Schritt ${step}`,
  show: 'Zeigen',
}

export const queue: InEachLanguage<typeof en> = { en, de }
