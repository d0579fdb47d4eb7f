// A device at length: the processor passes, with progress; a card that lies is named by its operation, noted, and its traces are not waited for.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { measuredTf32, refusedDevices } from '#app/services/machine/device-notes.ts'
import { isRight, type CheckProgress } from '#contract/device-check.ts'
import { keptProofFile, keptProofsSchema } from '#contract/device-proof.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { longNetworks } from '#engine/parity/device/long-networks.ts'
import { checkDevice } from '#session/tasks/run-check.ts'

const processor = loadDevice('hidden')
const dataFolder = mkdtempSync(join(tmpdir(), 'palm-check-'))
afterAll(() => rmSync(dataFolder, { recursive: true }))

const check = (kind: 'cpu' | 'cuda', device: Device, parity: readonly string[] = []) => {
  const told: CheckProgress[] = []
  return checkDevice(
    { kind, parity: [...parity] },
    {
      dataFolder,
      program: '1.0.0',
      told: (progress) => told.push(progress),
      sources: { nvidia: true, cpu: () => device, cuda: () => device, webgpu: async () => device },
    },
  ).then((result) => ({ result, told }))
}

test('the processor is right in every operation and network, and says how far it is', async () => {
  const { result, told } = await check('cpu', processor)
  expect(result.proof.deviations).toEqual([])
  expect(isRight(result)).toBe(true)
  expect(told.at(-1)).toEqual({ what: 'networks', done: longNetworks.length, total: longNetworks.length })
  expect(told.filter(({ what }) => what === 'operations').length).toBeGreaterThan(50)
})

test('a card whose sums are a percent off: which operation, the note for the next start, and no wait for traces', async () => {
  const lying: Device = { ...processor, kind: 'cuda', addMany: (all) => processor.scale(processor.addMany(all), 1.01) }
  const { result } = await check('cuda', lying, ['/no/such/traces'])
  expect(isRight(result)).toBe(false)
  expect(result.proof.deviations.map(({ what }) => what)).toContain('addMany')
  expect(result.parity).toEqual([])
  const { proofs } = keptProofsSchema.parse(JSON.parse(readFileSync(join(dataFolder, keptProofFile), 'utf8')))
  expect(proofs.map(({ subject }) => [subject.device, subject.precision, subject.program])).toEqual([
    ['cuda', process.env['NVIDIA_TF32_OVERRIDE'] === '0' ? 'float32' : 'tf32', '1.0.0'],
  ])
})

test('with TF32 how far it is off is measured, and found by who looks for it', async () => {
  const { result } = await check('cuda', { ...processor, kind: 'cuda' })
  expect(result.device.precision).toBe('tf32')
  expect(result.device.tf32Deviation).toBeLessThan(1e-5) // float32's last digits, summed in another order than the stored numbers: TF32 would be near 1e-3
  if (result.device.driver === '') {
    expect(measuredTf32(dataFolder)).toBe(result.proof.network)
    expect(refusedDevices(dataFolder, '1.0.0', 'tf32')).toEqual([])
  }
})
