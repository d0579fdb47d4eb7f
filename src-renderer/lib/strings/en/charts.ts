// Words that charts, formats and parsers of lists need, wherever they stand. In English.

export const charts = {
  run: 'Run',
  bytes: 'bytes',
  classOf: (index: number) => `class ${index}`,
  camera: 'Camera',
  cameraOf: (index: number) => `Camera ${index}`,
  right: 'right',
  namesBroken: 'This begins like JSON, but is none. Give one name a line, or a list such as ["cat", "dog"].',
  namesNoList: 'The JSON should be a list of names in the order of the outputs: ["cat", "dog"].',
  orderNeeded: 'A custom schedule needs an order: one domain a line, such as “fog 3”.',
  orderBroken: 'The order begins like JSON, but is none: [{"corruption": "fog", "severity": 3}, …].',
  valuesNeeded: 'Give the values of the option that varies, parted by commas.',
  noConnection: 'There is no connection to the program.',
} as const
