// Networks that are well-formed ONNX and make no sense: circles, outputs twice, giant and empty kernels, stride 0, ranks that do not fit.
import { fieldBytes, parseFields, varintBytes, type Field } from '#test/fuzz/protobuf-tree.ts'
import type { FuzzFile } from '#test/fuzz/reader.ts'

const text = (value: string) => new TextEncoder().encode(value)
const bytes = (tag: number, value: Uint8Array | string | Field[]): Field => ({
  tag,
  wire: 2,
  value: typeof value === 'string' ? text(value) : value,
})
const number = (tag: number, value: number | bigint): Field => ({ tag, wire: 0, value: BigInt(value) })

const ints = (name: string, ...values: number[]): Field =>
  bytes(5, [bytes(1, name), ...values.map((value) => number(8, value)), number(20, 7)])
const int = (name: string, value: number): Field => bytes(5, [bytes(1, name), number(3, value), number(20, 2)])
const node = (op: string, inputs: readonly string[], outputs: readonly string[], ...attributes: Field[]): Field =>
  bytes(1, [
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    ...attributes,
  ])
const tensor = (name: string, dims: readonly (number | bigint)[], values: number): Field =>
  bytes(5, [
    ...dims.map((n) => number(1, n)),
    number(2, 1),
    bytes(8, name),
    bytes(9, new Uint8Array(new Float32Array(values).fill(0.1).buffer)),
  ])
