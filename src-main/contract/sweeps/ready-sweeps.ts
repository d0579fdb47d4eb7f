// Sweeps named after the paper's tables and figures (Maharana, Zhang, Guo, AAAI 2025), for the user's own model and data.
import type { InputOptionsInput } from '#contract/inputs/input-kinds.ts'
import type { ModelOptionsInput, Schedule } from '#contract/runs/run-options.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { palmPresets, presetOfUnknown, type PalmPresetName } from '#contract/methods/presets.ts'
import { paperFamilies, type PaperFamily } from './paper-settings.ts'
import type { SweepDefinition, SweepDefinitionInput, SweepMethod, TableKind } from './sweep.ts'
import { sweepDefinitionSchema } from './sweep.ts'

interface Ready {
  readonly title: string
  readonly paper: string | null
  readonly shows: TableKind
  readonly methods: (preset: PalmPresetName) => readonly SweepMethod[]
  readonly schedule: Schedule
  /** The paper's settings for another family of data; null = as the model's preset. */
  readonly preset: PalmPresetName | null
}

const paperRows: readonly SweepMethod[] = [
  'source',
  'norm',
  'tent',
  'cotta',
  'ecotta',
  'adacontrast',
  'surgical',
  'dss',
  'law',
  'palm',
]
const lambdas = [0, 0.01, 0.05, 0.1, 0.5, 1]
const temperatures = [0.5, 1, 10, 50, 100, 200, 1000]
/** Of the preset's kappa a quarter, itself, and four times it; those that nobody tuned begin at the paper's for CIFAR-10. */
const kappasAround = (preset: PalmPresetName) => {
  const { kappa } = palmPresets[preset === 'auto' || preset === 'cautious' ? 'cifar10' : preset]
  return [0.25, 1, 4].map((factor) => Number((factor * kappa).toPrecision(3)))
}
const alphas = [0.1, 0.3, 0.5, 0.7, 0.9]

const ready = (title: string, paper: string | null, methods: Ready['methods'], more: Partial<Ready> = {}): Ready => ({
  title,
  paper,
  methods,
  shows: 'errors',
  schedule: 'continual',
  preset: null,
  ...more,
})

export const readySweeps = {
  table1: ready('Table 1: continual adaptation, the paper’s methods (its CIFAR-10-C table)', 'table1', () => paperRows),
  table2: ready(
    'Table 2: the same with the CIFAR-100-C settings',
    'table2',
    () => paperRows.filter((method) => method !== 'ecotta'),
    { preset: 'cifar100' },
  ),
  table3: ready('Table 3: the same with the ImageNet-C settings', 'table3', () => paperRows, { preset: 'imagenet' }),
  table4: ready(
    'Table 4: gradual adaptation',
    'table4',
    () => ['source', 'norm', 'tent', 'cotta', 'adacontrast', 'surgical', 'law', 'palm'],
    { schedule: 'gradual' },
  ),
  table5: ready('Table 5: share of the parameters that adapts', 'table5', () => ['palm', 'cotta'], {
    shows: 'adapted',
  }),
  table6: ready('Table 6: other optimizers in place of PALM’s learning rates', 'table6', () => [
    'palm',
    { method: 'palm', optimizer: 'lars' },
    { method: 'palm', optimizer: 'prodigy', optimizerState: ['kept', 'fresh'] },
    { method: 'palm', optimizer: 'adafactor', optimizerState: ['kept', 'fresh'] },
  ]),
  table7: ready('Table 7: importance from pseudo labels', 'table7', () => [
    { method: 'palm', signal: 'pseudo-label' },
    'palm',
  ]),
  table8: ready('Table 8: weight of the consistency', 'table8', () => [{ method: 'palm', lambda: lambdas }], {
    shows: 'curve',
  }),
  figure2: ready('Figure 2: importance of the layers, domain by domain', null, () => ['palm'], { shows: 'importance' }),
  figure3: ready(
    'Figure 3: smoothing factor alpha and temperature T',
    null,
    (preset) => [
      { method: 'palm', alpha: [...new Set([...alphas, palmPresets[preset].alpha])].sort((a, b) => a - b) },
      {
        method: 'palm',
        temperature: [...new Set([...temperatures, palmPresets[preset].temperature])].sort((a, b) => a - b),
      },
    ],
    { shows: 'curve' },
  ),
  tune: ready(
    'Tune: three settings of PALM on your own images, judged without labels',
    null,
    (preset) => ['norm', { method: 'palm', kappa: kappasAround(preset) }],
    { shows: 'risk' },
  ),
  all: ready('Every method', null, () => methodIds),
} as const satisfies Readonly<Record<string, Ready>>
export type ReadySweepName = keyof typeof readySweeps
export const readySweepNames = Object.keys(readySweeps) as readonly ReadySweepName[]

export interface SweepSubject {
  readonly input: InputOptionsInput
  readonly model: ModelOptionsInput
  readonly source: InputOptionsInput | null
  /** null = as usual for the model. */
  readonly preset: PalmPresetName | null
  /** Whose data and model of the paper these are; null = neither, or not looked at. */
  readonly paper?: PaperFamily | null
}

/** @throws ZodError for what does not fit */
export function readySweep(
  name: ReadySweepName,
  subject: SweepSubject,
  differs: Partial<SweepDefinitionInput> = {},
): SweepDefinition {
  const { title, paper, shows, methods, schedule, preset } = readySweeps[name]
  const sample = subject.model.kind === 'sample'
  const found = subject.paper ?? null
  const chosen = subject.preset ?? preset ?? found ?? (sample ? 'sample' : presetOfUnknown)
  return sweepDefinitionSchema.parse({
    name,
    title,
    paper,
    shows,
    inputs: [subject.input],
    models: [subject.model],
    source: subject.source ?? (sample ? { kind: 'sample' } : null),
    preset: chosen,
    methods: [...methods(chosen)],
    imageOrder: found === null ? 'shuffled' : paperFamilies[found].imageOrder,
    schedules: [schedule],
    ...differs,
  })
}
