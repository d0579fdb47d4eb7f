// What a state dict is brought to before it is recognised: prefixes, wrappers, what stands beside the network, other collections' names.
import { expect, test } from 'vitest'
import { describeModel, hashTensors } from '#engine/models/load.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { safetensorsFile, type StateDictFile } from '#engine/models/weights-file.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { tinyVit } from '#test/helpers/tiny-vit.ts'
import { plainStateDict } from '#engine/models/state-dict.ts'

const tensor = (...shape: number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
})
const namesOf = (names: string[]) => [
  ...plainStateDict(new Map(names.map((name) => [name, tensor(2)])), {}, 'file').tensors.keys(),
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
    'file',
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
    'file',
  )
  expect([...tensors.keys()]).toEqual(['fc.weight'])
  expect(metadata).toEqual({ mean: '[0.5,0.25,0.75]', std: '[0.5,0.5,0.5]' })
})

/** A CIFAR ResNet-8 of widths 4, 4, 4 for three classes; every tensor has other values. */
function network(head: Readonly<Record<string, readonly number[]>> = { fc: [3, 4] }): Map<string, FileTensor> {
  const shapes: [string, readonly number[]][] = [['conv1.weight', [4, 3, 3, 3]]]
  const norm = (name: string) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.push([`${name}.${part}`, [4]])
    shapes.push([`${name}.num_batches_tracked`, []])
  }
  norm('bn1')
  for (const stage of [1, 2, 3])
    for (const i of [1, 2]) {
      shapes.push([`layer${stage}.0.conv${i}.weight`, [4, 4, 3, 3]])
      norm(`layer${stage}.0.bn${i}`)
    }
  for (const [name, shape] of Object.entries(head))
    shapes.push([`${name}.weight`, shape], [`${name}.bias`, [shape[0] ?? 0]])
  return new Map(
    shapes.map(([name, shape], place) => [
      name,
      {
        shape,
        data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (place + 1) / (i + 1)),
      },
    ]),
  )
}
const below = (prefix: string, tensors: ReadonlyMap<string, FileTensor>) =>
  [...tensors].map(([name, value]) => [`${prefix}${name}`, value] as const)
const scaled = (tensors: ReadonlyMap<string, FileTensor>) =>
  new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => value * 1.5) }]))
const filled = (values: readonly number[], shape: readonly number[] = [values.length]) => ({
  shape,
  data: Float32Array.from(values),
})
const described = (
  entries: Iterable<readonly [string, FileTensor]>,
  metadata: Readonly<Record<string, string>> = {},
  whole: readonly string[] = [],
) => {
  const plain = plainStateDict(new Map(entries), metadata, 'x.pth', new Set(whole))
  const file: StateDictFile = { kind: 'state-dict', format: 'torch', foreign: new Map(), ...plain }
  return describeModel(file, { fileName: 'x.pth' })
}
const hashOf = (entries: Iterable<readonly [string, FileTensor]>) => hashTensors(described(entries).values)

test('what stands beside the network is left out by name, and the weights are the same', () => {
  const own = network()
  const one = filled([1])
  const besides: readonly (readonly [what: string, entries: (readonly [string, FileTensor])[], named: string[]])[] = [
    ['counters', [...own, ['n_averaged', one], ['epoch', one]], ['n_averaged', 'epoch']],
    ['numbers at the top', [...own, ['best_score', one]], ['best_score']],
    [
      'losses and metrics beside a prefix',
      [
        ...below('net.', own),
        ['loss.weight', filled([1, 2, 3])],
        ['val_acc.tp', filled([1, 2])],
        ['test_f1.confmat', filled([1, 2])],
      ],
      ['loss.weight', 'val_acc.tp', 'test_f1.confmat'],
    ],
    ['an average', [...below('model.', own), ...below('model_ema.', scaled(own))], ['model_ema.… (']],
    ['an average of what has no prefix', [...own, ...below('ema.', scaled(own))], ['ema.… (']],
    [
      'momentum contrast',
      [...below('encoder_q.', own), ...below('encoder_k.', scaled(own)), ['queue', filled([1, 2])]],
      ['queue', 'encoder_k.… ('],
    ],
    ['the same twice', [...below('model.', own), ...below('net.', own)], ['net.… (']],
    [
      'a profiler',
      [...own, ['layer1.0.total_ops', one], ['total_params', one]],
      ['layer1.0.total_ops', 'total_params'],
    ],
    [
      'statistics that are no normalisation',
      [...own, ['mean', filled([1, 2])], ['std', filled([1, 2])]],
      ['mean', 'std'],
    ],
  ]
  for (const [what, entries, named] of besides) {
    const { values, remarks } = described(entries)
    expect(hashTensors(values), what).toBe(hashOf(own))
    for (const name of named) expect(remarks?.join(' '), what).toContain(name)
  }
  expect(described(own).remarks).toBeUndefined()
})

