// A device that lies is caught: each native kernel in turn made wrong by a percent, and CUDA's gradient of batch norm fed as it once was.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { refusedDevices } from '#app/services/machine/device-notes.ts'
import { deviationsInWords, keptProofFile, keptProofsSchema, type ProvenSubject } from '#contract/device-proof.ts'
import { deviceOn, loadDevice } from '#engine/compute/backend.ts'
import { INT32, type Binding } from '#engine/compute/binding.ts'
import { proveDevice } from '#engine/parity/device/device-proof.ts'
import { operations } from '#engine/parity/device/operations.ts'
import { proveOnce } from '#session/core/proven-device.ts'
import { executeAsCuda, native, through } from '#test/helpers/bindings.ts'

const processor = loadDevice()
const folder = mkdtempSync(join(tmpdir(), 'palm-proof-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Its first result is a percent off, drawn numbers by ten, whole ones by one. */
const lying = (kernel: string): Binding =>
  through((name, ...given) => {
    const results = executeAsCuda(name, ...given)
    const [first] = results
    if (name !== kernel || !first) return results
    const values = native.tensorDataSync(first.id) as Float32Array | Int32Array
    const { id } = first
    const other = values.map((value) =>
      first.dtype === INT32 ? value + 1 : (kernel === 'StatelessRandomNormal' ? 1.1 : 1.01) * value + 1e-3,
    )
    const replaced = native.createTensor(first.shape, first.dtype, other)
    native.deleteTensor(id)
    return [{ ...first, id: replaced }, ...results.slice(1)]
  }, true)

test('this machine’s device computes every operation as plain loops do, and a network’s steps as they were stored', async () => {
  const before = [processor.liveTensors(), processor.liveBytes()]
  const proof = await proveDevice(processor)
  expect(proof.deviations).toEqual([])
  expect(proof.checks).toBeGreaterThan(Object.keys(operations).length)
  expect([processor.liveTensors(), processor.liveBytes()]).toEqual(before)
  console.log(`${processor.kind}: ${proof.checks} comparisons, the largest deviation ${proof.largest.toExponential(1)}`)
})

test('each kernel that is wrong by a percent is found, and named by the operation', async () => {
  const kernels = new Set<string>()
  await proveDevice(
    deviceOn(
      through((name, ...given) => {
        kernels.add(name)
        return executeAsCuda(name, ...given)
      }, true),
    ),
  )
  expect(kernels.size).toBeGreaterThan(50)
  const unseen: string[] = []
  for (const kernel of kernels) {
    const { deviations } = await proveDevice(deviceOn(lying(kernel)))
    if (!deviations.some(({ what }) => Object.keys(operations).some((operation) => what.startsWith(operation))))
      unseen.push(kernel)
  }
  expect(unseen).toEqual([])
})

test('CUDA’s kernels pass as they are called now; the variance in place of the inverse standard deviation, as they once were, does not', async () => {
  expect((await proveDevice(deviceOn(through(executeAsCuda, true)))).deviations).toEqual([])
  const { deviations } = await proveDevice(deviceOn(through(executeAsCuda)))
  expect(deviations.map(({ what }) => what)).toContain('batchNormGradient')
})

test('a wrong device is not used: the session says which operation and by how much, and the next one begins without it', async () => {
  const asked: ProvenSubject = {
    device: 'cuda',
    driver: '',
    library: processor.version,
    program: '1.0.0',
    precision: 'float32',
    card: 'A card',
  }
  const use = () => proveOnce(deviceOn(lying('Softmax')), folder, asked)
  await expect(use()).rejects.toMatchObject({
    code: 'device-wrong',
    message: expect.stringMatching(/^An NVIDIA GPU .*softmax by \d\.\de-2, where 3e-5 is allowed/),
  })
  const notes = () => keptProofsSchema.parse(JSON.parse(readFileSync(join(folder, keptProofFile), 'utf8'))).proofs
  expect(notes().map(({ subject }) => subject)).toMatchObject([{ device: 'cuda', program: '1.0.0', card: 'A card' }])
  await expect(use()).rejects.toMatchObject({ code: 'device-wrong' }) // from the note
  expect(notes()).toHaveLength(1)
  const refused = (program: string) => refusedDevices(folder, program, 'float32').map(({ kind }) => kind)
  if (!existsSync('/proc/driver/nvidia/version')) expect(refused('1.0.0')).toEqual(['cuda'])
  // Another program tries again, and a device that is right is used and noted beside the other.
  expect(refused('1.0.1')).toEqual([])
  const proof = await proveOnce(deviceOn(through(executeAsCuda, true)), folder, { ...asked, program: '1.0.1' })
  expect(proof.network).toBeGreaterThan(0)
  expect(proof.network).toBeLessThan(2e-3)
  expect(notes()).toHaveLength(2)
  expect(refused('1.0.1')).toEqual([])
  // An older version kept one alone, without the card's name.
  const [wrong] = notes().slice(-1)
  const { card: _card, ...subject } = wrong?.subject ?? asked
  writeFileSync(
    join(folder, keptProofFile),
    JSON.stringify({ subject, proof: { ...wrong?.proof, network: undefined } }),
  )
  if (!existsSync('/proc/driver/nvidia/version')) expect(refused('1.0.0')).toEqual(['cuda'])
  writeFileSync(join(folder, keptProofFile), 'no note')
  expect(refused('1.0.0')).toEqual([])
})

test('what failed or has another shape is told too', async () => {
  const { deviations } = await proveDevice(
    deviceOn(
      through((name, ...given) => {
        if (name === 'Erf') throw new Error('no kernel of that name')
        return native.executeOp(name, ...given)
      }),
    ),
  )
  expect(deviations).toEqual([
    { what: 'erf', deviation: null, limit: 3e-5, failure: 'The TensorFlow kernel Erf failed.' },
  ])
  expect(deviationsInWords({ checks: 97, largest: 0, network: null, deviations })).toBe(
    'erf fails (The TensorFlow kernel Erf failed.)',
  )
})
