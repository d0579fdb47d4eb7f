// Networks as PyTorch's exporters write them (test/golden/onnx_exports.py): the figures of onnxruntime, whatever is inside or beside the scores; batch
// normalisation kept by the call that is advised, or brought back from a state dict.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { forward } from '#engine/compute/graph.ts'
import type { StateDict } from '#engine/models/formats/onnx/onnx-unfold.ts'
import { describeModel, loadModel, type LoadOptions } from '#engine/models/load.ts'
import { readWeightsFile, type WeightsFile } from '#engine/models/weights-file.ts'
import { NumpyRandom } from '#stream/images/random.ts'

interface Exported {
  readonly file: string
  readonly logits: readonly (readonly number[])[]
}
interface Golden {
  readonly plain: Readonly<Record<string, Exported>>
  readonly inside: Readonly<Record<string, Exported>>
  readonly several: Readonly<
    Record<string, { file: string; names: string[]; outputs: Record<string, readonly (readonly number[])[]> }>
  >
  readonly weights: string
  readonly otherWeights: string
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/onnx-exports.json'), 'utf8')) as Golden
const device = loadDevice()
const pixels = new Float32Array(
  new NumpyRandom(1).uniforms(3 * 16 * 16 * 3, 0, 1).map((v) => Math.fround(Math.floor(Math.fround(v) * 255) / 255)),
)
const none = { mean: [0, 0, 0], std: [1, 1, 1] } as const
const noParts = () => Promise.reject(new Error('no part was expected'))
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const open = (text: string, name = 'x.onnx') => readWeightsFile(bytesOf(text), name, noParts)

/** As `--weights` and `--output` have it read. */
const reading = (file: WeightsFile, hints: { output?: string; weights?: StateDict }): WeightsFile =>
  file.kind === 'network' ? { ...file, network: (given) => file.network({ ...given, ...hints }) } : file

async function stateDict(text: string): Promise<StateDict> {
  const file = await open(text, 'x.pth')
  if (file.kind !== 'state-dict') throw new Error('no state dict')
  return { fileName: 'x.pth', tensors: file.tensors }
}

async function scoresOf(
  file: WeightsFile,
  options: Partial<LoadOptions> = { normalization: none },
): Promise<number[][]> {
  const model = loadModel(device, file, { fileName: 'x.onnx', ...options })
  const x = device.fromArray(pixels, [3, 16, 16, 3])
  const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
  const values = await device.read(logits)
  for (const tensor of [x, logits]) tensor.dispose()
  model.dispose()
  return [0, 1, 2].map((row) => [...values.subarray((row * values.length) / 3, ((row + 1) * values.length) / 3)])
}

/** Of some hundred additions in float32, in another order. */
function expectSame(found: readonly number[][], expected: readonly (readonly number[])[]): void {
  expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length))
  const scale = Math.max(...expected.flat().map(Math.abs))
  for (const [i, row] of expected.entries())
    for (const [j, value] of row.entries())
      expect(Math.abs((found[i]?.[j] ?? Number.NaN) - value) / scale, `image ${i}, class ${j}`).toBeLessThan(2e-5)
}

