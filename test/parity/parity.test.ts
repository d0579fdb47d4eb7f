// Every quantity of the published methods' traces, one step and the chain, within the limits of the fixture's README.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { runParity } from '#engine/parity/parity.ts'
import { sharedPath } from '#test/helpers/shared.ts'

const folder = sharedPath('parity')
const read = (name: string) => new Uint8Array(readFileSync(join(folder as string, name)))

/** The folder with one method only, one of whose settings is another. */
function changed(method: string, setting: string, value: number) {
  return (file: string): Uint8Array => {
    if (file !== 'index.json') return read(file)
    const index = JSON.parse(new TextDecoder().decode(read(file))) as {
      methods: string[]
      hyperparameters: Record<string, Record<string, number>>
    }
    index.methods = [method]
    index.hyperparameters[method] = { ...index.hyperparameters[method], [setting]: value }
    return new TextEncoder().encode(JSON.stringify(index))
  }
}

describe.skipIf(!folder)('parity with the published methods', () => {
  test('every method of the folder is within every limit', async () => {
    const device = loadDevice()
    const before = device.liveTensors()
    const report = await runParity(device, read)
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(new Set(report.rows.map((row) => row.method))).toEqual(
      new Set(['source', 'norm', 'tent', 'palm_reference', 'palm_paper', 'law', 'law_clean', 'surgical', 'cotta']),
    )
    expect(report.rows.length).toBeGreaterThan(80)
    expect(device.liveTensors()).toBe(before)
  })

  test('a wrong kappa, margin or eta is found', async () => {
    for (const [name, value] of [
      ['kappa', 6e-4],
      ['margin', 0.8],
      ['eta', 0.1],
    ] as const) {
      const report = await runParity(loadDevice(), changed('palm_reference', name, value))
      expect(report.ok).toBe(false)
    }
  })

  test('a wrong setting of the other methods is found too', async () => {
    for (const [method, name, value] of [
      ['law', 'tau', 0.8],
      ['law', 'lambda', 0.2],
      ['law_clean', 'lr', 2e-3],
      ['surgical', 'momentum', 0.5],
      ['surgical', 'margin', 0.4],
      ['surgical', 'lambda', 0.5],
      ['cotta', 'ap', 0.1],
      ['cotta', 'teacher_momentum', 0.99],
      ['cotta', 'lr', 2e-3],
    ] as const) {
      expect((await runParity(loadDevice(), changed(method, name, value))).ok, `${method} with ${name} ${value}`).toBe(
        false,
      )
    }
  })

  /** Of the tensor that the trace freezes in step 0, just above eta, and selects for the first time in step 1. */
  const frozen = { tensor: 'layer3.0.conv1.weight', score: 0.2398095428943634 }

  test('a score at the threshold is a tie, told with its figure: the chain ends there, and single steps go on from the trace’s own state', async () => {
    const report = await runParity(loadDevice(), changed('palm_reference', 'eta', frozen.score * (1 + 1e-5)))
    expect(report.ties).toEqual(
      (['step', 'chain'] as const).map((mode) => ({
        method: 'palm_reference',
        mode,
        step: 0,
        tensor: frozen.tensor,
        ours: expect.closeTo(1, 4),
        theirs: expect.closeTo(1 - 1e-5, 8),
        reach: mode === 'step' ? 1e-3 : 1e-2,
      })),
    )
    // In step 1 the trace selects that tensor for the first time, from an S^ of zero.
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(report.rows.find((row) => row.mode === 'step' && row.quantity === 'importance')?.largest).toBeLessThan(1e-4)
    expect(report.rows.filter((row) => row.mode === 'chain').every((row) => row.where.startsWith('step 0'))).toBe(true)
    expect(report.rows.some((row) => row.mode === 'step' && row.where.startsWith('step 5'))).toBe(true)
  })

  test('a selection that differs farther from the threshold is no tie', async () => {
    const report = await runParity(loadDevice(), changed('palm_reference', 'eta', frozen.score * 1.02))
    expect(report.ties).toEqual([])
    expect(report.rows.filter((row) => row.over).map((row) => row.quantity)).toContain('selected set')
  })

  test('a folder’s own limits are taken, for what it states, and decisions stay exact', async () => {
    const withLimits = (limits: unknown) => (file: string) => {
      const bytes = changed('palm_reference', 'lambda', 0.01)(file)
      if (file !== 'index.json') return bytes
      const index = JSON.parse(new TextDecoder().decode(bytes)) as object
      return new TextEncoder().encode(JSON.stringify({ ...index, limits }))
    }
    const report = await runParity(loadDevice(), withLimits({ step: { logits: 1e-9 }, chain: { relative: 0.5 } }))
    const limitOf = (mode: string, quantity: string) =>
      report.rows.find((row) => row.mode === mode && row.quantity === quantity)?.limit
    expect(limitOf('step', 'logits')).toBe(1e-9)
    expect(limitOf('step', 'score')).toBe(1e-3)
    expect(limitOf('chain', 'score')).toBe(0.5)
    expect(limitOf('chain', 'predictions')).toBe(0)
    expect(report.ok).toBe(false)
    expect(report.rows.filter((row) => row.over).map(({ mode, quantity }) => `${mode} ${quantity}`)).toContain(
      'step logits',
    )
    await expect(runParity(loadDevice(), withLimits({ chain: { exact: 1 } }))).rejects.toThrow(
      /index\.json does not fit/,
    )
  })

  test('a folder with another layout is refused by name', async () => {
    const other = () => new TextEncoder().encode('{"a":1}')
    await expect(runParity(loadDevice(), other)).rejects.toThrow(/index\.json does not fit/)
  })
})
