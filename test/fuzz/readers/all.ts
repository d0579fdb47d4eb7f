// All readers by name, made when they are asked for.
import type { Device } from '#engine/compute/device.ts'
import type { FuzzReader } from '#test/fuzz/reader.ts'
import { layerBlob, stateBlob } from './blobs.ts'
import { harnessCanary } from './harness-canary.ts'
import { bmp, gif, jpeg, png, webp } from './images.ts'
import { csv, jsonl, npyReader, npz, tar, tsv, zip } from './inputs.ts'
import { modelCard, onnx, safetensors, tfjsGraph, tfjsLayers, torchLegacy, torchZip } from './models.ts'
import { tiff } from './tiff.ts'

type Make = (canary: string, device: Device | null) => FuzzReader | Promise<FuzzReader>

export const readers = {
  'torch-zip': torchZip,
  'torch-legacy': torchLegacy,
  safetensors: (_, device) => safetensors(device),
  onnx: (_, device) => onnx(device),
  'tfjs-graph': (_, device) => tfjsGraph(device),
  'tfjs-layers': (_, device) => tfjsLayers(device),
  'model-card': modelCard,
  jpeg,
  png,
  webp,
  bmp,
  gif,
  tiff,
  npy: npyReader,
  npz,
  zip,
  tar,
  csv,
  tsv,
  jsonl,
  'state-blob': stateBlob,
  'layer-blob': layerBlob,
  'harness-canary': harnessCanary,
} as const satisfies Record<string, Make>

export type ReaderName = keyof typeof readers
/** `harness-canary` is not one of the program's. */
export const readerNames: readonly ReaderName[] = (Object.keys(readers) as ReaderName[]).filter(
  (name) => name !== 'harness-canary',
)
/** Those whose networks are run, where there is a device. */
export const onDevice: ReadonlySet<string> = new Set([
  'torch-zip',
  'torch-legacy',
  'safetensors',
  'onnx',
  'tfjs-graph',
  'tfjs-layers',
])