test('wrappers around parts of a network are taken off', () => {
  const own = network()
  for (const wrap of [
    (name: string) => name.replace(/^(layer\d)\./, '$1.module.'),
    (name: string) => name.replace(/^layer1\./, 'layer1._orig_mod.'),
    (name: string) => (name.startsWith('fc.') ? name : `module.${name}`),
    (name: string) => `net.${name.replace(/^(layer\d\.0)\./, '$1._checkpoint_wrapped_module.')}`,
  ])
    expect(hashOf([...own].map(([name, value]) => [wrap(name), value] as const))).toBe(hashOf(own))
})

test('tensors of whole numbers at the top are counters, whatever they are called', () =>
  expect(described([...network(), ['anything', filled([1, 2])]], {}, ['anything']).remarks).toEqual([
    'Left out, for it is no part of the network: anything.',
  ]))

test('a part of whole numbers only is a counter, one of a layer is not', () => {
  const entries = [...network(), ['hits.correct', filled([1, 2])], ['hits.total', filled([3])]] as const
  expect(described(entries, {}, ['hits.correct', 'hits.total']).remarks?.join()).toContain('hits.correct, hits.total')
  const masked = [...network(), ['layer1.0.mask', filled([1, 0])]] as const
  expect(() => described(masked, {}, ['layer1.0.mask'])).toThrow(/“layer1\.0\.mask”/)
})

test('a tensor that may be a layer is refused by name, with what to do', () => {
  const own = network()
  for (const [entries, name] of [
    [[...own, ['attention.weight', filled([1, 2])]], 'attention.weight'],
    [[...own, ['layer1.0.se.weight', filled([1, 2])]], 'layer1.0.se.weight'],
    [[...below('net.', own), ['proj.weight', filled([1, 2])]], 'proj.weight'],
    [[...below('net.', own), ['head.weight', filled([1, 2, 3, 4, 5, 6], [2, 3])]], 'head.weight'],
    [[...own, ['temperature', filled([2])]], 'temperature'],
    [[...own, ['avg_pool.p', filled([3])]], 'avg_pool.p'],
    [[...own, ['p', filled([3])]], 'p'],
  ] as [[string, FileTensor][], string][])
    expect(() => described(entries), name).toThrow(new RegExp(`x\\.pth .*“${name}”.*torch\\.save\\(.*ONNX`))
})

test('two networks of which none is a copy by name are refused with the line that saves one', () =>
  expect(() => described([...below('student.', network()), ...below('teacher.', scaled(network()))])).toThrow(
    /more than one network \(“student\.”, “teacher\.”\).*startswith\("student\."\)/,
  ))

test('a classifier outside of the network’s prefix is taken, and that is said', () => {
  const own = network()
  const [trunk, head] = [
    [...own].filter(([name]) => !name.startsWith('fc.')),
    [...own].filter(([name]) => name.startsWith('fc.')),
  ]
  const { values, remarks, classes } = described([...below('backbone.', new Map(trunk)), ...head])
  expect(hashTensors(values)).toBe(hashOf(own))
  expect(classes).toBe(3)
  expect(remarks?.join()).toMatch(/fc\.weight.*outside.*“backbone\.”/)
})

