// Words that charts, formats and parsers of lists need, wherever they stand.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  run: 'Run',
  bytes: 'bytes',
  classOf: (index: number) => `class ${index}`,
  camera: 'Camera',
  cameraOf: (index: number) => `Camera ${index}`,
  right: 'right',
  newest: (value: string) => `newest ${value}`,
  greatest: (name: string, value: string) => `greatest: ${name}, ${value}`,
  none: 'nothing yet',
  layersAt: (when: string, domain: string, moving: number, of: number, quantity: string, values: string) =>
    `At ${when}${domain === '' ? '' : `, ${domain}`}: ${moving} of ${of} tensors adapt, ${quantity} ${values}`,
  fromTo: (least: string, most: string) => `from ${least} to ${most}`,
  namesBroken: 'This begins like JSON but is not valid. Give one name per line, or a list such as ["cat", "dog"].',
  namesNoList: 'The JSON should be a list of names in the order of the outputs: ["cat", "dog"].',
  orderNeeded: 'A custom schedule needs an order: one domain per line, such as “fog 3”.',
  orderBroken: 'The order begins like JSON but is not valid: [{"corruption": "fog", "severity": 3}, …].',
  orderMisfit: (where: string, why: string) => `The order does not fit: ${where} ${why}`,
  noDomain: (line: string) =>
    `“${line}” is no domain: a corruption’s name and a severity from 1 to 5, such as “gaussian_noise 5”, or “clean”.`,
  noNumber: (text: string) => `“${text}” in the seeds is no number.`,
  noValue: (text: string, option: string) => `“${text}” is no value of ${option}.`,
  ownSweep: 'my sweep',
  sampleName: 'The sample',
  noAnswer: 'the program does not answer',
  valuesNeeded: 'Give the values of the option that varies, separated by commas.',
  noConnection: 'There is no connection to the program.',
} as const

const de: Words<typeof en> = {
  run: 'Lauf',
  bytes: 'Byte',
  classOf: (index) => `Klasse ${index}`,
  camera: 'Kamera',
  cameraOf: (index) => `Kamera ${index}`,
  right: 'richtig',
  newest: (value) => `neuester Wert ${value}`,
  greatest: (name, value) => `am größten: ${name}, ${value}`,
  none: 'noch nichts',
  layersAt: (when, domain, moving, of, quantity, values) =>
    `Bei ${when}${domain === '' ? '' : `, ${domain}`}: ${moving} von ${of} Tensoren passen sich an, ${quantity} ${values}`,
  fromTo: (least, most) => `von ${least} bis ${most}`,
  namesBroken:
    'Das beginnt wie JSON, ist aber keines. Einen Namen je Zeile angeben oder eine Liste wie ["Katze", "Hund"].',
  namesNoList: 'Das JSON soll eine Liste von Namen in der Reihenfolge der Ausgaben sein: ["Katze", "Hund"].',
  orderNeeded: 'Ein eigener Ablauf braucht eine Reihenfolge: eine Domäne je Zeile, etwa „fog 3“.',
  orderBroken: 'Die Reihenfolge beginnt wie JSON, ist aber keines: [{"corruption": "fog", "severity": 3}, …].',
  orderMisfit: (where, why) => `Die Reihenfolge passt nicht: ${where} ${why}`,
  noDomain: (line) =>
    `„${line}“ ist keine Domäne: der Name einer Störung und ein Schweregrad von 1 bis 5, etwa „gaussian_noise 5“, oder „clean“.`,
  noNumber: (text) => `„${text}“ in den Seeds ist keine Zahl.`,
  noValue: (text, option) => `„${text}“ ist kein Wert von ${option}.`,
  ownSweep: 'mein Sweep',
  sampleName: 'Das Beispiel',
  noAnswer: 'das Programm antwortet nicht',
  valuesNeeded: 'Die Werte der variierten Option angeben, durch Kommas getrennt.',
  noConnection: 'Es besteht keine Verbindung zum Programm.',
}

export const charts: InEachLanguage<typeof en> = { en, de }
