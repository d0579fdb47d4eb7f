// The form for a new run, and what was found in its input. In German.
import type { form as englishForm, matches as englishMatches } from '#renderer/lib/strings/en/new-run.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

const whole = (value: number) => value.toLocaleString('de')
const images = (count: number) => (count === 1 ? '1 Bild' : `${whole(count)} Bilder`)
const classes = (count: number) => (count === 1 ? '1 Klasse' : `${whole(count)} Klassen`)

export const form: Words<typeof englishForm> = {
  input: 'Bilder',
  inputSample: 'Mitgeliefertes Beispiel (EuroSAT, 2.000 Kacheln)',
  inputFolder: 'Eigene Bilder',
  inputPlaceholder: 'Pfad eines Ordners oder einer Datei',
  inputKinds:
    'Ein Ordner (mit oder ohne einen Unterordner je Klasse), ein .zip oder .tar davon, eine Liste (.csv, .jsonl), Arrays (.npy, .npz), ImageNet-C oder CIFAR-10-C.',
  corruptions: 'Störungen',
  driftsInstead: 'Die Bilder haben eigene Domänen: Sie kommen, wie sie sind.',
  orderInstead: 'Die Reihenfolge unten bestimmt, was wann kommt.',
  benchmark: 'Die 15 des Benchmarks',
  all: 'Alle',
  none: 'Keine',
  noneMeans: 'Keine: die Bilder, wie sie sind',
  chosen: (count) => `${count} gewählt`,
  classes,
  memory: (size, batch) => `ein Schritt mit Gradienten braucht etwa ${size} bei Batchgröße ${batch}`,
  model: 'Modell',
  modelSample: 'Mitgeliefertes ResNet-20',
  modelFile: 'Eine Datei…',
  path: 'Pfad',
  choose: 'Auswählen…',
  methods: 'Methoden',
  otherMethods: (count, chosen) => `${count} weitere Methoden${chosen > 0 ? ` (${chosen} gewählt)` : ''}`,
  oursNote: 'Etwas an dieser Methode stammt von uns und ist nicht veröffentlicht; ihre Ergebnisse sagen, was.',
  options: 'Optionen',
  source: 'Quellbilder (saubere, wie sie das Modell im Training sah)',
  sourceSample: 'Wo eine Methode Quellbilder braucht, werden die mitgelieferten verwendet.',
  order: 'Reihenfolge: eine Domäne je Zeile, eine Störung mit ihrem Schweregrad oder clean (ohne Störung)',
  cycles: 'Durchgänge',
  window: 'Gleitendes Fenster, Bilder (leer = nur der Batch)',
  guard: 'Sicherung: eine kollabierende Methode auf ihren letzten guten Checkpoint zurücksetzen',
  variant: 'PALM-Variante',
  variants: { reference: 'reference: wie der veröffentlichte Code', paper: 'paper: wie der Text' },
  preset: 'PALM-Voreinstellung',
  schedule: 'Ablauf',
  severity: 'Schweregrad',
  batch: 'Batchgröße',
  limit: 'Bilder je Domäne (leer = alle)',
  seed: 'Seed',
  cancel: 'Abbrechen',
  run: 'Lauf starten',
  inputSize: 'Eingabegröße, Pixel (für diesen Lauf)',
  libraryModels: 'Bibliothek',
  ownAgain: 'Wieder die des Modells',
  obstacles: {
    batch: 'Die Batchgröße ist eine ganze Zahl von 1 bis 4096.',
    limit: 'Die Zahl der Bilder je Domäne ist eine ganze Zahl oder leer (alle).',
    seed: 'Der Seed ist eine ganze Zahl von 0 bis 4294967295.',
    cycles: 'Die Zahl der Durchgänge ist eine ganze Zahl von 1 bis 1000.',
    window: 'Das gleitende Fenster ist eine ganze Zahl von 2 bis 4096 oder leer.',
    severity: 'Mindestens einen Schweregrad wählen oder keine Störung.',
    noneThere: 'Die Bilder sind schon gestört, saubere gibt es nicht: mindestens eine Störung wählen.',
    notThere: (corruption, severity) =>
      `Die Bilder sind schon gestört, und ${corruption} mit Schweregrad ${severity} ist nicht dabei: aus dem Vorhandenen wählen.`,
    sampleMisfit:
      'Dieses Modell kennt die zehn Klassen des mitgelieferten Beispiels nicht: eigene Bilder wählen oder das mitgelieferte Modell.',
    unmatched: (count) =>
      count === 1
        ? 'Eine Klasse der Bilder ist keiner Klasse des Modells zugeordnet: eine auswählen oder sie auslassen.'
        : `${whole(count)} Klassen der Bilder sind keiner Klasse des Modells zugeordnet: welche auswählen oder sie auslassen.`,
    allLeftOut: 'Alle Klassen der Bilder sind ausgelassen: mindestens eine zuordnen.',
    doubtful:
      'Kein Name sagt, welche Klasse welche ist, daher wurde nach der Reihenfolge zugeordnet. Bitte die Liste unter „Bilder“ ansehen und dann noch einmal starten.',
  },
}

export const matches: Words<typeof englishMatches> = {
  found: (count, of) =>
    of > 0 ? `${images(count)} in ${of === 1 ? '1 Klasse' : `${whole(of)} Klassen`}` : images(count),
  split: 'Welcher Teil',
  drift: 'Echter Drift: Domänen nach',
  driftBy: {
    none: 'nichts (Störungen werden angewandt)',
    folders: 'den obersten Ordnern',
    column: 'der Spalte „domain“',
    hour: 'der Stunde der Dateien',
    day: 'dem Tag der Dateien',
    month: 'dem Monat der Dateien',
  },
  domains: (count) => (count === 1 ? '1 Domäne' : `${count} Domänen`),
  corruptedAlready: 'Die Bilder sind schon gestört: Nichts wird angewandt, und nur Vorhandenes ist wählbar.',
  summary: (count, missing) =>
    `${classes(count)} denen des Modells zugeordnet${missing > 0 ? `, ${whole(missing)} nicht gefunden` : ''}`,
  leaveOut: 'Nicht Gefundenes auslassen',
  theirs: 'Klasse der Bilder',
  imagesOf: images,
  images: 'Bilder',
  ours: 'Klasse des Modells',
  by: 'Zugeordnet nach',
  classFor: (name) => `Klasse des Modells für ${name}`,
  pick: 'Auswählen…',
  leftOut: 'ausgelassen',
  leaveOutOne: (name) => `${name} auslassen`,
  leaveOutShort: 'Auslassen',
  again: (name) => `Rückgängig: ${name} von selbst zuordnen`,
  againShort: 'Rückgängig',
  notThere: (typed) =>
    `Das Modell hat keine Klasse „${typed}“ (oder mehrere). Aus der Liste wählen oder eine Nummer angeben.`,
  filter: 'Klassen filtern',
  domain: 'Domäne',
  how: {
    chosen: 'eigene Angabe',
    name: 'Name',
    wordnet: 'WordNet-ID',
    number: 'Nummer',
    order: 'nur Reihenfolge: bitte prüfen',
    none: 'nichts gefunden',
  },
  more: (count) => `… und ${count === 1 ? '1 weitere Klasse' : `${whole(count)} weitere Klassen`}.`,
}