test('classifiers in a Sequential: what cannot be seen between their layers is assumed and said', () => {
  const ops = (head: Readonly<Record<string, readonly number[]>>) => {
    const { graph, remarks, classes } = described(network(head))
    const from = graph.nodes.findIndex(({ op }) => op === 'global-mean')
    return {
      ops: graph.nodes.slice(from + 1).map(({ op }) => op),
      remarks: remarks?.join(' ') ?? '',
      classes,
      features: graph.features,
    }
  }
  expect(ops({ 'fc.1': [5, 4] })).toMatchObject({
    ops: ['linear'],
    classes: 5,
    remarks: expect.stringContaining('dropout'),
  })
  expect(ops({ 'fc.0': [6, 4], 'fc.3': [5, 6] })).toMatchObject({
    ops: ['linear', 'relu', 'linear'],
    classes: 5,
    remarks: expect.stringMatching(/between “fc\.0” and “fc\.3”.*ReLU/),
  })
  expect(ops({ 'fc.0': [6, 4], 'fc.1': [5, 6] })).toMatchObject({ ops: ['linear', 'linear'], remarks: '' })
  expect(ops({ 'linear.fc1': [6, 4], 'linear.fc2': [5, 6] })).toMatchObject({ ops: ['linear', 'relu', 'linear'] })
  expect(() => ops({ 'fc.0': [6, 4], 'fc.3': [5, 7] })).toThrow(/takes 7 features where 6 come in/)
  expect(() => described([...network({ 'fc.0': [6, 4] }), ['fc.1.weight', filled([1, 1, 1, 1, 1, 1])]])).toThrow(
    /layers that are not known here: “fc\.1\.weight”/,
  )
})

test('a normalisation for pixels up to 255 is brought to those up to 1', () => {
  const { normalization } = described([
    ...below('model.', network()),
    ['pixel_mean', filled([127.5, 51, 255], [3, 1, 1])],
    ['pixel_std', filled([51, 25.5, 102], [3, 1, 1])],
  ])
  expect(normalization.mean).toEqual([0.5, 0.2, 1])
  expect(normalization.std).toEqual([0.2, 0.1, 0.4])
})

test('metadata that is not ours never refuses a file', () => {
  const read = (metadata: Readonly<Record<string, string>>) =>
    describeModel(safetensorsFile(writeSafetensors(network(), metadata), 'x.safetensors'), {
      fileName: 'x.safetensors',
    })
  const usual = read({}).normalization
  for (const metadata of [
    { mean: '0.4914,0.4822,0.4465', format: 'pt', std: 'x' },
    { mean: '[0.5,0.5]', std: '[0.5,0.5,0.5]' },
    { mean: '[0.5,0.5,0.5]' },
    { class_names: 'cats and dogs', input_size: '[3,224,224]', stem_stride: 'two' },
    { class_names: '["a","b"]' },
  ]) {
    const { normalization, remarks, classNames } = read(metadata)
    expect(normalization).toEqual(usual)
    expect(classNames).toBeNull()
    expect(remarks?.join()).toContain('left out')
  }
  expect(read({ mean: '0.5,0.5,0.5', std: '0.2, 0.2, 0.2' }).normalization.std).toEqual([0.2, 0.2, 0.2])
  expect(read({ class_names: '["a","b","c"]' }).classNames).toEqual(['a', 'b', 'c'])
})

test('images of a size of which nothing would be left, or that its positions do not know, are refused before anything is computed', () => {
  const tensors = new Map<string, FileTensor>()
  const norm = (name: string, width: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) tensors.set(`${name}.${part}`, tensor(width))
  }
  // Five blocks of a convolution and a pool, as torchvision numbers a VGG's.
  for (const [block, width] of [4, 4, 4, 4, 4].entries()) {
    tensors.set(`features.${4 * block}.weight`, tensor(width, block === 0 ? 3 : 4, 3, 3))
    norm(`features.${4 * block + 1}`, width)
  }
  tensors.set('classifier.weight', tensor(3, 4)).set('classifier.bias', tensor(3))
  const files = { 'vgg.safetensors': writeSafetensors(tensors, {}), 'vit.safetensors': tinyVit() }
  const at = (fileName: keyof typeof files, inputSize: number | null) => () =>
    describeModel(safetensorsFile(files[fileName], fileName), { fileName, inputSize })
  for (const [name, size] of [
    ['vgg.safetensors', 32],
    ['vgg.safetensors', 48],
    ['vit.safetensors', 64],
    ['vit.safetensors', null],
  ] as const)
    expect(at(name, size)).not.toThrow()
  expect(at('vgg.safetensors', 28)).toThrow(
    /vgg\.safetensors cannot take images of 28 x 28: nothing is left of an image .* Choose another size/,
  )
  expect(at('vit.safetensors', 48)).toThrow(/vit\.safetensors cannot take images of 48 x 48: .* Choose another size/)
})
