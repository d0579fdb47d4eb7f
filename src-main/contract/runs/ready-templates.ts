// The templates that ship: settings that make sense for many models, each for one question. What they are called is in the interface's strings.
import { benchmarkCorruptions, severities } from '#contract/inputs/corruption.ts'
import { usualMethods } from '#contract/methods/method-info.ts'
import { runSettingsSchema, type ReadyTemplateName, type RunSettings, type RunSettingsInput } from './run-template.ts'

const settings = (input: RunSettingsInput): RunSettings => runSettingsSchema.parse(input)

export const readyTemplates: Readonly<Record<ReadyTemplateName, RunSettings>> = {
  /** One of each kind (noise, blur, weather, digital): a first answer in a minute or two. */
  quick: settings({
    methods: [...usualMethods],
    corruptions: ['gaussian_noise', 'motion_blur', 'fog', 'jpeg_compression'],
    severities: [5],
    limit: 200,
  }),
  /** No adaptation but BN-1: how much accuracy falls, corruption by corruption, severity by severity. */
  fragile: settings({
    methods: ['source', 'norm'],
    corruptions: [...benchmarkCorruptions],
    severities: [...severities],
    schedule: 'reset-per-domain',
    limit: 200,
  }),
  /** The paper's rows but those that need labelled source images, with its CIFAR-10-C numbers: severity 5, batch 200, all images, never reset. */
  table1: settings({
    methods: ['source', 'norm', 'tent', 'cotta', 'adacontrast', 'surgical', 'dss', 'law', 'palm'],
    preset: 'cifar10',
    corruptions: [...benchmarkCorruptions],
    severities: [5],
  }),
  /** ImageNet-C's: batch 64, its preset. */
  imagenet: settings({
    methods: ['source', 'norm', 'tent', 'surgical', 'law', 'palm'],
    preset: 'imagenet',
    corruptions: [...benchmarkCorruptions],
    severities: [5],
    limit: 5000,
  }),
  /** Severities 1-2-3-4-5-4-3-2-1 of each corruption, as in the paper's Table 4. */
  gradual: settings({
    methods: [...usualMethods],
    schedule: 'gradual',
    corruptions: [...benchmarkCorruptions],
    severities: [5],
    limit: 200,
  }),
  /** The top folders are the domains, and nothing is corrupted. */
  drift: settings({
    methods: [...usualMethods],
    domains: 'folders',
    corruptions: [...benchmarkCorruptions],
    severities: [5],
  }),
  /** Batches of one over a sliding window, as from a camera. */
  single: settings({
    methods: ['source', 'norm', 'palm'],
    corruptions: ['gaussian_noise', 'motion_blur', 'fog', 'jpeg_compression'],
    severities: [5],
    batchSize: 1,
    window: 64,
    limit: 100,
    guard: true,
  }),
}
