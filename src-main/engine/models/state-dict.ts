// State dicts as they come, brought to the names that architectures are known by: wrappers' prefixes taken off, a normalisation that was saved with the
// weights set apart, old spellings renewed, counters of batches dropped.
import type { FileTensor } from './formats/file-tensor.ts'

const prefixes = ['module.', '_orig_mod.', 'model.', 'net.', 'backbone.', 'encoder_q.', 'base_model.'] as const
/** Buffers of wrappers that normalise before the network: RobustBench's mu and sigma, and the like. */
const means = ['mu', 'mean', 'normalize.mean', 'normalizer.mean', '0.mean']
const stds = ['sigma', 'std', 'normalize.std', 'normalizer.std', '0.std']

/** timm's VGG has torchvision's dense layers under other names. */
const timmVgg = new Map([
  ['pre_logits.fc1', 'classifier.0'],
  ['pre_logits.fc2', 'classifier.3'],
  ['head.fc', 'classifier.6'],
])
/** What training frameworks keep beside the network: losses and metrics with weights of their own. */
const asides = /^(criterion|loss|loss_fn|loss_func|metrics?|(train|val|valid|test)_(acc|accuracy|loss|metrics?))\./

export interface PlainStateDict {
  readonly tensors: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
}

export function plainStateDict(
  tensors: ReadonlyMap<string, FileTensor>,
  metadata: Readonly<Record<string, string>>,
): PlainStateDict {
  const found = { ...metadata }
  const rest = new Map<string, FileTensor>()
  const triple = (value: FileTensor) => value.data.length === 3 && [...value.data].every(Number.isFinite)
  for (const [name, value] of tensors) {
    const short = name.replace(/^module\./, '')
    if (means.includes(short) && triple(value)) found.mean ??= JSON.stringify([...value.data])
    else if (stds.includes(short) && triple(value) && value.data.every((v) => v > 0))
      found.std ??= JSON.stringify([...value.data])
    else if (!name.endsWith('.num_batches_tracked') && !asides.test(short)) rest.set(name, value)
  }
  let named = rest
  // nn.Sequential(normalise, network) calls the network “1.”.
  const all = [...prefixes, ...(found.mean === undefined ? [] : ['1.'])]
  for (let prefix = commonPrefix(named, all); prefix; prefix = commonPrefix(named, all)) {
    const length = prefix.length
    named = new Map([...named].map(([name, value]) => [name.slice(length), value]))
  }
  // Wide ResNets of some collections carry an unused copy of their first block.
  const copies = named.has('sub_block1.layer.0.bn1.weight') && named.has('block1.layer.0.bn1.weight')
  const renewed = new Map<string, FileTensor>()
  for (const [name, value] of named) {
    if (copies && name.startsWith('sub_block1.')) continue
    const dense = timmVgg.get(name.replace(/\.(weight|bias)$/, ''))
    if (dense !== undefined && named.has('pre_logits.fc1.weight')) {
      // Convolutions over the whole picture: the same numbers in the same order.
      const { shape, data } = value
      renewed.set(name.replace(/^.*(?=\.(weight|bias)$)/, dense), {
        shape: shape.length === 4 ? [shape[0] as number, shape.slice(1).reduce((a, n) => a * n, 1)] : shape,
        data,
      })
      continue
    }
    renewed.set(name.replace(/(denselayer\d+)\.(norm|relu|conv)\.(\d)\./, '$1.$2$3.'), value)
  }
  return { tensors: renewed, metadata: found }
}

function commonPrefix(tensors: ReadonlyMap<string, FileTensor>, candidates: readonly string[]): string | null {
  if (tensors.size === 0) return null
  return (
    candidates.find((prefix) =>
      [...tensors.keys()].every((name) => name.startsWith(prefix) && name.length > prefix.length),
    ) ?? null
  )
}
