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

interface Entry {
  hyperparameters: Settings
  changed_from_official: Settings
}
type Settings = Record<string, unknown>

/** Other settings: the value at this path is another. */
function withValue(settings: Settings, [first = '', ...rest]: readonly string[], value: number): Settings {
  if (!(first in settings)) throw new Error(`There is no ${first}`)
  const inner = rest.length === 0 ? value : withValue(settings[first] as Settings, rest, value)
  return { ...settings, [first]: inner }
}

/** The folder with one method, one of whose settings is another. */
function changed(method: string, part: keyof Entry, path: readonly string[], value: number) {
  return (name: string): Uint8Array => {
    if (name !== 'index.json') return read(name)
    const index = JSON.parse(new TextDecoder().decode(read(name))) as { methods: Record<string, Entry> }
    const entry = index.methods[method]
    if (!entry) throw new Error(`There is no trace ${method}`)
    index.methods = { [method]: { ...entry, [part]: withValue(entry[part], path, value) } }
    return new TextEncoder().encode(JSON.stringify(index))
  }
}

describe.skipIf(!folder)('parity with the benchmark', () => {
  test('every method that we have is within every limit, and the others are named', async () => {
    const device = loadDevice()
    const before = device.liveTensors()
    const report = await runParity(device, read)
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(new Set(report.rows.map((row) => row.method))).toEqual(new Set(methods))
    expect(report.missing).toEqual([])
    expect(device.liveTensors()).toBe(before)
  })

  test('a folder’s own limits are taken', async () => {
    const stated = (name: string) => {
      const bytes = changed('norm_alpha', 'hyperparameters', ['BN', 'ALPHA'], 0.1)(name)
      if (name !== 'index.json') return bytes
      const index = JSON.parse(new TextDecoder().decode(bytes)) as object
      return new TextEncoder().encode(JSON.stringify({ ...index, limits: { chain: { logits: 1e-12 } } }))
    }
    const { rows, ok } = await runParity(loadDevice(), stated)
    expect(rows.find(({ quantity }) => quantity === 'logits')).toMatchObject({ limit: 1e-12, over: true })
    expect(ok).toBe(false)
  })

  test('a wrong setting is found', async () => {
    const wrong: readonly [method: string, part: keyof Entry, path: readonly string[], value: number][] = [
      ['rdumb', 'hyperparameters', ['EATA', 'MARGIN_E0'], 0.3],
      ['rdumb', 'hyperparameters', ['EATA', 'D_MARGIN'], 0.9],
      ['rdumb', 'changed_from_official', ['MODEL.RESET_AFTER_NUM_UPDATES', 'here'], 5],
      ['rdumb_ccc', 'hyperparameters', ['momentum'], 0.5],
      ['sar', 'hyperparameters', ['SAR', 'RESET_CONSTANT_EM'], 0.1],
      ['sar', 'hyperparameters', ['OPTIM', 'LR'], 2e-3],
      ['norm_alpha', 'hyperparameters', ['BN', 'ALPHA'], 0.2],
      ['deyo', 'hyperparameters', ['DEYO', 'PLPD'], 0.5],
      ['deyo', 'hyperparameters', ['DEYO', 'MARGIN'], 0.2],
      ['roid', 'hyperparameters', ['ROID', 'MOMENTUM_SRC'], 0.9],
      ['cmf', 'hyperparameters', ['CMF', 'Q'], 1],
      ['cmf', 'hyperparameters', ['CMF', 'GAMMA'], 0.99],
      ['eata', 'hyperparameters', ['EATA', 'FISHER_ALPHA'], 1],
      ['rotta', 'hyperparameters', ['ROTTA', 'ALPHA'], 0.2],
      ['rotta', 'hyperparameters', ['ROTTA', 'UPDATE_FREQUENCY'], 16],
      ['note', 'hyperparameters', ['iabn_k'], 1],
      ['note', 'hyperparameters', ['bn_momentum'], 0.1],
      ['rmt', 'hyperparameters', ['RMT', 'NUM_SAMPLES_WARM_UP'], 16],
      ['rmt', 'hyperparameters', ['CONTRAST', 'TEMPERATURE'], 0.2],
      ['santa', 'hyperparameters', ['CONTRAST', 'TEMPERATURE'], 0.2],
      ['adacontrast', 'hyperparameters', ['ADACONTRAST', 'NUM_NEIGHBORS'], 1],
      ['adacontrast', 'hyperparameters', ['OPTIM', 'WD'], 0.1],
      ['lame', 'hyperparameters', ['LAME', 'KNN'], 2],
      ['memo', 'hyperparameters', ['BN', 'ALPHA'], 0.3],
      ['come_tent', 'hyperparameters', ['evidence_constant'], 10],
    ]
    for (const [method, part, path, value] of wrong)
      expect(
        (await runParity(loadDevice(), changed(method, part, path, value))).ok,
        `${method} with ${path.join('.')} ${value}`,
      ).toBe(false)
  })
})
