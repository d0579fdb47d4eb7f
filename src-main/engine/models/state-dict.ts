// State dicts as they come, brought to the names that architectures are known by: the network found among what was saved with it, wrappers' prefixes taken
// off, a normalisation that was saved with the weights set apart, old spellings renewed, counters of batches dropped.
import type { FileTensor } from './formats/file-tensor.ts'
import { networkAmong } from './network-among.ts'
import { asideName } from './asides.ts'
import { normalizationFrom } from './normalization.ts'

const prefixes = ['module.', '_orig_mod.', 'model.', 'net.', 'backbone.', 'encoder_q.', 'base_model.'] as const
/** Buffers of wrappers that normalise before the network: RobustBench's mu and sigma, and the like. */
const normalizing =
  /^(?:0\.|(?:norm|normali[sz]e|normali[sz]er|normali[sz]ation|preprocess|preprocessing|preprocessor)\.)?(?:(?:pixel|image|img|input|data|channel)_)?(?:(mu|mean)|(sigma|std))$/

/** timm's VGG has torchvision's dense layers under other names. */
const timmVgg = new Map([
  ['pre_logits.fc1', 'classifier.0'],
  ['pre_logits.fc2', 'classifier.3'],
  ['head.fc', 'classifier.6'],
])

export interface PlainStateDict {
  readonly tensors: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
  /** What of the file was set aside, by its names there. */
  readonly besides: readonly string[]
  /** What may be a part of the network, and is none that is known. */
  readonly unclear: readonly string[]
  /** What was assumed, in sentences. */
  readonly remarks: readonly string[]
}

/**
 * `whole`: names of tensors of whole numbers.
 * @throws PalmError `model-unsupported` where several networks lie in it, and nothing says which is meant
 */
export function plainStateDict(
  tensors: ReadonlyMap<string, FileTensor>,
  metadata: Readonly<Record<string, string>>,
  fileName: string,
  whole: ReadonlySet<string> = new Set(),
): PlainStateDict {
  const found = { ...metadata }
  const besides: string[] = []
  const rest = new Map<string, FileTensor>()
  const normalization = new Map<'mean' | 'std', { readonly name: string; readonly value: FileTensor }>()
  for (const [name, value] of tensors) {
    const short = name.replace(/^((_orig_mod|module|model|net)\.)+/, '')
    const part = value.data.length === 3 ? normalizing.exec(short) : null
    if (part) normalization.set(part[1] === undefined ? 'std' : 'mean', { name, value })
    else if (name.endsWith('.num_batches_tracked')) continue
    else if (asideName(short, whole.has(name))) besides.push(name)
    else rest.set(name, value)
  }
  const [mean, std] = [normalization.get('mean'), normalization.get('std')]
  const own = mean && std ? normalizationFrom([...mean.value.data], [...std.value.data]) : null
  if (own) {
    found.mean ??= JSON.stringify(own.mean)
    found.std ??= JSON.stringify(own.std)
  } else besides.push(...[...normalization.values()].map(({ name }) => name))
  let named = rest
  // nn.Sequential(normalise, network) calls the network “1.”.
  const all = [...prefixes, ...(own ? ['1.'] : [])]
  for (let prefix = commonPrefix(named, all); prefix; prefix = commonPrefix(named, all)) {
    const length = prefix.length
    named = new Map([...named].map(([name, value]) => [name.slice(length), value]))
  }
  const among = networkAmong(named, fileName)
  named = new Map(among.tensors)
  besides.push(...among.besides)
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
  return { tensors: renewed, metadata: found, besides, unclear: among.unclear, remarks: among.remarks }
}

function commonPrefix(tensors: ReadonlyMap<string, FileTensor>, candidates: readonly string[]): string | null {
  if (tensors.size === 0) return null
  return (
    candidates.find((prefix) =>
      [...tensors.keys()].every((name) => name.startsWith(prefix) && name.length > prefix.length),
    ) ?? null
  )
}
