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
  test('every method of the folder is within every limit', () => {
    const device = loadDevice()
    const before = device.liveTensors()
    const report = runParity(device, read)
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(new Set(report.rows.map((row) => row.method))).toEqual(
      new Set(['source', 'norm', 'tent', 'palm_reference', 'palm_paper', 'law', 'law_clean', 'surgical', 'cotta']),
    )
    expect(report.rows.length).toBeGreaterThan(80)
    expect(device.liveTensors()).toBe(before)
  })

  test('a wrong kappa, margin or eta is found', () => {
    for (const [name, value] of [
      ['kappa', 6e-4],
      ['margin', 0.8],
      ['eta', 0.1],
    ] as const) {
      const report = runParity(loadDevice(), changed('palm_reference', name, value))
      expect(report.ok).toBe(false)
    }
  })

  test('a wrong setting of the other methods is found too', () => {
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
      expect(runParity(loadDevice(), changed(method, name, value)).ok, `${method} with ${name} ${value}`).toBe(false)
    }
  })

  test('a folder with another layout is refused by name', () => {
    expect(() => runParity(loadDevice(), () => new TextEncoder().encode('{"a":1}'))).toThrow(/index\.json does not fit/)
  })
})
