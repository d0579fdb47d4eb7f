// The form for a new run, and what was found in its input.
import type { KeptInputKind } from '#contract/inputs/input-kinds.ts'
import type { InEachLanguage, Words } from './words.ts'

const formEn = {
  input: 'Images',
  inputs: {
    sample: 'Bundled sample (EuroSAT, 2,000 tiles)',
    folder: 'Images of my own',
  } satisfies Record<KeptInputKind, string>,
  inputPlaceholder: 'Path of a folder or file',
  inputKinds:
    'A folder (one folder per class, or without), a .zip or .tar of one, a list (.csv, .jsonl), arrays (.npy, .npz), ImageNet-C or CIFAR-10-C.',
  corruptions: 'Corruptions',
  driftsInstead: 'The images have domains of their own: they come as they are.',
  orderInstead: 'The order below says what comes when.',
  benchmark: 'The 15 of the benchmark',
  all: 'All',
  none: 'None',
  noneMeans: 'None: the images as they are',
  chosen: (count: number) => `${count} chosen`,
  classes: (count: number) => `${count.toLocaleString('en')} classes`,
  memory: (size: string, batch: number) => `a step with gradients takes about ${size} at batch ${batch}`,
  model: 'Model',
  modelSample: 'Bundled ResNet-20',
  modelFile: 'A file…',
  path: 'Path',
  methods: 'Methods',
  otherMethods: (count: number, chosen: number) => `${count} other methods${chosen > 0 ? ` (${chosen} chosen)` : ''}`,
  oursNote: 'Part of this method is ours and not published; its results say which.',
  options: 'Options',
  source: 'Source images (clean ones of the kind the model was trained on)',
  sourceSample: 'The bundled source images are used where a method needs some.',
  order: 'Order: one domain per line, a corruption and its severity, or clean',
  cycles: 'Cycles',
  window: 'Sliding window, images (empty = the batch alone)',
  guard: 'Guard: return a method that collapses to its last good checkpoint',
  variant: 'PALM variant',
  variants: { reference: 'reference: what the published code does', paper: 'paper: what the text says' },
  preset: 'PALM preset',
  schedule: 'Schedule',
  severity: 'Severity',
  batch: 'Batch size',
  limit: 'Images per domain (empty = all)',
  seed: 'Seed',
  cancel: 'Cancel',
  run: 'Start run',
  inputSize: 'Input size, pixels (for this run)',
  output: 'Output with the scores, where two may be it',
  weights: 'State dict of the same network, to bring folded batch norm back',
  libraryModels: 'Library',
  ownAgain: 'The model’s own again',
  obstacles: {
    batch: 'The batch size is a whole number from 1 to 4096.',
    limit: 'Images per domain is a whole number, or empty for all.',
    seed: 'The seed is a whole number from 0 to 4294967295.',
    cycles: 'Cycles is a whole number from 1 to 1000.',
    window: 'The sliding window is a whole number from 2 to 4096, or empty.',
    severity: 'Choose at least one severity, or no corruption.',
    noneThere: 'The images are corrupted already and there are no clean ones: choose at least one corruption.',
    notThere: (corruption: string, severity: number) =>
      `The images are corrupted already, and there is no ${corruption} of severity ${severity} among them: choose what there is.`,
    sampleMisfit:
      'This model does not know the ten classes of the bundled sample: choose images of your own, or the bundled model.',
    unmatched: (count: number) =>
      count === 1
        ? 'One class of the images is not matched to a class of the model: pick one, or leave it out.'
        : `${count.toLocaleString('en')} classes of the images are not matched to classes of the model: pick them, or leave them out.`,
    allLeftOut: 'All classes of the images are left out: match at least one.',
    doubtful:
      'No name says which class is which, so they were matched by their order. Look at the list under “Images”, then start again.',
  },
} as const

