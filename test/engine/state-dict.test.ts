// What a state dict is brought to before it is recognised: prefixes, wrappers, what stands beside the network, other collections' names.
import { expect, test } from 'vitest'
import { plainStateDict } from '#engine/models/state-dict.ts'

const tensor = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
})
const namesOf = (names: string[]) => [
  ...plainStateDict(new Map(names.map((name) => [name, tensor(2)])), {}).tensors.keys(),
]

test('prefixes of wrappers are taken off, also several of them', () => {
  expect(namesOf(['_orig_mod.module.model.conv1.weight', '_orig_mod.module.model.fc.bias'])).toEqual([
    'conv1.weight',
    'fc.bias',
  ])
})

test('losses and metrics with weights of their own do not stand in the way', () => {
  expect(
    namesOf(['model.conv1.weight', 'model.fc.bias', 'criterion.weight', 'loss_fn.weight', 'train_acc.total']),
  ).toEqual(['conv1.weight', 'fc.bias'])
})

test('a layer of the network that begins like a loss stays', () =>
  expect(namesOf(['lossless.weight', 'fc.bias'])).toEqual(['lossless.weight', 'fc.bias']))

test('timm’s VGG gets torchvision’s dense layers, the numbers in their order', () => {
  const { tensors } = plainStateDict(
    new Map([
      ['features.0.weight', tensor(2, 3, 3, 3)],
      ['pre_logits.fc1.weight', tensor(4, 2, 7, 7)],
      ['pre_logits.fc1.bias', tensor(4)],
      ['pre_logits.fc2.weight', tensor(4, 4, 1, 1)],
      ['head.fc.weight', tensor(3, 4)],
    ]),
    {},
  )
  expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
    ['features.0.weight', [2, 3, 3, 3]],
    ['classifier.0.weight', [4, 98]],
    ['classifier.0.bias', [4]],
    ['classifier.3.weight', [4, 4]],
    ['classifier.6.weight', [3, 4]],
  ])
  expect(tensors.get('classifier.0.weight')?.data).toEqual(tensor(4, 2, 7, 7).data)
})

test('a normalisation saved with the weights is set apart', () => {
  const { tensors, metadata } = plainStateDict(
    new Map([
      ['mu', { shape: [1, 3, 1, 1], data: new Float32Array([0.5, 0.25, 0.75]) }],
      ['sigma', { shape: [1, 3, 1, 1], data: new Float32Array([0.5, 0.5, 0.5]) }],
      ['model.fc.weight', tensor(2)],
    ]),
    {},
  )
  expect([...tensors.keys()]).toEqual(['fc.weight'])
  expect(metadata).toEqual({ mean: '[0.5,0.25,0.75]', std: '[0.5,0.5,0.5]' })
})
