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
  fromSource: 'the source model’s',
  estimated: 'estimated from the last batches before the checkpoint',
  batches: 'Batches',
  statisticsHelp:
    'While it adapts, the model normalises each batch by that batch; a file needs fixed statistics. Estimated ones suit images like the last ones; the source model’s suit images like those it was trained on.',
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
  fromSource: 'die des Quellmodells',
  estimated: 'aus den letzten Batches vor dem Checkpoint geschätzt',
  batches: 'Batches',
  statisticsHelp:
    'Während der Anpassung normalisiert das Modell jeden Batch mit dessen eigener Statistik; eine Datei braucht eine feste. Die geschätzte passt zu Bildern wie den letzten, die des Quellmodells zu Bildern wie im Training.',
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
