// What is given beside an ONNX file: by options, or as the library has kept it beside its copy.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ModelLibrary } from '#app/services/models/model-library.ts'
import { describeModelFile } from '#app/wiring/models.ts'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'
import { describeModel } from '#engine/models/load.ts'
import { readContents } from '#session/open-model.ts'
import { openStore } from '#store/store.ts'

const { plain, weights } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/onnx-exports.json'), 'utf8'),
) as { plain: Record<string, { file: string }>; weights: string }
const resources = join(import.meta.dirname, '../../resources')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-reading-'))
  writeFileSync(join(folder, 'm.onnx'), Buffer.from(plain.dynamo?.file ?? '', 'base64'))
  writeFileSync(join(folder, 'm.pth'), Buffer.from(weights, 'base64'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const norms = (path: string, contents: Awaited<ReturnType<typeof readContents>>) =>
  describeModel(contents, { fileName: path }).tensors.filter(({ kind }) => kind === 'bn-weight').length

test('a state dict beside an ONNX file brings its batch norms back; beside another kind of file it is refused', async () => {
  const path = join(folder, 'm.onnx')
  expect(norms(path, await readContents(path))).toBe(0)
  expect(norms(path, await readContents(path, { weights: join(folder, 'm.pth'), output: null }))).toBe(2)
  const dict = join(folder, 'm.pth')
  await expect(readContents(dict, { weights: dict, output: null })).rejects.toThrow('Leave out --weights')
  await expect(readContents(dict, { weights: null, output: 'y' })).rejects.toThrow('Leave out --output')
  await expect(readContents(path, { weights: path, output: null })).rejects.toThrow('a state dict is needed beside')
})

test('the library keeps them with its copy', async () => {
  const store = openStore(join(folder, 'palm.sqlite'))
  const library = new ModelLibrary({
    records: store.models,
    dataFolder: folder,
    describe: (model) => describeModelFile(resources, model, 8),
    partsOf: () => Promise.resolve([]),
    fetch: () => Promise.reject(new Error('nothing is fetched')),
    now: Date.now,
  })
  const added = await library.add(join(folder, 'm.onnx'), { weights: join(folder, 'm.pth') })
  expect(norms(added.path, await readContents(added.path))).toBe(2)
  const details = await describeModelFile(resources, modelOptionsSchema.parse({ kind: 'file', path: added.path }), 8)
  expect(details.hash).toBe(added.hash)
  store.close()
})
