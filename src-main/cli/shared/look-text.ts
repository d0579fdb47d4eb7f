// What is said before a run: one line on what will be scored, and where the model only guesses, what to do about it. Pure.
import {
  helps,
  isDoubtful,
  isGuessing,
  type FirstLook,
  type LookAnswer,
  type Remedy,
} from '#contract/runs/first-look.ts'

const count = (value: number, one: string, many: string): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`
const rounded = (values: readonly number[], separator: string): string =>
  values.map((value) => Number(value.toFixed(4))).join(separator)

/** In place of the words by which matches are kept. */
const byWords: Readonly<Record<string, string>> = {
  chosen: 'as you said',
  name: 'by name',
  wordnet: 'by WordNet id',
  number: 'by number',
  'one-based': 'by number, counted from 1',
  order: 'by sorted order alone',
}

export function lookLine(look: FirstLook): string {
  const { mean, std } = look.normalization
  const parts = [
    `${look.input}, ${count(look.images, 'image', 'images')}${look.labelled > 0 && look.labelled < look.images ? ` (${count(look.labelled, 'has a label', 'have labels')})` : ''}`,
    classesText(look),
    `normalisation mean ${rounded(mean, '/')}, std ${rounded(std, '/')} (${sourceText(look)})`,
    answersText(look),
  ]
  return `To be scored: ${parts.join('; ')}\n${look.notes.map((note) => `Images: ${note}\n`).join('')}`
}

function classesText({ matched, leftOut, perClass, modelClasses }: FirstLook): string {
  if (!perClass) return 'no labels'
  const classes = matched.reduce((sum, one) => sum + one.classes, 0)
  const by = ({ how, classes: n }: FirstLook['matched'][number], alone: boolean): string =>
    `${alone ? '' : `${n} `}${byWords[how] ?? `by ${how}`}`
  const [first] = matched
  const theirs = `the model’s ${modelClasses.toLocaleString('en')}`
  const notes = [
    ...(matched.length > 1 ? matched.map((one) => by(one, false)) : []),
    ...(leftOut > 0 ? [`${leftOut} left out`] : []),
  ]
  const { least, most } = perClass
  const each =
    least === most
      ? count(least, 'image', 'images')
      : `${least.toLocaleString('en')} to ${count(most, 'image', 'images')}`
  return `${count(classes, 'class', 'classes')} matched ${first && matched.length === 1 ? `${by(first, true)} ` : ''}to ${theirs}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}, ${each} each`
}

function sourceText({ normalization: { from }, architecture }: FirstLook): string {
  switch (from) {
    case 'given':
      return 'as you said'
    case 'file':
      return 'from the file'
    case 'inside':
      return 'the network normalises by itself'
    case 'family':
      return `a guess: the file does not say it, ${architecture} usually has it; --mean and --std change it`
    case 'assumed':
      return 'assumed: nothing in the file tells it; --mean and --std change it'
  }
}

function answersText({ answers, seen, check }: FirstLook): string {
  if (answers.length === 0) return 'none of the first images can be read'
  const images = imagesText(answers.length, seen)
  const of = (list: readonly LookAnswer[]) => list.map(answerText).join(', ')
  if (!check) return `unadapted, the model answers on ${images}: ${of(answers)}`
  return `unadapted, the model gets ${check.correct} of ${imagesText(check.labelled, seen)} right, of ${answers.length} of them: ${of(answers)}`
}

const answerText = ({ labelName, answerName }: LookAnswer): string =>
  labelName === null ? answerName : labelName === answerName ? `${labelName} ✓` : `${labelName} → ${answerName} ✗`

const imagesText = (images: number, { corruption, severity }: FirstLook['seen']): string =>
  corruption === null
    ? count(images, 'clean image', 'clean images')
    : `${count(images, 'image', 'images')} with ${corruption} ${severity} (there are no clean ones)`

/** A warning where the model is no better than guessing, or knows many more images with another setting: the remedies, likeliest first. Else nothing. */
export function doubtText(look: FirstLook): string {
  const { check, seen, different } = look
  if (!check || !isDoubtful(look)) return ''
  const one = different.answers === 1 && different.labels > 1 ? ', and gives the same answer to all' : ''
  const remedies = look.remedies.map((remedy, i) => `  ${i + 1}. ${remedyText(remedy, look)}`)
  const sign = isGuessing(look)
    ? `no better than guessing${one}. What it may be, likeliest first:`
    : 'and many more otherwise:'
  return [
    `Warning: the unadapted model gets ${check.correct} of ${imagesText(check.labelled, seen)} right, ${sign}`,
    ...remedies,
    '',
  ].join('\n')
}

function remedyText(remedy: Remedy, look: FirstLook): string {
  const { kind, tried, normalization, shift } = remedy
  const gets = helps(remedy, look) && tried ? ` (${tried.correct} of ${tried.labelled} right with it)` : ''
  const { mean, std } = look.normalization
  switch (kind) {
    case 'normalization':
      return gets !== '' && normalization
        ? `The normalisation: --mean ${rounded(normalization.mean, ',')} --std ${rounded(normalization.std, ',')}${gets}.`
        : `The normalisation: it is mean ${rounded(mean, '/')}, std ${rounded(std, '/')}, and none of the usual ones does better; --mean and --std change it.`
    case 'labels':
      if (gets === '') return 'Which class is which: palm inputs inspect shows the match, --labels FILE changes it.'
      return shift === null
        ? `The order of the classes: each has an answer of its own, but under another name${gets}; --labels FILE says which is which.`
        : `The numbers of the classes: they are off by one, the model’s class is the label ${shift > 0 ? 'plus' : 'minus'} 1${gets}; --labels FILE says it.`
    case 'channels':
      return gets !== ''
        ? `The order of the colours: the model wants BGR${gets}; turn the channels of the images around, or those of its first layer.`
        : 'The order of the colours: RGB is given, and BGR does no better.'
    case 'model':
      return 'The model: trained on other classes or images, or these are weights before training.'
    case 'size':
      return `The size of the images: the model gets ${look.size.width} x ${look.size.height}; --size changes it.`
    case 'corruption':
      return 'The corruption: it may be too strong for this model, without any fault.'
  }
}
