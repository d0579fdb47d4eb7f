// Weights files: PyTorch (zip and legacy), safetensors, ONNX, TensorFlow.js. Read as `palm models inspect` does, with the estimate of memory; what is
// taken as a network is also run once, where a device is at hand.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { forwardFlops } from '#engine/models/flops.ts'
import { networkToTfjs } from '#engine/models/formats/tfjs/tfjs-write.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { readTorch } from '#engine/models/formats/torch/torch.ts'
import { describeModel, loadModel } from '#engine/models/load.ts'
import { modelParts, readWeightsFile } from '#engine/models/weights-file.ts'
import { loadOptions, modelDetails, readContents } from '#session/open-model.ts'
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import { mutateJson } from '#test/fuzz/json-mutations.ts'
import { callingParts, greedyPickles, mutateOperations, operationsOf } from '#test/fuzz/pickle-ops.ts'
import { fieldBytes, mutateFields, parseFields } from '#test/fuzz/protobuf-tree.ts'
import type { FuzzFile, FuzzReader } from '#test/fuzz/reader.ts'
import { mutateZip, stored, zipEntriesOf, zipOf, type ZipEntry } from '#test/fuzz/zip-lies.ts'
import { mutateBlindly } from '#test/fuzz/blind-mutations.ts'
import { absurdOnnx } from './absurd-networks.ts'
import { kerasModel } from './keras-model.ts'

const resources = fileURLToPath(new URL('../../../resources', import.meta.url))
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/formats.json'), 'utf8')) as {
  torch: Record<string, { file: string }>
  onnx: Record<string, { file: string }>
  hostile: Record<string, string>
}
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const torchFile = (name: string): FuzzFile => ({ name, bytes: bytesOf(golden.torch[name]?.file ?? '') })
const text = (value: string) => new TextEncoder().encode(value)
const lanes = (['source', 'palm', 'tent'] as const).map((method) => laneOptionsSchema.parse({ method }))

/** `device`: runs what was taken; null = only told. */
const readModel =
  (device: Device | null) =>
  async (path: string, _: FuzzFile, random: FuzzRandom): Promise<void> => {
    const options = modelOptionsSchema.parse({ kind: 'file', path })
    const details = await modelDetails(options, resources, lanes, 100)
    if (
      !Number.isFinite(details.memoryBytes) ||
      details.memoryBytes < 0 ||
      details.tensors.length === 0 ||
      details.info.classes < 1
    )
      throw new TypeError(
        `nonsense was taken: ${details.memoryBytes} bytes, ${details.tensors.length} tensors, ${details.info.classes} classes`,
      )
    modelParts(new Uint8Array(readFileSync(path)), path)
    if (device === null || random.chance(0.7)) return
    const contents = await readContents(path)
    const described = describeModel(contents, loadOptions(path, options))
    const side = described.inputSize ?? { width: 32, height: 32 }
    if (side.width * side.height > 65536 || !(forwardFlops(described, Math.max(side.width, side.height)) < 3e9)) return
    const model = loadModel(device, contents, loadOptions(path, options))
    const x = device.fromArray(new Float32Array(side.width * side.height * 3).fill(0.5), [
      1,
      side.height,
      side.width,
      3,
    ])
    const { logits } = forward(device, model.graph, model.parameters, x, { statistics: 'source', tape: false })
    const { shape } = logits
    for (const tensor of [x, logits]) tensor.dispose()
    model.dispose()
    if (shape.length !== 2 || shape[0] !== 1 || shape[1] !== model.classes)
      throw new TypeError(`a network of ${model.classes} classes gives [${shape.join(', ')}]`)
  }

const onPickle =
  (canary: string) =>
  (entry: ZipEntry, random: FuzzRandom): Uint8Array => {
    if (entry.name.endsWith('data.pkl') && random.chance(0.85))
      return mutateOperations(operationsOf(entry.data), random, canary)
    return entry.name.endsWith('byteorder')
      ? text(random.pick(['big', 'little', '', 'x'.repeat(100)]))
      : mutateBlindly(entry.data, random)
  }

