// Which data and models are the paper's, the settings that its tables then take, and what is said where a table is computed otherwise.
import { describe, expect, test } from 'vitest'
import { paperDifferences, paperFamilyOf, type PaperFamily, type SweepFacts } from '#contract/sweeps/paper-settings.ts'
import { readySweep, type ReadySweepName } from '#contract/sweeps/ready-sweeps.ts'
import type { SweepDefinitionInput } from '#contract/sweeps/sweep.ts'

const arrays = { kind: 'folder', path: 'CIFAR-10-C', split: null, domains: 'none', labels: {} } as const
const network = { kind: 'file', path: 'Standard.pt' } as const
const sweep = (name: ReadySweepName, paper: PaperFamily | null, differs: Partial<SweepDefinitionInput> = {}) =>
  readySweep(name, { input: arrays, model: network, source: null, preset: null, paper }, differs)
const facts = (more: Partial<SweepFacts['inputs'][number] & SweepFacts['models'][number]> = {}): SweepFacts => {
  const { layout = 'cifar-c', images = 10_000, architecture = 'wide-resnet-28-10', classes = 10 } = more
  return {
    inputs: [{ name: 'arrays', layout, images }],
    models: [{ name: 'net', architecture, classes }],
  }
}

test('the paper’s data are known by how they lie and by the model’s classes', () => {
  expect(paperFamilyOf('cifar-c', 10)).toBe('cifar10')
  expect(paperFamilyOf('cifar-c', 100)).toBe('cifar100')
  expect(paperFamilyOf('imagenet-c', 1000)).toBe('imagenet')
  expect(paperFamilyOf('cifar-c', 1000)).toBeNull()
  expect(paperFamilyOf('class-folders', 10)).toBeNull()
})

describe('a table under the paper’s title', () => {
  test('takes the paper’s settings on the paper’s data, and has nothing to say then', () => {
    const table1 = sweep('table1', 'cifar10')
    expect(table1).toMatchObject({ preset: 'cifar10', batchSize: null, imageOrder: 'file', limit: null })
    expect(paperDifferences(table1, facts())).toEqual([])
    const cifar100 = facts({ classes: 100, architecture: 'resnext-29-32x4d' })
    expect(paperDifferences(sweep('table2', 'cifar100'), cifar100)).toEqual([])
    expect(sweep('table8', 'cifar100')).toMatchObject({ preset: 'cifar100', imageOrder: 'file' })
    expect(paperDifferences(sweep('table8', 'cifar100'), cifar100)).toEqual([])
    expect(paperDifferences(sweep('table4', 'cifar10'), facts())).toEqual([])
    const imagenet = facts({ layout: 'imagenet-c', classes: 1000, architecture: 'resnet-50', images: 5000 })
    expect(paperDifferences(sweep('table3', 'imagenet'), imagenet)).toEqual([])
  })

  test('says every setting that is another one', () => {
    const own = sweep('table1', null, {
      limit: 500,
      severities: [3],
      corruptions: ['fog'],
      guard: true,
      window: 9,
    })
    expect(paperDifferences({ ...own, cycles: 2, schedules: ['gradual'] }, facts({ architecture: 'onnx' }))).toEqual([
      'model net, onnx (paper: WideResNet-28-10)',
      'preset auto (paper: cifar10)',
      'batch 100 (paper: 200)',
      'images in shuffled order (paper: file order)',
      'images a domain 500 (paper: 10,000)',
      'schedule gradual (paper: continual)',
      'severity 3 (paper: 5)',
      'corruptions 1 of 19 (paper: the 15 in their order)',
      'cycles 2 (paper: 1)',
      'a window of 9 images (paper: none)',
      'the collapse guard (paper: none)',
    ])
  })

  test('says other data: another family’s, or none of the paper’s', () => {
    expect(paperDifferences(sweep('table1', 'cifar100'), facts({ classes: 100 }))).toContain(
      'images arrays (paper: CIFAR-10-C)',
    )
    expect(paperDifferences(sweep('table8', null), facts({ layout: 'class-folders' }))).toEqual([
      'images and model: arrays / net, none of the paper’s',
    ])
    expect(paperDifferences({ ...sweep('table1', null), paper: null }, facts({ layout: 'array' }))).toEqual([])
  })
})
