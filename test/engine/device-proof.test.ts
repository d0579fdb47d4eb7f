// A device that lies is caught: each native kernel in turn made wrong by a percent, and CUDA's gradient of batch norm fed as it once was.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withoutRefused } from '#app/services/machine/refused-device.ts'
import { deviationsInWords, keptProofFile, keptProofSchema } from '#contract/device-proof.ts'
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

test('a wrong device is not used: the session says which operation and by how much, and the next one begins on the processor', async () => {
  const asked = { driver: '', program: '1.0.0' }
  const settings = { device: 'auto', precision: 'float32', threads: null } as const
  const use = () => proveOnce(deviceOn(lying('Softmax')), folder, asked)
  await expect(use()).rejects.toMatchObject({
    code: 'device-wrong',
    message: expect.stringMatching(/softmax by \d\.\de-2, where 3e-5 is allowed.*on the processor/),
  })
  expect(keptProofSchema.parse(JSON.parse(readFileSync(join(folder, keptProofFile), 'utf8'))).subject).toMatchObject({
    device: 'cuda',
    program: '1.0.0',
  })
  await expect(use()).rejects.toMatchObject({ code: 'device-wrong' }) // from the note
  if (!existsSync('/proc/driver/nvidia/version')) {
    expect(withoutRefused(settings, folder, '1.0.0')).toEqual({ ...settings, device: 'cpu' })
    expect(withoutRefused({ ...settings, device: 'cuda' }, folder, '1.0.0').device).toBe('cuda') // then the session refuses
  }
  // Another program tries again, and a device that is right is used and noted.
  expect(withoutRefused(settings, folder, '1.0.1')).toEqual(settings)
  await proveOnce(deviceOn(through(executeAsCuda, true)), folder, {
    ...asked,
    program: '1.0.1',
  })
  expect(withoutRefused(settings, folder, '1.0.1')).toEqual(settings)
  writeFileSync(join(folder, keptProofFile), 'no note')
  expect(withoutRefused(settings, folder, '1.0.1')).toEqual(settings)
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
  expect(deviationsInWords({ checks: 97, largest: 0, deviations })).toBe(
    'erf fails (The TensorFlow kernel Erf failed.)',
  )
})