const softmax = (row: readonly number[]) => {
  const powers = row.map((value) => Math.exp(value))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

const normsOf = (file: WeightsFile) =>
  describeModel(file, { fileName: 'x.onnx' })
    .tensors.filter(({ kind }) => kind === 'bn-weight')
    .map(({ name }) => name)

for (const [exporter, { file, logits }] of Object.entries(golden.plain)) {
  const kept = exporter === 'the call that is advised' || exporter === 'dynamo, optimize=False'
  test(`a network written by ${exporter} gives onnxruntime’s scores, ${kept ? 'with' : 'without'} its batch norms`, async () => {
    const contents = await open(file)
    expectSame(await scoresOf(contents), logits)
    expect(normsOf(contents)).toEqual(kept ? ['bn1.weight', 'bn2.weight'] : [])
  })
  if (kept) continue
  test(`the batch norms that ${exporter} has folded come back from a state dict, and the scores stay`, async () => {
    const contents = reading(await open(file), { weights: await stateDict(golden.weights) })
    expect(normsOf(contents)).toEqual(['bn1.weight', 'bn2.weight'])
    const { graph, tensors } = describeModel(contents, { fileName: 'x.onnx' })
    expect(graph.nodes.filter(({ op }) => op === 'batch-norm').map(({ attributes }) => attributes.epsilon)).toEqual([
      1e-5, 1e-3,
    ])
    expect(tensors.slice(0, 3).map(({ name }) => name)).toEqual(['conv1.weight', 'bn1.weight', 'bn1.bias'])
    expectSame(await scoresOf(contents), logits)
  })
}

test('weights of another network, or beside one that has nothing folded, are refused with both files’ names', async () => {
  const other = reading(await open(golden.plain.dynamo?.file ?? ''), { weights: await stateDict(golden.otherWeights) })
  expect(() => describeModel(other, { fileName: 'x.onnx' })).toThrow(/x\.onnx and x\.pth do not go together: no conv/)
  const whole = reading(await open(golden.plain['the call that is advised']?.file ?? ''), {
    weights: await stateDict(golden.weights),
  })
  expect(() => describeModel(whole, { fileName: 'x.onnx' })).toThrow('so there is none to bring back')
})

for (const [kind, { file, logits }] of Object.entries(golden.inside)) {
  test(`normalisation inside (${kind}) is done once`, async () => {
    const contents = await open(file)
    const found = describeModel(contents, { fileName: 'x.onnx' })
    if (kind.startsWith('transform_input')) {
      // Of what is normalised already, by ImageNet's statistics: an assumption, and said.
      expect(found).toMatchObject({ normalizationFrom: 'assumed', normalization: { mean: [0.485, 0.456, 0.406] } })
      expect(found.normalizationNote).toContain('no normalisation of pixels')
    } else {
      const bytes = /bytes|last|mean only/.test(kind)
      expect(found.normalizationFrom).toBe('inside')
      expect(found.normalization.std[0]).toBeCloseTo(bytes ? 1 / 255 : 1, 9)
      expect(found.normalizationNote).toContain(`pixels from 0 to ${bytes ? 255 : 1}`)
    }
    expectSame(await scoresOf(contents, {}), logits)
  })
}

test('a normalisation that is asked for before one that is inside is refused with what is inside; that of the range itself is not', async () => {
  const contents = await open(golden.inside['unit, dynamo']?.file ?? '')
  const given = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const
  expect(() => describeModel(contents, { fileName: 'x.onnx', normalization: given })).toThrow(
    /mean 0\.485\/0\.456\/0\.406, std 0\.229\/0\.224\/0\.225\).*a second time\. Leave out --mean and --std/,
  )
  expectSame(await scoresOf(contents), golden.inside['unit, dynamo']?.logits ?? [])
})

test('a network without any is normalised by an assumption, and it is called one', async () => {
  const contents = await open(golden.plain.dynamo?.file ?? '')
  expect(describeModel(contents, { fileName: 'x.onnx' })).toMatchObject({
    normalizationFrom: 'assumed',
    normalization: { mean: [0.485, 0.456, 0.406] },
  })
  expect(describeModel(contents, { fileName: 'x.onnx', normalization: none }).normalizationFrom).toBe('given')
})

for (const [outputs, { file, names, outputs: values }] of Object.entries(golden.several)) {
  const kinds = outputs.split(' and ')
  const of = (kind: string) => values[names[kinds.indexOf(kind)] ?? '']
  test(`of the outputs ${outputs} the scores are taken${kinds.includes('second') ? ' when they are named, and asked for when not' : ''}`, async () => {
    let contents = await open(file)
    if (kinds.includes('second')) {
      expect(() => describeModel(contents, { fileName: 'x.onnx' })).toThrow(
        `2 of its outputs may be the scores: “${names[0]}” [5], “${names[1]}” [7]; say which with --output NAME`,
      )
      expectSame(await scoresOf(reading(contents, { output: names[1] ?? '' })), of('second') ?? [])
      await expect(scoresOf(reading(contents, { output: 'scores' }))).rejects.toThrow(
        `no output “scores”; there are “${names[0]}”`,
      )
      contents = reading(contents, { output: names[0] ?? '' })
    }
    const found = await scoresOf(contents)
    const logits = of('logits')
    if (logits) expectSame(found, logits)
    else if (kinds.includes('log')) expectSame(found.map(softmax), of('log')?.map((row) => row.map(Math.exp)) ?? [])
    else expect(found.map((row) => row.indexOf(Math.max(...row)))).toEqual(of('class')?.map(([label]) => label))
  })
}

test('a file that is read twice gives the same network twice', async () => {
  const contents = await open(golden.plain.dynamo?.file ?? '')
  expect(await scoresOf(contents)).toEqual(await scoresOf(contents))
})