/** A state dict's pickle around a part, so that the reader gets so far. */
const around = (part: Uint8Array) =>
  new Uint8Array(
    Buffer.concat([Uint8Array.of(0x80, 2, 0x7d), text('U'), Uint8Array.of(1), text('a'), part, text('s.')]),
  )

export function torchZip(canary: string, device: Device | null): FuzzReader {
  const honest = ['zip.pth', 'checkpoint.pt', 'strided.pth', 'parameters.pth', 'robustbench.pth'].map(torchFile)
  const archive = (pickle: Uint8Array, more: readonly ZipEntry[] = []) =>
    zipOf([stored('archive/data.pkl', pickle), ...more])
  const zeros = { ...stored('archive/data/0', new Uint8Array(30_000_000)), method: 8 }
  const many = Array.from({ length: 65_000 }, (_, i) => stored(`a/${i}`, new Uint8Array(0)))
  return {
    name: 'torch-zip',
    honest,
    hostile: [
      ...callingParts(canary).map((part, i) => ({
        name: 'calls.pth',
        bytes: archive(around(part)),
        what: `calls, way ${i}`,
      })),
      ...[...greedyPickles()].map(([what, pickle]) => ({ name: 'greedy.pth', bytes: archive(pickle), what })),
      {
        name: 'bomb.pth',
        bytes: archive(operationsAround('0', 7_500_000), [zeros]),
        what: 'thirty megabytes of zeros in thirty kilobytes',
      },
      {
        name: 'bomb.pth',
        bytes: archive(operationsAround('0', 7_500_000), [{ ...zeros, size: 100 }]),
        what: 'a bomb that says it is small',
      },
      {
        name: 'bomb.pth',
        bytes: zipOf([{ ...stored('archive/data.pkl', new Uint8Array(30_000_000).fill(0x5d)), method: 8 }]),
        what: 'a pickle that is a bomb',
      },
      {
        name: 'bombs.pth',
        bytes: archive(
          operationsAround('0', 10),
          Array.from({ length: 200 }, (_, i) => ({
            ...stored(`archive/data/x${i}`, new Uint8Array(20_000)),
            method: 8,
          })),
        ),
        what: 'two hundred bombs',
      },
      { name: 'many.pth', bytes: archive(operationsAround('0', 10), many), what: '65,000 entries' },
      {
        name: 'views.pth',
        bytes: archive(manyViews(20_000, [1_000_000], [1]), [stored('archive/data/0', new Uint8Array(4_000_000))]),
        what: '20,000 views of one storage',
      },
      {
        name: 'views.pth',
        bytes: archive(manyViews(20_000, [2], [900_000]), [stored('archive/data/0', new Uint8Array(4_000_000))]),
        what: '20,000 strided views of one storage',
      },
      {
        name: 'huge.pth',
        bytes: archive(manyViews(1, [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], [0, 0, 0]), [
          stored('archive/data/0', new Uint8Array(4)),
        ]),
        what: 'a tensor of 2^93 values that all are one',
      },
      {
        name: 'script.pth',
        bytes: zipOf([stored('a/code/x.py', text('1')), stored('a/constants.pkl', text('.'))]),
        what: 'TorchScript',
      },
      { name: 'empty.pth', bytes: zipOf([]), what: 'an empty archive' },
      ...['calls.pth', 'model.pth', 'empty.pth', 'numbers.pth'].map((name) => ({
        name,
        bytes: bytesOf(golden.hostile[name] ?? ''),
        what: name,
      })),
    ],
    mutations: [
      ({ name, bytes }, random) => ({ name, bytes: mutateZip(zipEntriesOf(bytes), random, onPickle(canary)) }),
      ({ name, bytes }, random) => ({
        name,
        bytes: zipOf(
          zipEntriesOf(bytes).map((entry) =>
            entry.name.endsWith('data.pkl')
              ? { ...entry, data: mutateOperations(operationsOf(entry.data), random, canary) }
              : entry,
          ),
        ),
      }),
    ],
    boundaries: ({ bytes }) => signatures(bytes, [0x50, 0x4b]),
    read: readModel(device),
  }
}

