// Settings as they are kept and as a session is started with them; what is refused during a move; the report for a mail.
import { expect, describe, test } from 'vitest'
import { apiMethods, type ApiMethod } from '#contract/api.ts'
import { settingsSchema } from '#contract/app/settings.ts'
import type { DoctorReport } from '#contract/app/app-info.ts'
import { PalmError } from '#contract/errors.ts'
import { environmentOf, chosenCompute } from '#engine/compute/environment.ts'
import { guarded, mayRunWhileMoving } from '#app/services/guard.ts'
import { changeSettings, chosenDevice, readSettings, sessionSettings } from '#app/services/machine/settings.ts'
import { systemReport, withoutPlaces } from '#app/services/machine/system-report.ts'
import { tableOfHandlers } from '#test/app/rpc/tables.ts'

const kept = (stored?: unknown) => {
  const values = new Map<string, unknown>([['settings', stored]])
  return {
    settings: {
      get: (key: string) => values.get(key),
      set: (key: string, value: unknown) => void values.set(key, value),
    },
  }
}
const usual = settingsSchema.parse({})

describe('settings', () => {
  test('what is stored and does not fit falls back alone; a newer version’s names are passed over', () => {
    const read = readSettings(kept({ theme: 'dark', threads: -3, language: 'de', fromTheFuture: true }))
    expect(read).toEqual({ ...usual, theme: 'dark', language: 'de' })
    expect(readSettings(kept('nonsense'))).toEqual(usual)
  })

  test('a change names what it changes and leaves what another window changed', () => {
    const store = kept()
    changeSettings(store, { theme: 'dark' })
    changeSettings(store, { language: 'de' })
    expect(readSettings(store)).toEqual({ ...usual, theme: 'dark', language: 'de' })
  })

  test.each([{ threads: 0 }, { threads: 2.5 }, { device: 'tpu' }, { unknown: 1 }, { language: 'fr' }])(
    '%j is refused and changes nothing',
    (changes) => {
      const store = kept({ threads: 2 })
      expect(() => changeSettings(store, changes)).toThrow(PalmError)
      expect(readSettings(store)).toEqual({ ...usual, threads: 2 })
    },
  )

  test('a new session is started with them, one that goes on with what decides its bits', () => {
    const settings = settingsSchema.parse({ device: 'cpu', threads: 3, precision: 'tf32' })
    const from = (versions: Record<string, string>) => sessionSettings(settings, 'auto', { versions })
    expect(sessionSettings(settings, 'cpu', null)).toEqual({ device: 'cpu', threads: 3, precision: 'tf32' })
    expect(from({ threads: '2', threadSetting: '2', precision: 'float32', device: 'cuda' })).toEqual({
      device: 'auto',
      threads: 2,
      precision: 'float32',
    })
    expect(from({ threads: '2', threadSetting: 'auto', precision: 'float32' })).toMatchObject({ threads: null })
    expect(from({ threads: '8', device: 'cuda' })).toMatchObject({ threads: null, precision: 'tf32' })
    expect(from({ threads: '8', device: 'cpu' })).toMatchObject({ threads: null, precision: 'float32' })
  })

  test('the device: the run’s own choice, else PALM_DEVICE, else the settings; a run that goes on stays where it was', () => {
    const settings = settingsSchema.parse({ device: 'cuda' })
    expect(chosenDevice('webgpu', false, settings, { PALM_DEVICE: 'cpu' })).toBe('webgpu')
    expect(chosenDevice(null, false, settings, { PALM_DEVICE: 'cpu' })).toBe('cpu')
    expect(chosenDevice(null, false, settings, { PALM_DEVICE: 'tpu' })).toBe('cuda')
    expect(chosenDevice(null, false, settings, {})).toBe('cuda')
    expect(chosenDevice(null, true, settings, { PALM_DEVICE: 'cpu' })).toBe('auto')
    expect(chosenDevice('cpu', true, settings, {})).toBe('cpu')
  })

  test('they become what TensorFlow and CUDA read, and are recorded as they were', () => {
    expect(environmentOf({ device: 'auto', threads: null, precision: 'tf32' })).toEqual({ PALM_DEVICE: 'auto' })
    expect(environmentOf({ device: 'cpu', threads: 3, precision: 'float32' })).toEqual({
      CUDA_VISIBLE_DEVICES: '-1',
      TF_NUM_INTRAOP_THREADS: '3',
      NVIDIA_TF32_OVERRIDE: '0',
      PALM_DEVICE: 'cpu',
    })
    expect(chosenCompute({ TF_NUM_INTRAOP_THREADS: '3', NVIDIA_TF32_OVERRIDE: '0' }, 'cuda')).toEqual({
      threadSetting: '3',
      precision: 'float32',
    })
    expect(chosenCompute({}, 'cuda')).toEqual({ threadSetting: 'auto', precision: 'tf32' })
    expect(chosenCompute({}, 'cpu')).toEqual({ threadSetting: 'auto', precision: 'float32' })
  })
})

