// Exports. In German.
import type { exportDialog as english } from '#renderer/lib/strings/en/export.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

const decimals = (value: number, digits: number) => value.toFixed(digits).replace('.', ',')

export const exportDialog: Words<typeof english> = {
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
  fromSource: 'die des Ausgangsmodells',
  estimated: 'aus den letzten Batches vor dem Checkpoint geschätzt',
  batches: 'Batches',
  statisticsHelp:
    'Während der Anpassung normalisiert das Modell jeden Batch mit dessen eigener Statistik; eine Datei braucht eine feste. Die geschätzte passt zu Bildern wie den letzten, die des Ausgangsmodells zu Bildern wie im Training.',
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