/** A pickle of one tensor with so many elements in the storage `key`. */
const operationsAround = (key: string, elements: number) => manyViews(1, [elements], [1], key)

/** A state dict of n tensors that all look at one storage. */
function manyViews(n: number, shape: readonly number[], strides: readonly number[], key = '0'): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x80, 2, 0x7d, 0x28)]
  const number = (value: number) =>
    Uint8Array.of(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24)
  const word = (value: string) =>
    new Uint8Array(Buffer.concat([Uint8Array.of(0x58, value.length & 255, value.length >> 8, 0, 0), text(value)]))
  for (let i = 0; i < n; i++) {
    parts.push(
      word(`t${i}`),
      text('ctorch._utils\n_rebuild_tensor_v2\n(('),
      word('storage'),
      text('ctorch\nFloatStorage\n'),
      word(key),
      word('cpu'),
      number(1_000_000),
      text('tQ'),
      number(0),
      text('('),
      ...shape.map(number),
      text('t('),
      ...strides.map(number),
      Uint8Array.of(0x74, 0x89),
      text('NtR'),
    )
  }
  parts.push(text('u.'))
  return new Uint8Array(Buffer.concat(parts))
}

function signatures(bytes: Uint8Array, signature: readonly number[]): number[] {
  const found = [0, bytes.length - 1]
  for (let at = 0; at + signature.length <= bytes.length; at++)
    if (signature.every((byte, i) => bytes[at + i] === byte)) found.push(at)
  return found
}

export function torchLegacy(canary: string, device: Device | null): FuzzReader {
  const honest = ['legacy.pth', 'nested.pth.tar'].map(torchFile)
  /** The five pickles in front of the numbers, and where they end. */
  const picklesOf = (bytes: Uint8Array) => {
    const found: Uint8Array[][] = []
    let at = 0
    for (let n = 0; n < 5; n++) {
      found.push(operationsOf(bytes, at))
      at += (found[n] as Uint8Array[]).reduce((sum, part) => sum + part.length, 0)
    }
    return { pickles: found, at }
  }
  const prefix = new Uint8Array(
    Buffer.concat(
      picklesOf((honest[0] as FuzzFile).bytes)
        .pickles.slice(0, 3)
        .flat(),
    ),
  )
  const whole = (pickle: Uint8Array, rest: Uint8Array = text('].')) =>
    new Uint8Array(Buffer.concat([prefix, pickle, rest]))
  return {
    name: 'torch-legacy',
    honest,
    hostile: [
      ...callingParts(canary).map((part, i) => ({
        name: 'calls.pth',
        bytes: whole(around(part)),
        what: `calls, way ${i}`,
      })),
      ...callingParts(canary).map((part, i) => ({
        name: 'calls.pth',
        bytes: around(part),
        what: `calls at once, way ${i}`,
      })),
      ...[...greedyPickles()].map(([what, pickle]) => ({ name: 'greedy.pth', bytes: whole(pickle), what })),
      {
        name: 'keys.pth',
        bytes: whole(
          manyViews(1, [4], [1]),
          new Uint8Array(
            Buffer.concat([
              text('](U\u00010U\u00010U\u00010e.'),
              new Uint8Array(8).fill(0xff),
              new Uint8Array(8).fill(0x7f),
            ]),
          ),
        ),
        what: 'a storage of 2^63 elements',
      },
      ...['calls-legacy.pth', 'calls.pkl.pth'].map((name) => ({
        name,
        bytes: bytesOf(golden.hostile[name] ?? ''),
        what: name,
      })),
    ],
    mutations: [
      ({ name, bytes }, random) => {
        const { pickles, at } = picklesOf(bytes)
        const which = random.chance(0.7) ? 3 : random.below(pickles.length)
        return {
          name,
          bytes: new Uint8Array(
            Buffer.concat([
              ...pickles.flatMap((pickle, i) => (i === which ? [mutateOperations(pickle, random, canary)] : pickle)),
              bytes.subarray(at),
            ]),
          ),
        }
      },
    ],
    boundaries: ({ bytes }) => signatures(bytes, [0x2e, 0x80]),
    read: readModel(device),
  }
}

