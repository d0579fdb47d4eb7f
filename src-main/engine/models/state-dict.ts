// State dicts as they come, brought to the names that architectures are known by: wrappers' prefixes taken off, a normalisation that was saved with the
// weights set apart, old spellings renewed, counters of batches dropped.
import type { FileTensor } from './formats/file-tensor.ts'

const prefixes = ['module.', '_orig_mod.', 'model.', 'net.', 'backbone.', 'encoder_q.', 'base_model.'] as const
/** Buffers of wrappers that normalise before the network: RobustBench's mu and sigma, and the like. */
const means = ['mu', 'mean', 'normalize.mean', 'normalizer.mean', '0.mean']
const stds = ['sigma', 'std', 'normalize.std', 'normalizer.std', '0.std']

export interface PlainStateDict {
  readonly tensors: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
}

export function plainStateDict(tensors: ReadonlyMap<string, FileTensor>, metadata: Readonly<Record<string, string>>): PlainStateDict {
  const found = { ...metadata }
  const rest = new Map<string, FileTensor>()
  const triple = (value: FileTensor) => value.data.length === 3 && [...value.data].every(Number.isFinite)
  for (const [name, value] of tensors) {
    const short = name.replace(/^module\./, '')
    if (means.includes(short) && triple(value)) found.mean ??= JSON.stringify([...value.data])
    else if (stds.includes(short) && triple(value) && value.data.every((v) => v > 0)) found.std ??= JSON.stringify([...value.data])
    else if (!name.endsWith('.num_batches_tracked')) rest.set(name, value)
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
    renewed.set(name.replace(/(denselayer\d+)\.(norm|relu|conv)\.(\d)\./, '$1.$2$3.'), value)
  }
  return { tensors: renewed, metadata: found }
}

function commonPrefix(tensors: ReadonlyMap<string, FileTensor>, candidates: readonly string[]): string | null {
  if (tensors.size === 0) return null
  return candidates.find((prefix) => [...tensors.keys()].every((name) => name.startsWith(prefix) && name.length > prefix.length)) ?? null
}
