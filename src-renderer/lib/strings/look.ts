// What is said before a run of what will be scored, and the remedies where the model only guesses.
import type { NormalizationFrom } from '#contract/runs/normalization-from.ts'
import type { InEachLanguage, Words } from './words.ts'

const en = {
  title: 'What will be scored',
  looking: 'The unadapted model is shown a few of the images…',
  waiting: 'The look comes once images and model are found, and every class is matched.',
  stop: 'Stop looking',
  again: 'Look again',
  failed: 'No look:',
  images: (count: number) => (count === 1 ? '1 image' : `${count.toLocaleString('en')} images`),
  labelled: (count: number) => (count === 1 ? '1 has a label' : `${count.toLocaleString('en')} have labels`),
  noLabels: 'no labels',
  classes: (count: number, of: number, how: string) =>
    `${count.toLocaleString('en')} ${count === 1 ? 'class' : 'classes'} matched to the model’s ${of.toLocaleString('en')}: ${how}`,
  leftOut: (count: number) => `${count} left out`,
  each: (least: number, most: number) =>
    least === most
      ? `${most.toLocaleString('en')} ${most === 1 ? 'image' : 'images'} each`
      : `${least.toLocaleString('en')} to ${most.toLocaleString('en')} images each`,
  normalization: (mean: string, std: string, from: string) => `normalisation mean ${mean}, std ${std} (${from})`,
  from: {
    given: 'your choice',
    file: 'from the file',
    inside: 'the network normalises by itself',
    family: 'a guess: the file does not say it',
    assumed: 'assumed: nothing in the file tells it',
  } satisfies Record<NormalizationFrom, string>,
  clean: (count: number) => (count === 1 ? '1 clean image' : `${count} clean images`),
  corrupted: (count: number, corruption: string, severity: number) =>
    `${count} images with ${corruption} ${severity} (there are no clean ones)`,
  right: (correct: number, images: string) => `Unadapted, the model gets ${correct} of ${images} right.`,
  answers: (images: string) => `Unadapted, the model answers on ${images}:`,
  unreadable: 'None of the first images can be read.',
  answer: (label: string, answer: string) =>
    label === answer ? `${label}: right` : `${label}, answered ${answer}: wrong`,
  unlabelled: (answer: string) => `Answered ${answer}`,
  guessing: 'That is no better than guessing. What it may be, likeliest first:',
  oneAnswer: 'It gives the same answer to all of them. What it may be, likeliest first:',
  better: 'With another setting it gets many more right:',
  use: 'Use it',
  show: 'Show',
  gets: (correct: number, labelled: number) => ` (${correct} of ${labelled} right with it)`,
  remedies: {
    normalization: (mean: string, std: string, gets: string) => `The normalisation: mean ${mean}, std ${std}${gets}.`,
    normalizationTried: (mean: string, std: string) =>
      `The normalisation: it is mean ${mean}, std ${std}, and none of the usual ones does better.`,
    labels: 'Which class is which: look at the list of classes.',
    labelOrder: (gets: string) =>
      `The order of the classes: each has an answer of its own, but under another name${gets}.`,
    labelShift: (plus: boolean, gets: string) =>
      `The numbers of the classes are off by one: the model’s class is the label ${plus ? 'plus' : 'minus'} 1${gets}.`,
    channels: (gets: string) =>
      `The order of the colours: the model wants BGR${gets}. Turn the channels of the images around, or those of its first layer.`,
    channelsTried: 'The order of the colours: RGB is given, and BGR does no better.',
    model: 'The model: trained on other classes or images, or these are weights before training.',
    size: (width: number, height: number) => `The size of the images: the model gets ${width} x ${height}.`,
    corruption: 'The corruption: it may be too strong for this model, without any fault.',
  },
  problem: (correct: number, labelled: number) =>
    `The unadapted model gets ${correct} of ${labelled} images right, no better than guessing.`,
  problemBetter: (correct: number, labelled: number) =>
    `The unadapted model gets ${correct} of ${labelled} images right, and many more with another setting.`,
  problemFix: 'See what it may be.',
} as const

const whole = (value: number) => value.toLocaleString('de')
const imagesDe = (count: number) => (count === 1 ? '1 Bild' : `${whole(count)} Bilder`)

