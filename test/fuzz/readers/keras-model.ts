// A small Keras network as TensorFlow.js writes it (a layers model), in a row (Sequential) or with branches, its weights in two shards.
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import type { FuzzFile } from '#test/fuzz/reader.ts'

export function kerasModel(branches: boolean): FuzzFile {
  const random = new FuzzRandom('keras')
  const specs: { name: string; shape: number[]; dtype: string }[] = []
  const values: number[] = []
  const weight = (name: string, ...shape: number[]) => {
    specs.push({ name, shape, dtype: 'float32' })
    for (let n = shape.reduce((a, b) => a * b, 1); n > 0; n--) values.push(0.1 + random.next())
  }
  const layers: { class_name: string; config: Record<string, unknown>; name: string; inbound_nodes: unknown[] }[] = []
  const add = (kind: string, name: string, config: Record<string, unknown>, ...from: string[]) => {
    const before = from.length > 0 ? from : layers.length > 0 ? [layers.at(-1)?.name as string] : []
    layers.push({
      class_name: kind,
      name,
      config: { name, ...config },
      inbound_nodes: before.length > 0 ? [before.map((input) => [input, 0, 0, {}])] : [],
    })
  }
  add('InputLayer', 'image', { batch_input_shape: [null, 16, 16, 3] })
  add('Rescaling', 'scale', { scale: 0.00392, offset: 0 })
  add('ZeroPadding2D', 'pad', {
    padding: [
      [0, 1],
      [0, 1],
    ],
  })
  weight('stem/kernel', 3, 3, 3, 4)
  weight('stem/bias', 4)
  add('Conv2D', 'stem', {
    strides: [2, 2],
    padding: 'valid',
    activation: 'relu',
    use_bias: true,
    dilation_rate: [1, 1],
  })
  weight('dw/depthwise_kernel', 3, 3, 4, 1)
  add('DepthwiseConv2D', 'dw', { strides: [1, 1], padding: 'same', use_bias: false })
  for (const role of ['gamma', 'beta', 'moving_mean', 'moving_variance']) weight(`bn/${role}`, 4)
  add('BatchNormalization', 'bn', { epsilon: 0.001, scale: true, center: true })
  add('ReLU', 'relu', { max_value: 6 })
  if (branches) {
    add('Add', 'join', {}, 'stem', 'relu')
    add('LeakyReLU', 'leaky', { alpha: 0.2 })
    add('Concatenate', 'cat', { axis: -1 }, 'join', 'leaky')
  }
  const channels = branches ? 8 : 4
  add('MaxPooling2D', 'pool', { pool_size: [2, 2], strides: null, padding: 'valid' })
  add('Dropout', 'drop', { rate: 0.5 })
  if (branches) add('GlobalAveragePooling2D', 'mean', { keepdims: false })
  else add('Flatten', 'flat', {})
  weight('scores/kernel', branches ? channels : 4 * 4 * channels, 5)
  weight('scores/bias', 5)
  add('Dense', 'scores', { units: 5, activation: 'softmax', use_bias: true })
  const data = new Uint8Array(Float32Array.from(values).buffer)
  const config = { name: 'keras', layers, input_layers: [['image', 0, 0]], output_layers: [['scores', 0, 0]] }
  const json = {
    format: 'layers-model',
    modelTopology: {
      keras_version: '2.15.0',
      model_config: { class_name: branches ? 'Functional' : 'Sequential', config },
    },
    weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights: specs }],
  }
  return {
    name: 'model.json',
    bytes: new TextEncoder().encode(JSON.stringify(json)),
    beside: { 'a.bin': data.slice(0, 100), 'b.bin': data.slice(100) },
  }
}
