// State dicts as they come, brought to the names that architectures are known by: the network found among what was saved with it, wrappers' prefixes taken
// off, a normalisation that was saved with the weights set apart, old spellings renewed, counters of batches dropped.
import type { FileTensor } from './formats/file-tensor.ts'
import { isKnown, networkAmong } from './network-among.ts'
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
  /** Parts of whole numbers only: a layer has others as well, unless it was rounded. */
  readonly counters: ReadonlySet<FileTensor>
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
  const shortOf = (name: string) => name.replace(/^((_orig_mod|module|model|net)\.)+/, '')
  const partOf = (name: string) => shortOf(name).split('.')[0]
  const layers = new Set([...tensors.keys()].filter((name) => !whole.has(name)).map(partOf))
  const counters = new Set([...tensors].filter(([name]) => !layers.has(partOf(name))).map(([, value]) => value))
  for (const [name, value] of tensors) {
    const short = shortOf(name)
    const part = value.data.length === 3 ? normalizing.exec(short) : null
    if (part) normalization.set(part[1] === undefined ? 'std' : 'mean', { name, value })
    else if (name.endsWith('.num_batches_tracked')) continue
    else if (asideName(short) || (whole.has(name) && !short.includes('.'))) besides.push(name)
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
  const among = networkAmong(unwrapped(named, fileName), fileName, counters)
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
  return { tensors: renewed, metadata: found, besides, unclear: among.unclear, counters, remarks: among.remarks }
}

/** Wrappers that stand around parts of a network: `features.module.0`, `layer1._orig_mod.0`. Only where the network is not known with them. */
function unwrapped(tensors: ReadonlyMap<string, FileTensor>, fileName: string): ReadonlyMap<string, FileTensor> {
  const wrappers = /(^|\.)(module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\.)/g
  if (![...tensors.keys()].some((name) => name.search(wrappers) >= 0) || isKnown(tensors, fileName)) return tensors
  const bare = new Map([...tensors].map(([name, value]) => [name.replace(wrappers, '').replace(/^\./, ''), value]))
  return bare.size === tensors.size ? bare : tensors
}

function commonPrefix(tensors: ReadonlyMap<string, FileTensor>, candidates: readonly string[]): string | null {
  if (tensors.size === 0) return null
  return (
    candidates.find((prefix) =>
      [...tensors.keys()].every((name) => name.startsWith(prefix) && name.length > prefix.length),
    ) ?? null
  )
}
