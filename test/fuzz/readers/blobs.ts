// What the program's own database keeps as bytes: a lane's state (checkpoints, resuming) and a step's layer report. A damaged disk mutates them too.
import { readFileSync } from 'node:fs'
import { decodeState, encodeState } from '#session/state-blob.ts'
import { decodeLayers, encodeLayers } from '#store/codecs/layer-blob.ts'
import { mutateBlindly } from '#test/fuzz/blind-mutations.ts'
import { mutateJson } from '#test/fuzz/json-mutations.ts'
import type { FuzzReader } from '#test/fuzz/reader.ts'

export function stateBlob(): FuzzReader {
  const arrays = new Map([
    ['param/conv1.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['adam/m', { shape: [2], data: Float32Array.of(0.1, 0.2) }],
  ])
  const bytes = encodeState({ scalars: { step: 3, seeds: [1, 2], nested: { on: true } }, arrays }, () => false, {
    best: 0.5,
  })
  return {
    name: 'state-blob',
    honest: [{ name: 'state.bin', bytes }],
    hostile: [],
    mutations: [
      ({ name, bytes: own }, random) => {
        const length = Number(new DataView(own.buffer, own.byteOffset).getBigUint64(0, true))
        const header = JSON.parse(new TextDecoder().decode(own.subarray(8, 8 + length))) as Record<string, unknown> & {
          __metadata__: Record<string, string>
        }
        if (random.chance(0.5))
          header.__metadata__.scalars = random.chance(0.5)
            ? mutateJson(header.__metadata__.scalars as string, random)
            : new TextDecoder('latin1').decode(
                mutateBlindly(new TextEncoder().encode(header.__metadata__.scalars), random),
              )
        const text = new TextEncoder().encode(
          random.chance(0.5) ? mutateJson(JSON.stringify(header), random) : JSON.stringify(header),
        )
        const size = Buffer.alloc(8)
        size.writeBigUInt64LE(BigInt(text.length))
        return { name, bytes: new Uint8Array(Buffer.concat([size, text, own.subarray(8 + length)])) }
      },
    ],
    read: async (path) => void decodeState(readFileSync(path), 'checkpoint 1'),
  }
}

export function layerBlob(): FuzzReader {
  const bytes = encodeLayers({
    states: [0, 1, 2, 0, 1],
    scores: [1, 2, null, 4, 5],
    importances: [1, 1, 1, 1, 1],
    learningRates: [0, 0, 0, 1, 1],
    changes: null,
  })
  const counted = (count: number) => {
    const out = bytes.slice()
    new DataView(out.buffer).setUint32(4, count, true)
    return out
  }
  return {
    name: 'layer-blob',
    honest: [{ name: 'layers.bin', bytes }],
    hostile: [
      { name: 'layers.bin', bytes: counted(2 ** 32 - 1), what: 'four billion tensors' },
      { name: 'layers.bin', bytes: counted(0), what: 'no tensors' },
    ],
    mutations: [],
    boundaries: () => [0, 1, 4, 8, 16],
    read: async (path) => void decodeLayers(readFileSync(path)),
  }
}