describe('during a move of the data folder', () => {
  test('nothing that writes is let through', () => {
    const writing = [
      'settings.set',
      'settings.change',
      'models.add',
      'models.change',
      'models.duplicate',
      'models.remove',
      'models.fetch',
      'runs.start',
      'runs.resume',
      'runs.change',
      'runs.archive',
      'runs.remove',
      'runs.restore',
      'runs.export',
      'sweeps.define',
      'sweeps.start',
      'sweeps.remove',
      'webcam.frame',
      'webcam.control',
    ] as const
    expect(writing.filter(mayRunWhileMoving)).toEqual([])
    expect(
      (['app.info', 'runs.list', 'runs.snapshot', 'settings.get', 'data.cancel', 'data.info'] as const).filter(
        (method) => !mayRunWhileMoving(method),
      ),
    ).toEqual([])
    expect((Object.keys(apiMethods) as ApiMethod[]).filter(mayRunWhileMoving).length).toBeGreaterThan(8)
  })

  test('the answer says why; what fails at other times is in the log, but for what a person is told on the spot', async () => {
    const logged: string[] = []
    let moving = true
    const grants = {
      check(method: ApiMethod) {
        if (method === 'models.add') throw new PalmError('not-granted', 'not this one')
      },
    }
    const handlers = guarded(
      tableOfHandlers({
        'runs.pause': () => {
          throw new PalmError('run-busy', 'no')
        },
      }),
      { log: { error: (source, { code }) => void logged.push(`${source} ${code}`) }, isMoving: () => moving, grants },
    )
    await expect(handlers['runs.pause']({ run: 1 })).rejects.toThrow(/being moved/)
    moving = false
    await expect(handlers['runs.pause']({ run: 1 })).rejects.toThrow('no')
    await expect(handlers['runs.stop']({ run: 1 })).rejects.toThrow('not part of this test')
    await expect(handlers['models.add']({ path: '/etc/passwd' })).rejects.toThrow('not this one')
    expect(logged).toEqual(['runs.stop internal', 'models.add not-granted'])
  })
})

describe('the system report', () => {
  const doctor: DoctorReport = {
    ok: true,
    node: '24.1.0',
    platform: 'linux 6.1 x64',
    cpu: 'A Processor',
    cores: 2,
    memoryBytes: 2 ** 34,
    tensorflow: { version: '2.21.0', library: '/home/lovelace/.cache/palm/libtensorflow.so', device: 'cpu' },
    device: null,
    offers: [],
    tf32Deviation: null,
    gigaflops: { forward: 100, backward: 90 },
    proof: { checks: 97, deviations: 0, largest: 5e-7 },
    dataFolder: '/home/lovelace/palm data',
    problems: [],
  }
  const log = [
    {
      at: 0,
      level: 'error' as const,
      source: 'runs',
      code: 'input-unreadable',
      message: 'The folder /media/lovelace/stick/secret photos cannot be opened.',
      detail: 'Error: x\n    at file:///home/lovelace/code/x.ts:3:4\n    at C:\\Users\\lovelace\\y.ts',
    },
  ]
  const report = (personal: boolean) =>
    systemReport({
      version: '0.1.0',
      host: 'web',
      doctor,
      settings: usual,
      dataBytes: 2 ** 30,
      runs: 12,
      log,
      personal,
    })

  test('tells versions, machine, settings and the last errors', () => {
    for (const part of [
      'PALM Studio 0.1.0 (web)',
      'linux 6.1 x64',
      '2 cores',
      'TensorFlow: 2.21.0 on cpu',
      'Data folder: 1.0 GiB, 12 runs',
      'threads auto',
      '[input-unreadable]',
    ])
      expect(report(false)).toContain(part)
  })

  test('names no folder of this machine unless it is asked to', () => {
    expect(report(true)).toContain('/home/lovelace/palm data')
    for (const part of ['lovelace', 'stick', 'photos', '.cache', 'x.ts', 'y.ts'])
      expect(report(false)).not.toContain(part)
    expect(withoutPlaces('see http://x, 3/4 of it, and/or /a/b c.png for more\nnext', [], null)).toBe(
      'see http://x, 3/4 of it, and/or <path> …\nnext',
    )
  })
})
