// What `palm doctor --check` says and how it ends: over devices that are right, wrong, or not there. The checking itself is test/session/check-device.test.ts.
import { afterEach, expect, test, vi } from 'vitest'
import { doctor } from '#cli/doctor.ts'
import { exitCodes } from '#cli/shared/command.ts'
import { parseCommand } from '#cli/shared/parse.ts'
import type { CliParts } from '#cli/shared/parts.ts'
import type { CheckResult } from '#contract/device-check.ts'
import type { DeviceKind, OfferedDevice } from '#contract/devices.ts'
import { PalmError } from '#contract/errors.ts'

afterEach(() => vi.restoreAllMocks())

const offer = (kind: DeviceKind, differs: Partial<OfferedDevice> = {}): OfferedDevice => ({
  kind,
  name: `${kind} card`,
  driver: '',
  library: 'Lib 1',
  software: false,
  problem: null,
  ...differs,
})

const result = (kind: DeviceKind, differs: Partial<CheckResult> = {}): CheckResult => ({
  device: {
    from: 0,
    kind,
    name: `${kind} card`,
    driver: '',
    library: 'Lib 1',
    precision: 'float32',
    tf32Deviation: null,
    software: false,
    because: null,
  },
  proof: { checks: 97, deviations: [], largest: 5e-7, network: 1e-6 },
  parity: [],
  seconds: 1,
  ...differs,
})

async function told(
  args: readonly string[],
  offers: OfferedDevice[],
  results: Partial<Record<DeviceKind, CheckResult | PalmError>>,
): Promise<{
  code: number
  text: string
  asked: { kind: DeviceKind; parity: readonly string[]; precision: string }[]
}> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  const asked: { kind: DeviceKind; parity: readonly string[]; precision: string }[] = []
  const parts: Pick<CliParts, 'doctor' | 'check' | 'parityFolders'> = {
    parityFolders: () => [import.meta.dirname, '/nowhere'],
    doctor: async () => ({
      dataFolder: '/data',
      dataProblem: null,
      native: { ok: true, settingUp: false, reason: null, library: null },
      probe: async () => ({
        ok: true,
        device: result('cpu').device,
        offers,
        proof: result('cpu').proof,
        forwardGigaflops: 1,
        backwardGigaflops: 1,
      }),
    }),
    async check({ precision }, { kind, parity }, hear) {
      asked.push({ kind, parity, precision })
      hear({ what: 'operations', done: 1, total: 2 })
      const found = results[kind] ?? result(kind)
      if (found instanceof PalmError) throw found
      return found
    },
  }
  const code = await doctor.run(parseCommand(doctor, [...args]), parts as CliParts)
  vi.restoreAllMocks()
  return { code, text, asked }
}

const all = [offer('cpu'), offer('cuda'), offer('webgpu')]

test('without --check: what there is, what is not and why, and what would compute a run', async () => {
  const { code, text, asked } = await told(
    [],
    [offer('cpu'), offer('cuda', { problem: 'There is no NVIDIA driver.' })],
    {},
  )
  expect([code, asked]).toEqual([exitCodes.ok, []])
  expect(text).toMatch(
    /Devices +processor, cpu card, Lib 1\n +There is no NVIDIA driver\.\n +not looked for\nChosen +processor/,
  )
})

test('every device that is there is checked, with the traces that there are; in software only where they are asked for', async () => {
  const { code, text, asked } = await told(['--check'], [...all.slice(0, 2), offer('webgpu', { software: true })], {})
  expect(code).toBe(exitCodes.ok)
  expect(asked).toEqual([
    { kind: 'cpu', parity: [import.meta.dirname], precision: 'float32' },
    { kind: 'cuda', parity: [import.meta.dirname], precision: 'float32' },
    { kind: 'webgpu', parity: [], precision: 'float32' },
  ])
  expect(text).toContain('right in 97 comparisons')
  const some = await told(['--check', '--device', 'cuda', '--tf32', '--parity', '/a,/b'], all, {})
  expect(some.asked).toEqual([{ kind: 'cuda', parity: ['/a', '/b'], precision: 'tf32' }])
})

test('one that is wrong: which operation, by how much, and what is done instead; exit code 1', async () => {
  const wrong = result('webgpu', {
    proof: {
      checks: 97,
      deviations: [{ what: 'softmax', deviation: 0.01, limit: 3e-5, failure: null }],
      largest: 0,
      network: null,
    },
  })
  const { code, text } = await told(['--check'], all, { webgpu: wrong })
  expect(code).toBe(exitCodes.failed)
  expect(text).toMatch(/WRONG in 1 of 97 comparisons: softmax by 1\.0e-2, where 3e-5 is allowed/)
  expect(text).toContain('It is not used where the device is chosen automatically')
})

test('one whose traces are over their limits, or that fails, is not right either', async () => {
  const over = result('cuda', {
    parity: [{ folder: '/p', compared: 9, over: [{ method: 'palm', quantity: 'logits', largest: 0.5, limit: 1e-4 }] }],
  })
  const first = await told(['--check'], all, { cuda: over })
  expect([first.code, first.text]).toEqual([
    exitCodes.failed,
    expect.stringContaining('palm, logits: 5.0e-1, where 1e-4'),
  ])
  const second = await told(['--check', '--device', 'cuda'], [offer('cpu')], {
    cuda: new PalmError('device-missing', 'There is no card.'),
  })
  expect([second.code, second.text]).toEqual([exitCodes.failed, expect.stringContaining('There is no card.')])
})
