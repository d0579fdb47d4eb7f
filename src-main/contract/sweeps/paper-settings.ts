// What the paper's tables were computed with (Maharana, Zhang, Guo, AAAI 2025, implementation details; the order of the images from the published code, which
// does not shuffle the arrays of CIFAR-C), which data and model are the paper's, and what a sweep does otherwise. Pure.
import { benchmarkCorruptions, corruptionNames } from '#contract/inputs/corruption.ts'
import type { InputLayout } from '#contract/inputs/input-layouts.ts'
import { palmPresets } from '#contract/methods/presets.ts'
import type { ImageOrder, Schedule } from '#contract/runs/run-options.ts'
import type { SweepDefinition } from './sweep.ts'

export type PaperFamily = 'cifar10' | 'cifar100' | 'imagenet'

interface PaperSettings {
  readonly data: string
  readonly layout: InputLayout
  readonly classes: number
  /** In each domain. */
  readonly images: number
  readonly imageOrder: ImageOrder
  /** The network, as the reader of models names it. */
  readonly architectures: readonly string[]
  readonly model: string
}

export const paperFamilies: Readonly<Record<PaperFamily, PaperSettings>> = {
  cifar10: {
    data: 'CIFAR-10-C',
    layout: 'cifar-c',
    classes: 10,
    images: 10_000,
    imageOrder: 'file',
    architectures: ['wide-resnet-28-10'],
    model: 'WideResNet-28-10',
  },
  cifar100: {
    data: 'CIFAR-100-C',
    layout: 'cifar-c',
    classes: 100,
    images: 10_000,
    imageOrder: 'file',
    architectures: ['resnext-29-32x4d'],
    model: 'ResNeXt-29 32x4d',
  },
  // Which 5,000 images, and in which order, is a list that is not ours to guess.
  imagenet: {
    data: 'ImageNet-C',
    layout: 'imagenet-c',
    classes: 1000,
    images: 5000,
    imageOrder: 'shuffled',
    architectures: ['resnet-50'],
    model: 'ResNet-50',
  },
}
const familyNames = Object.keys(paperFamilies) as readonly PaperFamily[]

/** The paper's data and a model for them: arrays of CIFAR-C or a tree of ImageNet-C, and as many classes. Null = something else. */
export function paperFamilyOf(layout: InputLayout, classes: number): PaperFamily | null {
  return (
    familyNames.find((name) => paperFamilies[name].layout === layout && paperFamilies[name].classes === classes) ?? null
  )
}

/** The data of a table of the paper, where it has one; the others show all three. */
const familyOfTable: Readonly<Record<string, PaperFamily>> = {
  table1: 'cifar10',
  table2: 'cifar100',
  table3: 'imagenet',
}
const scheduleOfTable: Readonly<Record<string, Schedule>> = { table4: 'gradual' }

/** What was found where a sweep's images and models are. */
export interface SweepFacts {
  readonly inputs: readonly { readonly name: string; readonly layout: InputLayout; readonly images: number }[]
  readonly models: readonly { readonly name: string; readonly architecture: string; readonly classes: number }[]
}

/** What a sweep under the title of one of the paper's tables does otherwise than the paper, a few words each; nothing = its settings, data and network. */
export function paperDifferences(definition: SweepDefinition, { inputs, models }: SweepFacts): string[] {
  const table = definition.paper
  if (table === null) return []
  const wanted = familyOfTable[table]
  const found = inputs.flatMap(({ layout }) => models.map(({ classes }) => paperFamilyOf(layout, classes)))
  const family = wanted ?? found.find((one) => one !== null)
  if (family === undefined) return [`images and model: ${namesOf(inputs)} / ${namesOf(models)}, none of the paper’s`]
  const paper = paperFamilies[family]
  const list: string[] = []
  type Value = string | number
  const differs = (ours: Value, theirs: Value, inWords: (ours: Value, theirs: Value) => string) => {
    if (ours !== theirs) list.push(inWords(ours, theirs))
  }
  if (found.some((one) => one !== family)) list.push(`images ${namesOf(inputs)} (paper: ${paper.data})`)
  if (models.some(({ architecture }) => !paper.architectures.includes(architecture)))
    list.push(
      `model ${models.map(({ name, architecture }) => `${name}, ${architecture}`).join('; ')} (paper: ${paper.model})`,
    )
  differs(definition.preset, family, (ours, theirs) => `preset ${ours} (paper: ${theirs})`)
  differs(
    definition.batchSize ?? palmPresets[definition.preset].batchSize,
    palmPresets[family].batchSize,
    (ours, theirs) => `batch ${ours} (paper: ${theirs})`,
  )
  differs(
    orderWords[definition.imageOrder],
    orderWords[paper.imageOrder],
    (ours, theirs) => `images in ${ours} (paper: ${theirs})`,
  )
  const each = Math.min(definition.limit ?? Infinity, ...inputs.map(({ images }) => images))
  differs(
    each.toLocaleString('en'),
    paper.images.toLocaleString('en'),
    (ours, theirs) => `images a domain ${ours} (paper: ${theirs})`,
  )
  const schedule = scheduleOfTable[table] ?? 'continual'
  differs(definition.schedules.join(', '), schedule, (ours, theirs) => `schedule ${ours} (paper: ${theirs})`)
  if (schedule !== 'gradual')
    differs(definition.severities.join(', '), '5', (ours, theirs) => `severity ${ours} (paper: ${theirs})`)
  differs(
    corruptionsText(definition.corruptions),
    corruptionsText(benchmarkCorruptions),
    (ours, theirs) => `corruptions ${ours} (paper: ${theirs})`,
  )
  differs(definition.cycles, 1, (ours, theirs) => `cycles ${ours} (paper: ${theirs})`)
  if (definition.window !== null) list.push(`a window of ${definition.window} images (paper: none)`)
  if (definition.guard) list.push('the collapse guard (paper: none)')
  return list
}

export const orderWords: Readonly<Record<ImageOrder, string>> = { shuffled: 'shuffled order', file: 'file order' }

const namesOf = (all: readonly { readonly name: string }[]): string => all.map(({ name }) => name).join(', ')

function corruptionsText(names: SweepDefinition['corruptions']): string {
  const benchmark = benchmarkCorruptions.join()
  if (names.join() === benchmark) return `the ${benchmarkCorruptions.length} in their order`
  return names.length === benchmarkCorruptions.length && benchmarkCorruptions.every((name) => names.includes(name))
    ? 'the 15 in another order'
    : `${names.length} of ${corruptionNames.length}`
}