const shape = (name: string, values: readonly number[]): Field =>
  bytes(5, [
    number(1, values.length),
    number(2, 7),
    bytes(8, name),
    bytes(9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
  ])
const info = (tag: number, name: string, dims: readonly number[]): Field =>
  bytes(tag, [
    bytes(1, name),
    bytes(2, [
      bytes(1, [
        number(1, 1),
        bytes(
          2,
          dims.map((dim) => bytes(1, [number(1, dim)])),
        ),
      ]),
    ]),
  ])

function model(
  what: string,
  nodes: readonly Field[],
  tensors: readonly Field[],
  options: { input?: number[]; output?: number[]; end?: string } = {},
): FuzzFile & { what: string } {
  const graph = [
    ...nodes,
    ...tensors,
    info(11, 'x', options.input ?? [1, 3, 16, 16]),
    info(12, options.end ?? 'y', options.output ?? [1, 5]),
  ]
  return {
    name: 'absurd.onnx',
    bytes: fieldBytes([number(1, 8), bytes(7, graph), bytes(8, [bytes(1, ''), number(2, 17)])]),
    what,
  }
}

export function absurdOnnx(honest: readonly Field[]): (FuzzFile & { what: string })[] {
  const conv = (...attributes: Field[]) => node('Conv', ['x', 'w'], ['c'], ...attributes)
  const end = [node('GlobalAveragePool', ['c'], ['p']), node('Flatten', ['p'], ['y'])]
  const w = tensor('w', [5, 3, 3, 3], 135)
  const doubled = structuredClone([...honest])
  const graph = doubled.find(({ tag }) => tag === 7)?.value as Field[]
  graph.push(...structuredClone(graph))
  const manyParts = new Uint8Array(Buffer.concat(Array.from({ length: 1_000_000 }, () => Uint8Array.of(0x0a, 0))))
  const manyPairs = Array.from({ length: 100_000 }, (_, i) => bytes(13, [bytes(1, `k${i}`), bytes(2, 'v')]))
  return [
    model('kernel larger than the image', [conv(), ...end], [tensor('w', [5, 3, 41, 41], 5 * 3 * 41 * 41)]),
    model('stride 0', [conv(ints('strides', 0, 0)), ...end], [w]),
    model('stride -1', [conv(ints('strides', -1, -1)), ...end], [w]),
    model('group 0', [conv(int('group', 0)), ...end], [w]),
    model('group -3', [conv(int('group', -3)), ...end], [w]),
    model('dilation 64', [conv(ints('dilations', 64, 64)), ...end], [w]),
    model('an empty kernel', [conv(), ...end], [tensor('w', [5, 3, 0, 0], 0)]),
    model('no channels', [conv(), ...end], [tensor('w', [0, 3, 3, 3], 0)]),
    model('a billion channels', [conv(), ...end], [tensor('w', [1_000_000_000, 3, 3, 3], 135)]),
    model('2^63 channels', [conv(), ...end], [tensor('w', [(1n << 63n) - 1n, 3, 3, 3], 135)]),
    model('a kernel of three axes', [conv(), ...end], [tensor('w', [5, 9, 3], 135)]),
    model('pads below zero', [conv(ints('pads', -5, -5, -5, -5)), ...end], [w]),
    model('pads of a billion', [conv(ints('pads', 1e9, 1e9, 1e9, 1e9)), ...end], [w]),
    model(
      'a pool larger than the image',
      [
        conv(),
        node('MaxPool', ['c'], ['q'], ints('kernel_shape', 40, 40)),
        node('GlobalAveragePool', ['q'], ['p']),
        node('Flatten', ['p'], ['y']),
      ],
      [w],
    ),
    model(
      'a pool of size 0',
      [
        conv(),
        node('AveragePool', ['c'], ['q'], ints('kernel_shape', 0, 0)),
        node('GlobalAveragePool', ['q'], ['p']),
        node('Flatten', ['p'], ['y']),
      ],
      [w],
    ),
    model('an input of a billion pixels a side', [conv(), ...end], [w], { input: [1, 3, 1e9, 1e9] }),
    model('an input of one pixel', [conv(), ...end], [w], { input: [1, 3, 1, 1] }),
    model(
      'a sum of unequal sizes',
      [
        conv(),
        node('Conv', ['x', 'w'], ['d'], ints('strides', 2, 2)),
        node('Add', ['c', 'd'], ['e']),
        node('GlobalAveragePool', ['e'], ['p']),
        node('Flatten', ['p'], ['y']),
      ],
      [w],
    ),
    model(
      'joined from unequal sizes',
      [
        conv(),
        node('Conv', ['x', 'w'], ['d'], ints('strides', 2, 2)),
        node('Concat', ['c', 'd'], ['e'], int('axis', 1)),
        node('GlobalAveragePool', ['e'], ['p']),
        node('Flatten', ['p'], ['y']),
      ],
      [w],
      { output: [1, 10] },
    ),
    model(
      'a linear layer of other features',
      [conv(), node('Flatten', ['c'], ['f']), node('MatMul', ['f', 'm'], ['y'])],
      [w, tensor('m', [7, 5], 35)],
    ),
    model('a circle', [node('Conv', ['e', 'w'], ['c']), node('Relu', ['c'], ['e']), ...end], [w]),
    model('an output given twice', [conv(), node('Relu', ['c'], ['c']), node('Relu', ['c'], ['c']), ...end], [w]),
    model('an output that is the input', [], [w], { end: 'x' }),
    model('an input that is not there', [node('Conv', ['nothing', 'w'], ['c']), ...end], [w]),
    model('Conv without inputs', [node('Conv', [], ['c']), ...end], [w]),
    model(
      'Reshape of a constant to a billion',
      [node('Reshape', ['w', 's'], ['v']), node('Conv', ['x', 'v'], ['c']), ...end],
      [w, shape('s', [1e9, 1e9, 1e9, 1e9])],
    ),
    model(
      'Reshape of a constant to zeros',
      [node('Reshape', ['w', 's'], ['v']), node('Conv', ['x', 'v'], ['c']), ...end],
      [w, shape('s', [0, -1, -1, 0])],
    ),
    model(
      'Gather far outside',
      [node('Shape', ['x'], ['s']), node('Gather', ['s', 'i'], ['g']), conv(), ...end],
      [w, shape('i', [1e15, -1e15])],
    ),
    model(
      'Split into a million',
      [
        conv(),
        node(
          'Split',
          ['c'],
          Array.from({ length: 10_000 }, (_, i) => `o${i}`),
          int('axis', 1),
        ),
        ...end,
      ],
      [w],
    ),
    model(
      'a sum that doubles sixty times',
      [
        conv(),
        ...Array.from({ length: 60 }, (_, i) =>
          node('Concat', [i === 0 ? 'c' : `k${i - 1}`, i === 0 ? 'c' : `k${i - 1}`], [`k${i}`], int('axis', 1)),
        ),
        node('GlobalAveragePool', ['k59'], ['p']),
        node('Flatten', ['p'], ['y']),
      ],
      [w],
      { output: [1, 5] },
    ),
    model(
      'ten thousand rectifiers',
      [
        conv(),
        ...Array.from({ length: 10_000 }, (_, i) => node('Relu', [i === 0 ? 'c' : `k${i - 1}`], [`k${i}`])),
        node('GlobalAveragePool', ['k9999'], ['p']),
        node('Flatten', ['p'], ['y']),
      ],
      [w],
    ),
    model(
      'a hundred thousand pairs of external data',
      [conv(), ...end],
      [bytes(5, [number(2, 1), bytes(8, 'w'), ...manyPairs])],
    ),
    model(
      'dims without end',
      [conv(), ...end],
      [bytes(5, [bytes(1, new Uint8Array(3_000_000).fill(1)), number(2, 1), bytes(8, 'w')])],
    ),
    { name: 'doubled.onnx', bytes: fieldBytes(doubled), what: 'every part twice' },
    {
      name: 'many.onnx',
      bytes: fieldBytes([number(1, 8), bytes(7, manyParts), bytes(8, [bytes(1, ''), number(2, 17)])]),
      what: 'a million empty nodes',
    },
    {
      name: 'varint.onnx',
      bytes: new Uint8Array(
        Buffer.concat([Uint8Array.of(0x08, 0x08, 0x3a), new Uint8Array(9).fill(0xff), Uint8Array.of(1)]),
      ),
      what: 'a part of 2^63 bytes',
    },
    {
      name: 'varint.onnx',
      bytes: new Uint8Array(Buffer.concat([Uint8Array.of(0x08), new Uint8Array(1_000_000).fill(0xff)])),
      what: 'a number of a million bytes',
    },
    { name: 'nested.onnx', bytes: nestedMessages(), what: 'parts in parts, a thousand deep' },
    {
      name: 'lying.onnx',
      bytes: new Uint8Array(
        Buffer.concat([
          Uint8Array.of(0x08, 0x08, 0x3a),
          varintBytes(40n),
          Uint8Array.of(0x0a),
          varintBytes(60n),
          new Uint8Array(60),
        ]),
      ),
      what: 'a part that is larger than what it is in',
    },
  ]
}

function nestedMessages(): Uint8Array {
  let inner: Uint8Array = new Uint8Array(0)
  for (let i = 0; i < 1000; i++) inner = fieldBytes([{ tag: i % 2 === 0 ? 7 : 1, wire: 2, value: inner }])
  parseFields(Uint8Array.of(8, 8))
  return new Uint8Array(Buffer.concat([Uint8Array.of(0x08, 0x08), inner]))
}
