// The field's benchmark's traces: one chain of steps per method, within the limits of that folder's README.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDevice } from '#engine/compute/backend.ts'
import { runParity } from '#engine/parity/parity.ts'
import { sharedPath } from '#test/helpers/shared.ts'

const folder = sharedPath('parity-benchmark')
const read = (name: string) => new Uint8Array(readFileSync(join(folder as string, name)))
const methods = [
  'eata',
  'eata_tight',
  'rdumb',
  'rdumb_ccc',
  'sar',
  'come_tent',
  'come_tent_c10',
  'deyo',
  'roid',
  'cmf',
  'santa',
  'rmt',
  'rotta',
  'adacontrast',
  'lame',
  'lame_knn',
  'memo',
  'note',
  'norm_alpha',
  'norm_alpha_single',
]

type Settings = Record<string, Record<string, unknown>>
interface Entry {
  readonly hyperparameters: Settings
  readonly changed_from_official: Settings
}

/** The folder with one method, after `change`. */
function changed(method: string, change: (entry: Entry) => void) {
  return (name: string): Uint8Array => {
    if (name !== 'index.json') return read(name)
    const index = JSON.parse(new TextDecoder().decode(read(name))) as { methods: Record<string, Entry> }
    const entry = index.methods[method]
    if (!entry) throw new Error(`There is no ${method}.`)
    change(entry)
    index.methods = { [method]: entry }
    return new TextEncoder().encode(JSON.stringify(index))
  }
}

describe.skipIf(!folder)('parity with the benchmark', () => {
  test('every method that we have is within every limit, and the others are named', () => {
    const device = loadDevice()
    const before = device.liveTensors()
    const report = runParity(device, read)
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(new Set(report.rows.map((row) => row.method))).toEqual(new Set(methods))
    expect(report.missing).toEqual([])
    expect(device.liveTensors()).toBe(before)
  })

  test('a wrong setting is found', () => {
    const wrong: readonly [string, (entry: Entry) => void][] = [
      ['rdumb', ({ hyperparameters }) => (hyperparameters.EATA!.MARGIN_E0 = 0.3)],
      ['rdumb', ({ hyperparameters }) => (hyperparameters.EATA!.D_MARGIN = 0.9)],
      ['rdumb', ({ changed_from_official: changes }) => (changes['MODEL.RESET_AFTER_NUM_UPDATES']!.here = 5)],
      ['rdumb_ccc', ({ hyperparameters }) => Object.assign(hyperparameters, { momentum: 0.5 })],
      ['sar', ({ hyperparameters }) => (hyperparameters.SAR!.RESET_CONSTANT_EM = 0.1)],
      ['sar', ({ hyperparameters }) => (hyperparameters.OPTIM!.LR = 2e-3)],
      ['norm_alpha', ({ hyperparameters }) => (hyperparameters.BN!.ALPHA = 0.2)],
      ['deyo', ({ hyperparameters }) => (hyperparameters.DEYO!.PLPD = 0.5)],
      ['deyo', ({ hyperparameters }) => (hyperparameters.DEYO!.MARGIN = 0.2)],
      ['roid', ({ hyperparameters }) => (hyperparameters.ROID!.MOMENTUM_SRC = 0.9)],
      ['cmf', ({ hyperparameters }) => (hyperparameters.CMF!.Q = 1)],
      ['cmf', ({ hyperparameters }) => (hyperparameters.CMF!.GAMMA = 0.99)],
      ['eata', ({ hyperparameters }) => (hyperparameters.EATA!.FISHER_ALPHA = 1)],
      ['rotta', ({ hyperparameters }) => (hyperparameters.ROTTA!.ALPHA = 0.2)],
      ['rotta', ({ hyperparameters }) => (hyperparameters.ROTTA!.UPDATE_FREQUENCY = 16)],
      ['note', ({ hyperparameters }) => Object.assign(hyperparameters, { iabn_k: 1 })],
      ['note', ({ hyperparameters }) => Object.assign(hyperparameters, { bn_momentum: 0.1 })],
      ['rmt', ({ hyperparameters }) => (hyperparameters.RMT!.NUM_SAMPLES_WARM_UP = 16)],
      ['rmt', ({ hyperparameters }) => (hyperparameters.CONTRAST!.TEMPERATURE = 0.2)],
      ['santa', ({ hyperparameters }) => (hyperparameters.CONTRAST!.TEMPERATURE = 0.2)],
      ['adacontrast', ({ hyperparameters }) => (hyperparameters.ADACONTRAST!.NUM_NEIGHBORS = 1)],
      ['adacontrast', ({ hyperparameters }) => (hyperparameters.OPTIM!.WD = 0.1)],
      ['lame', ({ hyperparameters }) => (hyperparameters.LAME!.KNN = 2)],
      ['memo', ({ hyperparameters }) => (hyperparameters.BN!.ALPHA = 0.3)],
      ['come_tent', ({ hyperparameters }) => Object.assign(hyperparameters, { evidence_constant: 10 })],
    ]
    for (const [method, change] of wrong)
      expect(runParity(loadDevice(), changed(method, change)).ok, method).toBe(false)
  })
})