const matchesEn = {
  found: (images: number, classes: number) =>
    classes > 0
      ? `${images.toLocaleString('en')} images in ${classes.toLocaleString('en')} classes`
      : `${images.toLocaleString('en')} images`,
  split: 'Which part',
  drift: 'Real drift: domains by',
  driftBy: {
    none: 'none (corruptions are applied)',
    folders: 'the top folders',
    column: 'the column “domain”',
    hour: 'the files’ hour',
    day: 'the files’ day',
    month: 'the files’ month',
  },
  domains: (count: number) => `${count} domains`,
  corruptedAlready: 'The images are corrupted already: nothing is applied, and only what is there can be chosen.',
  summary: (classes: number, missing: number) =>
    `${classes.toLocaleString('en')} classes matched to the model’s${missing > 0 ? `, ${missing.toLocaleString('en')} not found` : ''}`,
  leaveOut: 'Leave out what is not found',
  theirs: 'Their class',
  imagesOf: (count: number) => (count === 1 ? '1 image' : `${count.toLocaleString('en')} images`),
  images: 'Images',
  ours: 'Class of the model',
  by: 'Matched by',
  classFor: (name: string) => `Class of the model for ${name}`,
  pick: 'Pick one…',
  leftOut: 'left out',
  leaveOutOne: (name: string) => `Leave out ${name}`,
  leaveOutShort: 'Leave out',
  again: (name: string) => `Undo: match ${name} by itself`,
  againShort: 'Undo',
  notThere: (typed: string) =>
    `The model has no class “${typed}” (or several). Pick one from its list, or give a number.`,
  filter: 'Filter classes',
  counting: 'How the classes are counted',
  countings: {
    auto: 'as their range says',
    'from-0': 'from 0',
    'from-1': 'from 1',
    order: 'in sorted order, the model’s first ones',
  },
  domain: 'Domain',
  how: {
    chosen: 'your choice',
    name: 'name',
    wordnet: 'WordNet id',
    number: 'number',
    'one-based': 'number, counted from 1',
    order: 'order only: check it',
    none: 'nothing found',
  },
  more: (count: number) => `… and ${count.toLocaleString('en')} more classes.`,
} as const

const whole = (value: number) => value.toLocaleString('de')
const images = (count: number) => (count === 1 ? '1 Bild' : `${whole(count)} Bilder`)
const classes = (count: number) => (count === 1 ? '1 Klasse' : `${whole(count)} Klassen`)

const formDe: Words<typeof formEn> = {
  input: 'Bilder',
  inputs: {
    sample: 'Mitgeliefertes Beispiel (EuroSAT, 2.000 Kacheln)',
    folder: 'Eigene Bilder',
  },
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
  methods: 'Methoden',
  otherMethods: (count, chosen) => `${count} weitere Methoden${chosen > 0 ? ` (${chosen} gewählt)` : ''}`,
  oursNote: 'Etwas an dieser Methode stammt von uns und ist nicht veröffentlicht; ihre Ergebnisse sagen, was.',
  options: 'Optionen',
  source: 'Quellbilder (saubere, wie sie das Modell im Training sah)',
  sourceSample: 'Wo eine Methode Quellbilder braucht, werden die mitgelieferten verwendet.',
  order: 'Reihenfolge: eine Domäne je Zeile, eine Störung mit ihrem Schweregrad oder clean (ohne Störung)',
  cycles: 'Durchgänge',
  window: 'Gleitendes Fenster, Bilder (leer = nur der Batch)',
  guard: 'Wächter: eine kollabierende Methode auf ihren letzten guten Checkpoint zurücksetzen',
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
  output: 'Ausgang mit den Scores, wo mehrere infrage kommen',
  weights: 'State Dict desselben Netzes, um gefaltete Batch-Normalisierung zurückzuholen',
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

const matchesDe: Words<typeof matchesEn> = {
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
  by: 'Grund',
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
  counting: 'Wie die Klassen gezählt sind',
  countings: {
    auto: 'wie ihr Bereich sagt',
    'from-0': 'von 0',
    'from-1': 'von 1',
    order: 'nach Sortierung, die ersten des Modells',
  },
  domain: 'Domäne',
  how: {
    chosen: 'eigene Angabe',
    name: 'Name',
    wordnet: 'WordNet-ID',
    number: 'Nummer',
    'one-based': 'Nummer, von 1 gezählt',
    order: 'nur Reihenfolge: bitte prüfen',
    none: 'nichts gefunden',
  },
  more: (count) => `… und ${count === 1 ? '1 weitere Klasse' : `${whole(count)} weitere Klassen`}.`,
}

export const form: InEachLanguage<typeof formEn> = { en: formEn, de: formDe }
export const matches: InEachLanguage<typeof matchesEn> = { en: matchesEn, de: matchesDe }
