// Exports. In English.

export const exportDialog = {
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