export async function safetensors(device: Device | null): Promise<FuzzReader> {
  const { tensors } = await readTorch(torchFile('zip.pth').bytes, 'zip.pth')
  const honest = [
    { name: 'model.safetensors', bytes: writeSafetensors(tensors, { format: 'pt' }) },
    {
      name: 'told.safetensors',
      bytes: writeSafetensors(tensors, {
        mean: '[0.5,0.5,0.5]',
        std: '[0.2,0.2,0.2]',
        class_names: '["a","b","c","d","e","f","g"]',
        input_size: '[16,16]',
      }),
    },
  ]
  const rebuilt = (header: string, data: Uint8Array, length?: bigint) => {
    const head = text(header)
    const size = Buffer.alloc(8)
    size.writeBigUInt64LE(BigInt.asUintN(64, length ?? BigInt(head.length)))
    return new Uint8Array(Buffer.concat([size, head, data]))
  }
  const split = (bytes: Uint8Array) => {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
    return { header: new TextDecoder().decode(bytes.subarray(8, 8 + length)), data: bytes.slice(8 + length) }
  }
  const entry = (dtype: string, shape: readonly number[], offsets: readonly number[]) =>
    `{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${offsets.join()}]}`
  const hostile = (what: string, header: string, data = new Uint8Array(16), length?: bigint) => ({
    name: 'hostile.safetensors',
    bytes: rebuilt(header, data, length),
    what,
  })
  return {
    name: 'safetensors',
    honest,
    hostile: [
      hostile('overlap', `{"a":${entry('F32', [2], [0, 8])},"b":${entry('F32', [2], [4, 12])}}`),
      hostile(
        'the same place a thousand times',
        `{${Array.from({ length: 1000 }, (_, i) => `"${i}":${entry('F32', [4], [0, 16])}`).join()}}`,
      ),
      hostile('a name twice', `{"a":${entry('F32', [1], [0, 4])},"a":${entry('F32', [1], [4, 8])}}`),
      hostile('a hole', `{"a":${entry('F32', [1], [8, 12])}}`),
      hostile('sizes beyond numbers', `{"a":${entry('F32', [4294967296, 4294967296, 4294967296], [0, 16])}}`),
      hostile('a type that every object has', `{"a":${entry('toString', [4], [0, 16])}}`),
      hostile('__proto__', `{"__proto__":${entry('F32', [4], [0, 16])},"constructor":${entry('F32', [0], [0, 0])}}`),
      hostile('a header of 2^63 bytes', '{}', new Uint8Array(0), 1n << 63n),
      hostile('a header of all there is', '{}', new Uint8Array(0), 100_000_000n),
      hostile('deep nesting', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      hostile(
        'a million nothings',
        `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":${entry('F32', [0], [0, 0])}`).join()}}`,
      ),
      hostile('half a surrogate', '{"\ud800":1}'),
    ],
    mutations: [
      ({ name, bytes }, random) => {
        const { header, data } = split(bytes)
        return { name, bytes: rebuilt(mutateJson(header, random), data) }
      },
      ({ name, bytes }, random) => {
        const { header, data } = split(bytes)
        return {
          name,
          bytes: rebuilt(
            header,
            data,
            random.pick([0n, 1n, 7n, BigInt(bytes.length), BigInt(bytes.length - 8), -1n, 1n << 62n]),
          ),
        }
      },
    ],
    boundaries: ({ bytes }) => [0, 7, 8, 9, ...signatures(bytes, [0x7b]), ...signatures(bytes, [0x7d])],
    read: readModel(device),
  }
}

export function onnx(device: Device | null): FuzzReader {
  const honest: FuzzFile[] = [
    'every-op-9.onnx',
    'every-op-13.onnx',
    'every-op-17.onnx',
    'every-op-21.onnx',
    'folded.onnx',
    'torchscript.onnx',
  ].map((name) => ({ name, bytes: bytesOf(golden.onnx[name]?.file ?? '') }))
  honest.push(withExternalData((honest[2] as FuzzFile).bytes))
  const trees = new Map(honest.map((file) => [file.name, parseFields(file.bytes)]))
  return {
    name: 'onnx',
    honest,
    hostile: [
      ...absurdOnnx(trees.get('every-op-17.onnx') ?? []),
      ...['lstm.onnx', 'resize.onnx', 'old.onnx', 'outside.onnx'].map((name) => ({
        name,
        bytes: bytesOf(golden.hostile[name] ?? ''),
        what: name,
      })),
    ],
    mutations: [(file, random) => ({ ...file, bytes: mutateFields(trees.get(file.name) ?? [], random) })],
    boundaries: ({ bytes }) => Array.from({ length: 64 }, (_, i) => Math.floor((bytes.length * i) / 64)),
    read: readModel(device),
  }
}

/** The first tensors' values in a file of their own. */
function withExternalData(bytes: Uint8Array): FuzzFile {
  const tree = parseFields(bytes)
  const graph = tree.find(({ tag }) => tag === 7)?.value as ReturnType<typeof parseFields>
  const pieces: Uint8Array[] = []
  let offset = 0
  const pair = (key: string, value: string) => ({
    tag: 13,
    wire: 2,
    value: [
      { tag: 1, wire: 2, value: text(key) },
      { tag: 2, wire: 2, value: text(value) },
    ],
  })
  for (const { tag, value } of graph) {
    if (tag !== 5 || !Array.isArray(value)) continue
    const at = value.findIndex((field) => field.tag === 9)
    const raw = value[at]?.value
    if (!(raw instanceof Uint8Array) || raw.length < 32) continue
    value.splice(
      at,
      1,
      pair('location', 'weights.bin'),
      pair('offset', String(offset)),
      pair('length', String(raw.length)),
      { tag: 14, wire: 0, value: 1n },
    )
    pieces.push(raw)
    offset += raw.length
  }
  return {
    name: 'external.onnx',
    bytes: fieldBytes(tree),
    beside: { 'weights.bin': new Uint8Array(Buffer.concat(pieces)) },
  }
}

/** Cuts, odd values and lies in model.json, and in what its nodes' attributes carry in base64. */
const mutateTfjs = (file: FuzzFile, random: FuzzRandom): FuzzFile => ({
  ...file,
  bytes: text(mutateJson(new TextDecoder().decode(file.bytes), random)),
})

const manifest = (paths: readonly string[], weights: readonly unknown[], nodes: readonly unknown[] = []) => ({
  name: 'model.json',
  bytes: text(
    JSON.stringify({ format: 'graph-model', modelTopology: { node: nodes }, weightsManifest: [{ paths, weights }] }),
  ),
  beside: { 'w.bin': new Uint8Array(64) },
})

export async function tfjsGraph(device: Device | null): Promise<FuzzReader> {
  const honest: FuzzFile[] = []
  for (const name of ['torchscript.onnx', 'folded.onnx']) {
    const described = describeModel(
      await readWeightsFile(bytesOf(golden.onnx[name]?.file ?? ''), name, () => Promise.reject(new Error('no parts'))),
      { fileName: name },
    )
    const files = networkToTfjs({
      architecture: described,
      values: described.values,
      width: 16,
      height: 16,
      metadata: {},
    } as never)
    const [main, ...rest] = [...files]
    honest.push({ name: 'model.json', bytes: main?.[1] as Uint8Array, beside: Object.fromEntries(rest) })
  }
  const chain = Array.from({ length: 20_000 }, (_, i) => ({
    name: `n${i}`,
    op: 'Relu',
    input: [i === 0 ? 'x' : `n${i - 1}`],
  }))
  return {
    name: 'tfjs-graph',
    honest,
    hostile: [
      { ...manifest(['../../../etc/passwd'], []), what: 'a shard elsewhere' },
      { ...manifest(['/etc/passwd'], []), what: 'a shard by an absolute path' },
      { ...manifest(['..\\x'], []), what: 'a shard by a Windows path' },
      { ...manifest(['.'], []), what: 'a shard that is a folder' },
      {
        ...manifest(
          Array.from({ length: 9000 }, () => 'w.bin'),
          [],
        ),
        what: 'one shard nine thousand times',
      },
      {
        ...manifest(['w.bin'], [{ name: 'a', shape: [2 ** 31, 2 ** 31, 2 ** 31], dtype: 'float32' }]),
        what: 'weights of 2^93 values',
      },
      {
        ...manifest(['w.bin'], [{ name: 'a', shape: [4], dtype: 'constructor' }]),
        what: 'a type that every object has',
      },
      {
        ...manifest(
          ['w.bin'],
          [{ name: 'a', shape: [4], dtype: 'float32', quantization: { dtype: 'uint8', scale: 1e308, min: -1e308 } }],
        ),
        what: 'quantised beyond numbers',
      },
      {
        ...manifest(['w.bin'], [{ name: 'a', shape: [3], dtype: 'float32', quantization: { dtype: 'uint16' } }]),
        what: 'quantised to an odd number of bytes',
      },
      {
        ...manifest(
          ['w.bin'],
          [],
          [
            { name: 'a', op: 'Relu', input: ['b'] },
            { name: 'b', op: 'Relu', input: ['a'] },
            { name: 'c', op: 'Relu', input: ['a'] },
          ],
        ),
        what: 'a circle',
      },
      { ...manifest(['w.bin'], [], [{ name: 'x', op: 'Placeholder' }, ...chain]), what: 'twenty thousand rectifiers' },
    ],
    mutations: [mutateTfjs],
    boundaries: ({ bytes }) => Array.from({ length: 64 }, (_, i) => Math.floor((bytes.length * i) / 64)),
    read: readModel(device),
  }
}

export function tfjsLayers(device: Device | null): FuzzReader {
  return {
    name: 'tfjs-layers',
    honest: [kerasModel(false), kerasModel(true)],
    hostile: [],
    mutations: [mutateTfjs],
    boundaries: ({ bytes }) => Array.from({ length: 64 }, (_, i) => Math.floor((bytes.length * i) / 64)),
    read: readModel(device),
  }
}

/** The JSON beside an export of ours: what it says of the model, class names among it. */
export async function modelCard(): Promise<FuzzReader> {
  const { bytes } = torchFile('zip.pth')
  const card = JSON.stringify({
    model: {
      name: 'a',
      metadata: {
        mean: '[0.5,0.5,0.5]',
        std: '[0.2,0.2,0.2]',
        class_names: '["a","b","c","d","e","f","g"]',
        input_size: '[16,16]',
        stem_stride: '1',
      },
    },
    run: { id: 1 },
  })
  return {
    name: 'model-card',
    honest: [{ name: 'model.pth.card.json', bytes: text(card), beside: { 'model.pth': bytes } }],
    hostile: [
      {
        name: 'model.pth.card.json',
        bytes: text('['.repeat(1_000_000)),
        beside: { 'model.pth': bytes },
        what: 'deep nesting',
      },
      {
        name: 'model.pth.card.json',
        bytes: text('{"__proto__":{"polluted":1},"model":{"metadata":{"__proto__":"x","constructor":"[1]"}}}'),
        beside: { 'model.pth': bytes },
        what: '__proto__',
      },
      {
        name: 'model.pth.card.json',
        bytes: text(`{"model":{"metadata":{"class_names":"${'['.repeat(100_000)}"}}}`),
        beside: { 'model.pth': bytes },
        what: 'deep nesting in a text',
      },
      {
        name: 'model.pth.card.json',
        bytes: new Uint8Array(30_000_000).fill(0x20),
        beside: { 'model.pth': bytes },
        what: 'thirty megabytes of spaces',
      },
    ],
    mutations: [
      (file, random) => ({ ...file, bytes: text(mutateJson(card, random)) }),
      (file, random) => {
        const root = JSON.parse(card) as { model: { metadata: Record<string, string> } }
        const key = random.pick(Object.keys(root.model.metadata))
        root.model.metadata[key] = mutateJson(root.model.metadata[key] as string, random)
        return { ...file, bytes: text(JSON.stringify(root)) }
      },
    ],
    read: async (path) =>
      void (await modelDetails(
        modelOptionsSchema.parse({ kind: 'file', path: join(dirname(path), 'model.pth') }),
        resources,
        lanes,
        100,
      )),
  }
}
