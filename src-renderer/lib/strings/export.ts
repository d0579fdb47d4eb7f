// Exporting an adapted model.
import type { InEachLanguage, Words } from './words.ts'

const en = {
  open: 'Export…',
  title: 'Export an adapted model',
  checkpoint: 'Checkpoint',
  after: (step: number, domain: string) => `after step ${step} (${domain})`,
  format: 'Format',
  formats: {
    safetensors: '.safetensors (PyTorch names)',
    torch: '.pth (PyTorch)',
    onnx: '.onnx (opset 17)',
    tfjs: 'TensorFlow.js model (a folder)',
  },
  changedOnly: 'Changed tensors only (.safetensors and .pth)',
  statistics: 'Batch-norm statistics',
  usual: (batches: number) => `what keeps the gain: of the last ${batches} batches of its domain`,
  usualOwn: 'what the method predicted with: the stored ones',
  fromSource: 'the source model’s',
  estimated: 'of the last batches before the checkpoint, as many as you say',
  batches: 'Batches',
  helpEstimated:
    'While it adapted, the model normalised each batch by that batch; a file needs fixed statistics. These suit images like those last ones, and no others. Where the model has no batch normalisation, or the images are gone, the source model’s stay.',
  helpLoses:
    'While it adapted, the model normalised each batch by that batch. With the source model’s statistics most of what that gained is lost: after PALM on the sample’s fog 76.5 % errors in place of 44.1 %.',
  helpOwn:
    'This method predicts with stored statistics: the source model’s, or its own where it keeps some. The file gets the same.',
  helpSource: 'They suit images like those that the model was trained on.',
  /** Which statistics of batch normalisation the file got. */
  gotFrames: (count: number) => `Batch-norm statistics: of the webcam’s last ${count} frames.`,
  gotBatches: (count: number) => `Batch-norm statistics: of the last ${count === 1 ? 'batch' : `${count} batches`}.`,
  gotSource: {
    asked: 'Batch-norm statistics: the source model’s.',
    running: 'Batch-norm statistics: those that the method predicted with.',
    'no-batch-norm': 'The model has no batch normalisation.',
    'images-gone': 'Batch-norm statistics: the source model’s, because the run’s images are not there any more.',
  },
  path: 'Write to',
  writing: 'Writing, reading again and comparing with the live model…',
  written: 'Written and verified:',
  size: (tensors: number, bytes: number) => `${tensors} tensors, ${(bytes / 2 ** 20).toFixed(2)} MiB.`,
  verified: (images: number, difference: string) =>
    `Read again and run on ${images} ${images === 1 ? 'image' : 'images'}: the logits differ by at most ${difference} (in units of their root mean square).`,
  sameTensors: 'Read again: its tensors are the same.',
  card: 'Model card:',
  export: 'Export',
} as const

const decimals = (value: number, digits: number) => value.toFixed(digits).replace('.', ',')

const de: Words<typeof en> = {
  open: 'Exportieren…',
  title: 'Angepasstes Modell exportieren',
  checkpoint: 'Checkpoint',
  after: (step, domain) => `nach Schritt ${step} (${domain})`,
  format: 'Format',
  formats: {
    safetensors: '.safetensors (PyTorch-Namen)',
    torch: '.pth (PyTorch)',
    onnx: '.onnx (Opset 17)',
    tfjs: 'TensorFlow.js-Modell (ein Ordner)',
  },
  changedOnly: 'Nur geänderte Tensoren (.safetensors und .pth)',
  statistics: 'Batch-Norm-Statistik',
  usual: (batches) => `was den Gewinn erhält: die der letzten ${batches} Batches der Domäne`,
  usualOwn: 'womit die Methode vorhersagte: die gespeicherte',
  fromSource: 'die des Quellmodells',
  estimated: 'die der letzten Batches vor dem Checkpoint, so vieler wie angegeben',
  batches: 'Batches',
  helpEstimated:
    'Während der Anpassung normalisierte das Modell jeden Batch mit dessen eigener Statistik; eine Datei braucht eine feste. Diese passt zu Bildern wie jenen letzten und zu keinen anderen. Wo das Modell keine Batch-Norm hat oder die Bilder fort sind, bleibt die des Quellmodells.',
  helpLoses:
    'Während der Anpassung normalisierte das Modell jeden Batch mit dessen eigener Statistik. Mit der des Quellmodells geht das meiste des Gewinns verloren: nach PALM auf dem Nebel des Beispiels 76,5 % Fehler statt 44,1 %.',
  helpOwn:
    'Diese Methode sagt mit gespeicherter Statistik vorher: mit der des Quellmodells oder ihrer eigenen, wo sie eine führt. Die Datei bekommt dieselbe.',
  helpSource: 'Sie passt zu Bildern wie denen, mit denen das Modell trainiert wurde.',
  gotFrames: (count) => `Batch-Norm-Statistik: die der letzten ${count} Bilder der Webcam.`,
  gotBatches: (count) =>
    `Batch-Norm-Statistik: die ${count === 1 ? 'des letzten Batches' : `der letzten ${count} Batches`}.`,
  gotSource: {
    asked: 'Batch-Norm-Statistik: die des Quellmodells.',
    running: 'Batch-Norm-Statistik: die, mit der die Methode vorhersagte.',
    'no-batch-norm': 'Das Modell hat keine Batch-Norm.',
    'images-gone': 'Batch-Norm-Statistik: die des Quellmodells, weil die Bilder des Laufs nicht mehr da sind.',
  },
  path: 'Schreiben nach',
  writing: 'Schreiben, wieder einlesen, mit dem laufenden Modell vergleichen…',
  written: 'Geschrieben und geprüft:',
  size: (tensors, bytes) =>
    `${tensors === 1 ? '1 Tensor' : `${tensors} Tensoren`}, ${decimals(bytes / 2 ** 20, 2)} MiB.`,
  verified: (images, difference) =>
    `Wieder eingelesen und auf ${images === 1 ? '1 Bild' : `${images} Bilder`} angewandt: Die Logits weichen um höchstens ${difference} ab (in Einheiten ihres quadratischen Mittels).`,
  sameTensors: 'Wieder eingelesen: Die Tensoren sind dieselben.',
  card: 'Model Card:',
  export: 'Exportieren',
}

export const exportDialog: InEachLanguage<typeof en> = { en, de }
