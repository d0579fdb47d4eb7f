// The page of exports: its commands are run, then the lines that it gives to load what they wrote, as it gives them, each by the program that it is for. What they answer is compared
// with the adapted model's own answers.
import { spawnSync } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { openModel, readModelFile } from '#session/open-model.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { blocksOf, root } from '#test/helpers/markdown.ts'
import { bundledResources } from '#test/helpers/narrow-sample.ts'
import { readersFolder, runPage } from '#test/helpers/page-commands.ts'
import { palmIn } from '#test/helpers/palm-here.ts'

const [count, side] = [3, 64]
/** RGBA, as a canvas gives it. */
const bytes = Uint8Array.from(new NumpyRandom(5).uniforms(count * side * side * 4, 0, 256))
// The page's network is the bundled one.
const folder = readersFolder(bundledResources)
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})
let adapted: number[][]
let source: number[][]

/** Scores of a weights file, by our own engine. */
async function scoresOf(path: string): Promise<number[][]> {
  const device = loadDevice()
  const options = modelOptionsSchema.parse({ kind: 'file', path })
  const model = openModel(device, await readModelFile(options, join(root, 'resources')), options)
  const rgb = Float32Array.from(
    { length: count * side * side * 3 },
    (_, i) => (bytes[4 * Math.floor(i / 3) + (i % 3)] ?? 0) / 255,
  )
  const pixels = device.fromArray(rgb, [count, side, side, 3])
  const { values } = await predict(device, model, model.parameters, pixels, { statistics: 'source' })
  pixels.dispose()
  model.dispose()
  return Array.from({ length: count }, (_, i) => [...values.subarray(10 * i, 10 * (i + 1))])
}

beforeAll(async () => {
  vi.stubEnv('PALM_RESOURCES', undefined)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'pictures.bin'), bytes)
  expect(await runPage('docs/guide/export.md', folder)).toBeGreaterThan(4)
  adapted = await scoresOf(join(folder, 'adapted.safetensors'))
  source = await scoresOf(join(root, 'resources/models/eurosat-resnet20.safetensors'))
})

function expectAdapted(found: number[][]): void {
  const difference = (from: number[][]) =>
    Math.max(...found.flatMap((row, i) => row.map((value, c) => Math.abs(value - (from[i]?.[c] ?? NaN)))))
  expect(found.map(({ length }) => length)).toEqual([10, 10, 10])
  expect(difference(adapted)).toBeLessThan(1e-3)
  expect(difference(source)).toBeGreaterThan(0.1) // and it is not the source model
}

function answers(program: string, script: string): number[][] {
  const { status, stdout, stderr } = spawnSync(program, [script], { cwd: folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as number[][]
}

test.each(['load-onnx.mjs', 'load-tfjs.mjs'])('%s answers as the adapted model does', (file) => {
  // A page's server gives the files; here there is none.
  writeFileSync(
    join(folder, `try-${file}`),
    `import { readFileSync } from 'node:fs'
globalThis.fetch = async (path) => new Response(readFileSync(path))
const { scores } = await import('./${file}')
const rgba = new Uint8ClampedArray(readFileSync('pictures.bin'))
const each = ${side * side * 4}
const rows = []
for (let at = 0; at < rgba.length; at += each) rows.push([...(await scores(rgba.subarray(at, at + each)))])
console.log(JSON.stringify(rows))
process.exit(0)
`,
  )
  expectAdapted(answers(process.execPath, `try-${file}`))
})

const python = process.env.PALM_PYTHON ?? 'python3'
const hasPython = (...modules: string[]) =>
  spawnSync(python, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' }).status === 0
const pixels = `numpy.fromfile('pictures.bin', numpy.uint8).reshape(${count}, ${side}, ${side}, 4)[..., :3].transpose(0, 3, 1, 2).astype('float32') / 255`

test.for([
  ['load_pytorch', 'torch', 'torch.tensor(pixels)'],
  ['load_safetensors', 'safetensors.torch', 'torch.tensor(pixels)'],
  ['load_onnx', 'onnxruntime', 'pixels'],
] as const)('%s answers as the adapted model does, where this Python has %s', ([file, library, given], { skip }) => {
  if (!hasPython('numpy', library)) skip(`${python} has no ${library} (PALM_PYTHON names one that has)`)
  writeFileSync(
    join(folder, `try_${file}.py`),
    `import json, numpy, ${library.split('.')[0] === 'onnxruntime' ? library : 'torch'}
from ${file} import scores
pixels = ${pixels}
print(json.dumps(scores(${given}).tolist()))
`,
  )
  expectAdapted(answers(python, `try_${file}.py`))
})

test('what the page of models saves in Python is read with all that can adapt, where this Python has torch and onnx', async ({
  skip,
}) => {
  if (!hasPython('torch', 'onnx')) skip(`${python} has no torch, or no onnx (PALM_PYTHON names one that has)`)
  const saving = blocksOf('docs/guide/models.md').find(({ file }) => file === 'save_model.py')
  writeFileSync(join(folder, 'save_model.py'), saving?.text ?? '')
  const { status, stderr } = spawnSync(python, ['save_model.py'], { cwd: folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const palm = palmIn(join(folder, 'store'))
  for (const name of ['model.pth', 'model.onnx']) {
    const { code, out, err } = await palm('models', 'inspect', join(folder, name))
    expect(code, err).toBe(0)
    expect(out, name).toContain('57 tensors can adapt')
  }
})
