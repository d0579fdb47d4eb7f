// The live screen and its charts. In English.

export const live = {
  statuses: {
    queued: 'Waiting',
    starting: 'Starting: loading model and images',
    running: 'Running',
    paused: 'Paused',
    stopping: 'Stopping after this batch',
    stopped: 'Stopped; it can be resumed',
    done: 'Done',
    failed: 'Failed',
    interrupted: 'Interrupted; it can be resumed',
  },
  accuracyTitle: 'Accuracy over the stream',
  domainsTitle: 'Error per domain, %',
  layerMapTitle: 'Layer map',
  batchTitle: 'Current batch',
  tableOf: (title: string) => `Table: ${title}`,
  imagesOf: (title: string) => `Images: ${title}`,
  progressTitle: 'Progress',
  asTable: 'Show as table',
  asPicture: 'Show as picture',
  domain: 'Domain',
  mean: 'Mean',
  gain: 'Gain over Source',
  quantity: 'Colour by',
  quantities: { learningRate: 'learning rate', score: 'score (L1 of the KL gradient)', importance: 'importance' },
  states: ['never selected: frozen', 'not selected now', 'selected: adapting', 'adapting'],
  frozen: 'frozen',
  adaptedShare: 'adapted parameters',
  lane: 'Method',
  step: 'Step',
  speed: 'images/s',
  eta: 'left',
  waits: 'device waits',
  skipped: (total: number) =>
    `${total} ${total === 1 ? 'file' : 'files'} could not be read and ${total === 1 ? 'was' : 'were'} left out`,
  summary: (best: string, bestError: string, source: string | null) =>
    source === null
      ? `${best}: ${bestError} % mean error.`
      : `${best} makes the fewest errors: ${bestError} % on average, against ${source} % without adaptation.`,
  detail: 'Technical detail',
  nearChance: (correct: number, labelled: number, mean: string, std: string) =>
    `The unadapted model gets ${correct} of ${labelled} clean images right, no better than guessing. The normalisation (mean ${mean}, std ${std}), the order of the classes or the input size is probably not what it was trained with.`,
  collapsed: (lane: string, step: number, domain: string) =>
    `${lane} collapsed at step ${step} (${domain}): hardly any of its classes are left.`,
  notFinite: (lane: string, step: number, domain: string) =>
    `${lane} gives numbers that are none since step ${step} (${domain}).`,
  putBack: (restored: number) =>
    restored < 0 ? 'The guard put it back to the source model.' : `The guard put it back to step ${restored}.`,
  measure: 'Show',
  measures: {
    accuracy: 'Accuracy',
    confidence: 'Confidence',
    entropy: 'Entropy, nats',
    agreement: 'Agreement with the unadapted model',
    estimate: 'Estimate of accuracy',
  },
  measureUnits: {
    accuracy: 'accuracy, % of images',
    confidence: 'mean of the largest probability, %. A surer model need not be a better one.',
    entropy: 'mean entropy of the predictions, nats',
    agreement: 'images predicted as the unadapted model predicts them, %',
    estimate: 'an estimate without labels, %: too high where adapting only makes a model surer',
  },
  overStream: (measure: string) => `${measure} over the stream`,
  perDomain: (measure: string) => (measure.endsWith('nats') ? `${measure}, per domain` : `${measure} per domain, %`),
  unlabelled: 'No image has a label: accuracy is not known.',
  predictionsTitle: 'Predictions',
  predictionsHelp: (shown: number, all: number) => `Images by predicted class: ${shown} of ${all} classes.`,
  predictedClass: 'Predicted class',
  panel: 'What this panel shows',
  skippedTitle: 'Files that could not be read',
  skippedFirst: (shown: number, total: number) => `The first ${shown} of ${total}.`,
  file: 'File',
  reason: 'Reason',
} as const
