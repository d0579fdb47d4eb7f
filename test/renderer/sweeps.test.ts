// The screen's logic of sweeps without a page: the form's definitions, the lines of a curve, and the state over a client.
import { expect, test } from 'vitest'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { sweepDefinitionSchema, type SweepResults } from '#contract/sweeps/sweep.ts'
import { optionLines } from '#renderer/lib/runs/option-lines.ts'
import { NewRun, type Looker } from '#renderer/state/new-run/new-run.svelte.ts'
import { NewSweep } from '#renderer/state/sweeps/new-sweep.svelte.ts'

test('a ready-made sweep of the sample brings its source images and its preset', () => {
  const form = new NewSweep()
  expect(form.definition()).toMatchObject({
    name: 'table1',
    preset: 'sample',
    source: { kind: 'sample' },
    seeds: [0, 1, 2],
    limit: 500,
  })
  form.chooseKind('table3')
  expect(form.definition()).toMatchObject({ name: 'table3', preset: 'imagenet' })
})

test('the paper’s data and a model for them bring its settings, anything else does not', async () => {
  const form = new NewSweep()
  form.input = 'folder'
  form.inputPath = 'arrays'
  form.model = 'file'
  form.modelPath = 'net.pth'
  const looker = (kind: string, classes: number) =>
    ({
      inspectInput: () => Promise.resolve({ kind }),
      describeModel: () => Promise.resolve({ classes }),
    }) as unknown as Pick<Looker, 'inspectInput' | 'describeModel'>
  const made = async (kind: string, classes: number) => form.definition(await form.recognise(looker(kind, classes)))
  expect(await made('cifar-c', 10)).toMatchObject({ preset: 'cifar10', imageOrder: 'file', batchSize: null })
  expect(await made('cifar-c', 100)).toMatchObject({ preset: 'cifar100', imageOrder: 'file' })
  expect(await made('class-folders', 10)).toMatchObject({ preset: 'auto', imageOrder: 'shuffled' })
  form.preset = 'cautious'
  expect(await made('cifar-c', 10)).toMatchObject({ preset: 'cautious', imageOrder: 'file' })
})

test('rows and columns of one’s own: a list of values is a grid, and what does not fit is said', () => {
  const form = new NewSweep()
  form.chooseKind('own')
  form.gridOption = 'kappa'
  expect(() => form.definition()).toThrow(/values of the option/)
  form.gridValues = '1e-4, 1e-3'
  expect(form.definition()).toMatchObject({
    shows: 'curve',
    methods: ['source', 'norm', 'tent', { method: 'palm', kappa: [1e-4, 1e-3] }],
  })
  form.gridValues = '1e-4, x'
  expect(() => form.definition()).toThrow(/“x” is no value of kappa/)
  form.gridOption = ''
  form.seeds = '1 2 q'
  expect(() => form.definition()).toThrow(/“q” in the seeds/)
  form.seeds = ''
  expect(() => form.definition()).toThrow(/seeds/)
})

test('a line per option that varies, with the spread over seeds', () => {
  const definition = sweepDefinitionSchema.parse({
    name: 'x',
    inputs: [{ kind: 'sample' }],
    models: [{ kind: 'sample' }],
    preset: 'sample',
    methods: ['source', { method: 'palm', kappa: [1e-4, 1e-3] }],
    seeds: [0, 1],
  })
  const row = (options: object, means: number[]) => ({
    label: 'x',
    options: laneOptionsSchema.parse(options),
    input: 0,
    model: 0,
    schedule: 'continual' as const,
    refused: null,
    seeds: means.map((meanErrorPct, seed) => ({
      seed,
      run: 1,
      lane: 'x',
      status: 'done',
      meanErrorPct,
      perDomain: [],
      adaptedShare: 0,
      msPerImage: 1,
      peakBytes: 0,
      collapses: [],
      devices: [],
    })),
  })
  const results: SweepResults = {
    id: 1,
    definition,
    inputNames: [''],
    modelNames: [''],
    domains: {},
    protocol: '',
    guessing: [],
    differences: [],
    paper: null,
    rows: [
      row({ method: 'source' }, [50, 50]),
      row({ method: 'palm', kappa: 1e-4 }, [24, 26]),
      row({ method: 'palm', kappa: 1e-3 }, [30, 30]),
    ],
  }
  expect(optionLines(results)).toEqual([
    {
      method: 'PALM',
      option: 'kappa',
      points: [
        { value: 1e-4, mean: 25, deviation: Math.SQRT2 },
        { value: 1e-3, mean: 30, deviation: 0 },
      ],
    },
  ])
})

test('the form of a run: a custom order is read line by line, options differ from the preset only where they were set', () => {
  const form = new NewRun()
  form.schedule = 'custom'
  expect(() => form.options(10)).toThrow(/needs an order/)
  form.order = 'fog 3\n\nclean\ngaussian-noise 5'
  form.differs = { palm: { lambda: 0.5 } }
  const options = form.options(10)
  expect(options.order).toEqual([
    { corruption: 'fog', severity: 3 },
    { corruption: null, severity: null },
    { corruption: 'gaussian_noise', severity: 5 },
  ])
  expect(options.lanes.at(-1)?.options).toMatchObject({ method: 'palm', lambda: 0.5, kappa: 2e-4 })
  form.order = '[{"corruption": "fog", "severity": 2}]'
  expect(form.options(10).order).toEqual([{ corruption: 'fog', severity: 2 }])
  form.order = '[{'
  expect(() => form.options(10)).toThrow(/begins like JSON/)
  form.order = 'mist 3'
  expect(() => form.options(10)).toThrow(/“mist 3” is no domain/)
})
