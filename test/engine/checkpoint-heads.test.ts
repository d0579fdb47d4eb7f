// Checkpoints with classifiers of people's own and with normalisations beside the weights (test/golden/heads.py), and the small ones that strangers publish
// (../shared/cases): PyTorch's logits and PyTorch's answers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { forward } from '#engine/compute/graph.ts'
import { loadModel } from '#engine/models/load.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { sharedPath } from '#test/helpers/shared.ts'

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/heads.json'), 'utf8')) as {
  cases: Record<string, { file: string; classes: number; logits: number[] }>
}
const device = loadDevice()

async function logitsOf(bytes: Uint8Array, name: string, pixels: Float32Array, side: number) {
  const file = await readWeightsFile(bytes, name, () => Promise.reject(new Error('no parts')))
  const model = loadModel(device, file, { fileName: name })
  const x = device.fromArray(pixels, [pixels.length / (side * side * 3), side, side, 3])
  const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
  const values = await device.read(logits)
  for (const tensor of [x, logits]) tensor.dispose()
  model.dispose()
  return { values, classes: model.classes, remarks: model.remarks?.join(' ') ?? '' }
}

for (const [name, golden] of Object.entries(cases)) {
  test(`${name} gives PyTorch’s logits`, async () => {
    const pixels = new Float32Array(new NumpyRandom(1).uniforms(3 * 16 * 16 * 3, 0, 1))
    const { values, classes } = await logitsOf(new Uint8Array(Buffer.from(golden.file, 'base64')), name, pixels, 16)
    expect(classes).toBe(golden.classes)
    const scale = Math.sqrt(golden.logits.reduce((sum, value) => sum + value * value, 0) / golden.logits.length)
    expect(values.length).toBe(golden.logits.length)
    // Of a few hundred additions in float32, in another order.
    for (const [i, value] of golden.logits.entries())
      expect(Math.abs((values[i] as number) - value) / scale, `logit ${i}`).toBeLessThan(2e-5)
  })
}

const folder = sharedPath('cases/ckpt')

describe.skipIf(!folder)('checkpoints as strangers publish them', () => {
  /** Wrong answers of PyTorch itself (evaluation mode) on the 60 images, and what must be said. Its own zeros and ones as statistics make one another network. */
  const wrongOf: readonly (readonly [name: string, wrong: number, said: RegExp])[] = [
    ['averaged-model.pth', 0, /n_averaged/],
    ['best-acc-tensors.pth', 0, /best_acc1, best_acc5/],
    ['expanded-stride-0.pth', 48, /^$/],
    ['fc-sequential-dropout.pth', 0, /“fc\.1”.*dropout/],
    ['lightning-metrics.pth', 0, /loss\.weight, val_acc\.tp, test_f1\.confmat/],
    ['meta.safetensors', 0, /metadata.*“mean”/],
    ['multisteplr.pth', 0, /^$/],
  ]
  // Saved by numpy without compression: two arrays, one after the other.
  const npz = folder ? readFileSync(join(folder, '../base/data.npz')) : Buffer.alloc(0)
  const arrayAt = (name: string) => {
    const header = npz.indexOf('\x93NUMPY', npz.indexOf(name), 'latin1')
    return header + 10 + npz.readUInt16LE(header + 8)
  }

  test.each(wrongOf)('%s', async (name, wrong, said) => {
    const [images, labels] = [arrayAt('images.npy'), arrayAt('labels.npy')]
    const pixels = Float32Array.from(npz.subarray(images, images + 60 * 32 * 32 * 3), (value) => value / 255)
    const { values, classes, remarks } = await logitsOf(readFileSync(join(folder as string, name)), name, pixels, 32)
    const answers = Array.from({ length: 60 }, (_, i) => {
      const row = values.subarray(i * classes, (i + 1) * classes)
      return row.indexOf(Math.max(...row))
    })
    expect(answers.filter((answer, i) => answer !== Number(npz.readBigInt64LE(labels + 8 * i))).length).toBe(wrong)
    expect(remarks).toMatch(said)
  })
})
