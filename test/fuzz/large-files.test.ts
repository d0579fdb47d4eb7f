// Memory of reading large weights files: the file's own bytes and the values made of them, no third copy. Measured at the peak, in processes of their own.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { writeOnnx, type OnnxWriteNode } from '#engine/models/formats/onnx/onnx-proto-write.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { writeTorch } from '#engine/models/formats/torch/torch-write.ts'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'palm-large-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const linux = existsSync('/proc/self/clear_refs')

/** 22 convolutions of 512 channels: 189 MiB. */
function weights(): Map<string, FileTensor> {
  return new Map(
    Array.from({ length: 22 }, (_, i) => {
      const shape = [512, i === 0 ? 3 : 512, 3, 3]
      return [
        `conv${i}.weight`,
        { shape, data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(0.01) },
      ] as const
    }),
  )
}

function peakOf(
  name: string,
  bytes: Uint8Array,
  beside: Readonly<Record<string, Uint8Array>> = {},
): { said: string; ratio: number } {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  for (const [part, data] of Object.entries(beside)) writeFileSync(join(folder, part), data)
  const result = JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, 'read-large.ts'), path], { encoding: 'utf8' }),
  ) as { said: string; ratio: number }
  console.log(
    `${name}, ${(bytes.length / 2 ** 20).toFixed(0)} MiB: ${result.ratio.toFixed(2)} times its size at the peak`,
  )
  return result
}

const onnx = (nodes: readonly OnnxWriteNode[], tensors: ReadonlyMap<string, FileTensor>) =>
  writeOnnx({
    opset: 17,
    version: '1',
    nodes,
    initializers: [...tensors].map(([name, { shape, data }]) => ({ name, shape, data })),
    input: { name: 'x', dims: ['N', 3, 32, 32] },
    output: { name: 'scores', dims: ['N', 10] },
    metadata: {},
  })

test.runIf(linux)('a large .pth and a large .safetensors take twice their size', () => {
  expect(peakOf('large.pth', writeTorch(weights())).ratio).toBeLessThan(2.3)
  expect(peakOf('large.safetensors', writeSafetensors(weights())).ratio).toBeLessThan(2.3)
})

test.runIf(linux)('a large .onnx takes twice its size, also when a matrix of most of it is turned around', () => {
  const tensors = weights()
  const nodes: OnnxWriteNode[] = [...tensors.keys()].map((weight, i) => ({
    op: 'Conv',
    name: `c${i}`,
    inputs: [i === 0 ? 'x' : `y${i - 1}`, weight],
    outputs: [`y${i}`],
    attributes: { pads: [1, 1, 1, 1], kernel_shape: [3, 3] },
  }))
  const end: OnnxWriteNode[] = [
    { op: 'GlobalAveragePool', name: 'mean', inputs: ['y21'], outputs: ['mean'] },
    { op: 'Flatten', name: 'flat', inputs: ['mean'], outputs: ['flat'] },
    { op: 'MatMul', name: 'end', inputs: ['flat', 'matrix'], outputs: ['scores'] },
  ]
  tensors.set('matrix', { shape: [512, 10], data: new Float32Array(5120).fill(0.1) })
  const plain = peakOf('large.onnx', onnx([...nodes, ...end], tensors))
  expect(plain).toMatchObject({ said: 'onnx' })
  expect(plain.ratio).toBeLessThan(2.3)
  const wide = new Map<string, FileTensor>([
    ['w', tensors.get('conv0.weight') as FileTensor],
    ['m', { shape: [512 * 1024, 90], data: new Float32Array(512 * 1024 * 90).fill(0.1) }],
    ['n', { shape: [90, 10], data: new Float32Array(900).fill(0.1) }],
  ])
  const matrix = peakOf(
    'matrix.onnx',
    onnx(
      [
        {
          op: 'Conv',
          name: 'c',
          inputs: ['x', 'w'],
          outputs: ['y'],
          attributes: { pads: [1, 1, 1, 1], kernel_shape: [3, 3] },
        },
        { op: 'Flatten', name: 'f', inputs: ['y'], outputs: ['f'] },
        { op: 'MatMul', name: 'm', inputs: ['f', 'm'], outputs: ['z'] },
        { op: 'MatMul', name: 'n', inputs: ['z', 'n'], outputs: ['scores'] },
      ],
      wide,
    ),
  )
  expect(matrix).toMatchObject({ said: 'onnx' })
  expect(matrix.ratio).toBeLessThan(3)
})
