// Every quantity of the published methods' traces, one step and the chain, within the limits of the fixture's README.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { runParity } from '#engine/parity/parity.ts'
import { sharedPath } from '#test/helpers/shared.ts'

const folder = sharedPath('parity')
const read = (name: string) => new Uint8Array(readFileSync(join(folder as string, name)))

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
      const wrong = (file: string): Uint8Array => {
        if (file !== 'index.json') return read(file)
        const index = JSON.parse(new TextDecoder().decode(read(file))) as {
          methods: string[]
          hyperparameters: Record<string, Record<string, unknown>>
        }
        index.methods = ['palm_reference']
        index.hyperparameters.palm_reference = { ...index.hyperparameters.palm_reference, [name]: value }
        return new TextEncoder().encode(JSON.stringify(index))
      }
      const report = runParity(loadDevice(), wrong)
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
      const wrong = (file: string): Uint8Array => {
        if (file !== 'index.json') return read(file)
        const index = JSON.parse(new TextDecoder().decode(read(file))) as {
          methods: string[]
          hyperparameters: Record<string, Record<string, unknown>>
        }
        index.methods = [method]
        index.hyperparameters[method] = { ...index.hyperparameters[method], [name]: value }
        return new TextEncoder().encode(JSON.stringify(index))
      }
      expect(runParity(loadDevice(), wrong).ok, `${method} with ${name} ${value}`).toBe(false)
    }
  })

  test('a folder with another layout is refused by name', () => {
    expect(() => runParity(loadDevice(), () => new TextEncoder().encode('{"a":1}'))).toThrow(/index\.json does not fit/)
  })
})