const de: Words<typeof en> = {
  title: 'Was bewertet wird',
  looking: 'Das unangepasste Modell sieht sich ein paar der Bilder an…',
  waiting: 'Der Blick kommt, sobald Bilder und Modell gefunden sind und jede Klasse zugeordnet ist.',
  stop: 'Nicht weiter ansehen',
  again: 'Noch einmal ansehen',
  failed: 'Kein Blick möglich:',
  images: imagesDe,
  labelled: (count) => (count === 1 ? '1 mit Label' : `${whole(count)} mit Label`),
  noLabels: 'ohne Labels',
  classes: (count, of, how) =>
    `${count === 1 ? '1 Klasse' : `${whole(count)} Klassen`} den ${whole(of)} des Modells zugeordnet: ${how}`,
  leftOut: (count) => `${count} ausgelassen`,
  each: (least, most) => (least === most ? `je ${imagesDe(most)}` : `je ${whole(least)} bis ${imagesDe(most)}`),
  normalization: (mean, std, from) => `Normalisierung Mittelwert ${mean}, Standardabweichung ${std} (${from})`,
  from: {
    given: 'eigene Angabe',
    file: 'aus der Datei',
    inside: 'das Netz normalisiert selbst',
    family: 'geraten: die Datei sagt sie nicht',
    assumed: 'angenommen: nichts in der Datei verrät sie',
  },
  clean: (count) => (count === 1 ? '1 sauberen Bild' : `${count} sauberen Bildern`),
  corrupted: (count, corruption, severity) => `${count} Bildern mit ${corruption} ${severity} (saubere gibt es nicht)`,
  right: (correct, images) => `Unangepasst erkennt das Modell ${correct} von ${images} richtig.`,
  answers: (images) => `Unangepasst antwortet das Modell bei ${images}:`,
  unreadable: 'Keines der ersten Bilder ist lesbar.',
  answer: (label, answer) => (label === answer ? `${label}: richtig` : `${label}, Antwort ${answer}: falsch`),
  unlabelled: (answer) => `Antwort ${answer}`,
  guessing: 'Das ist nicht besser als Raten. Woran es liegen kann, das Wahrscheinlichste zuerst:',
  oneAnswer: 'Es gibt auf alle dieselbe Antwort. Woran es liegen kann, das Wahrscheinlichste zuerst:',
  better: 'Mit einer anderen Einstellung erkennt es viel mehr:',
  use: 'Übernehmen',
  show: 'Zeigen',
  gets: (correct, labelled) => ` (damit ${correct} von ${labelled} richtig)`,
  remedies: {
    normalization: (mean, std, gets) => `Die Normalisierung: Mittelwert ${mean}, Standardabweichung ${std}${gets}.`,
    normalizationTried: (mean, std) =>
      `Die Normalisierung: Sie ist Mittelwert ${mean}, Standardabweichung ${std}, und keine der üblichen hilft.`,
    labels: 'Welche Klasse welche ist: die Liste der Klassen ansehen.',
    labelOrder: (gets) =>
      `Die Reihenfolge der Klassen: Jede hat ihre eigene Antwort, aber unter einem anderen Namen${gets}.`,
    labelShift: (plus, gets) =>
      `Die Nummern der Klassen sind um eins verschoben: Die Klasse des Modells ist das Label ${plus ? 'plus' : 'minus'} 1${gets}.`,
    channels: (gets) =>
      `Die Reihenfolge der Farben: Das Modell will BGR${gets}. Die Kanäle der Bilder umdrehen oder die seiner ersten Schicht.`,
    channelsTried: 'Die Reihenfolge der Farben: Es bekommt RGB, und BGR hilft nicht.',
    model: 'Das Modell: mit anderen Klassen oder Bildern trainiert, oder es sind Gewichte vor dem Training.',
    size: (width, height) => `Die Größe der Bilder: Das Modell bekommt ${width} x ${height}.`,
    corruption: 'Die Störung: Sie kann für dieses Modell zu stark sein, ohne dass etwas falsch ist.',
  },
  problem: (correct, labelled) =>
    `Das unangepasste Modell erkennt ${correct} von ${labelled} Bildern richtig, nicht mehr als durch Raten.`,
  problemBetter: (correct, labelled) =>
    `Das unangepasste Modell erkennt ${correct} von ${labelled} Bildern richtig, mit einer anderen Einstellung viel mehr.`,
  problemFix: 'Ansehen, woran es liegen kann.',
}

export const look: InEachLanguage<typeof en> = { en, de }
