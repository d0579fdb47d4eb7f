// A drawn checkpoint: a small CIFAR ResNet whose tensors are written in drawn ways, at a drawn place in a file, among what frameworks save beside it.
import { zipSync } from 'fflate'
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import { PickleWriter, type Py } from './pickle-writer.ts'
import { TensorWriter, type StorageData } from './tensor-writer.ts'

export interface DrawnCheckpoint {
  readonly bytes: Uint8Array
  /** Keys that lead to the state dict in what `torch.load` gives. */
  readonly path: readonly (string | number)[]
  /** The network's tensors: our name -> the state dict's. */
  readonly names: Readonly<Record<string, string>>
  /** Names that must be told to be left out. */
  readonly besides: readonly string[]
  /** A tensor that may be a layer: the file must be refused by this name. */
  readonly unclear: string | null
}

type Entry = readonly [name: string, value: Py]

export function drawCheckpoint(seed: number): DrawnCheckpoint {
  const random = new FuzzRandom('checkpoint', seed)
  const legacy = random.chance(0.15)
  const writer = new TensorWriter(random, legacy)
  const shapes = drawNetwork(random)
  const prefix = random.pick([
    '',
    '',
    'module.',
    'model.',
    '_orig_mod.module.',
    'net.backbone.',
    'm.encoder.',
    'student.',
  ])
  const outside = prefix !== '' && random.chance(0.2)
  const names = Object.fromEntries(
    shapes.map(([name]) => [name, outside && /^(fc|linear)/.test(name) ? name : `${prefix}${name}`]),
  )
  const entries: Entry[] = shapes.map(([name, shape]) => [names[name] as string, writer.weight(shape)])
  for (const name of ['bn1', 'layer1.0.bn1'])
    entries.push([`${prefix}${name}.num_batches_tracked`, writer.tensor([], 'I64')])
  const besides: string[] = []
  for (const [name, value] of drawBesides(random, writer)) {
    entries.push([name, value])
    besides.push(name)
  }
  if (prefix !== '' && !outside && random.chance(0.15)) {
    for (const [name, shape] of shapes) entries.push([`model_ema.${name}`, writer.tensor(shape, 'F32')])
    besides.push('model_ema')
  }
  const unclear = random.chance(0.1) ? `${random.pick(['attention', 'adapter', 'neck'])}.weight` : null
  if (unclear !== null) entries.push([unclear, writer.tensor([3, 3], 'F32')])
  const stateDict = asStateDict(random, entries)
  const { whole, path, around } = drawCheckpointOf(random, writer, stateDict)
  const file = legacy ? legacyFile(whole, writer.storages) : zipFile(random, whole, writer.storages)
  return { bytes: file, path, names, besides: [...besides, ...around], unclear }
}

/** Names and shapes of a network, the way our reader calls them. */
function drawNetwork(random: FuzzRandom): [string, readonly number[]][] {
  const width = random.pick([2, 4])
  const shapes: [string, readonly number[]][] = [['conv1.weight', [width, 3, 3, 3]]]
  const norm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.push([`${name}.${part}`, [channels]])
  }
  norm('bn1', width)
  let channels = width
  for (const stage of [1, 2, 3]) {
    const own = width * random.pick([1, 2]) * (channels > width ? 2 : 1)
    for (let block = 0; block < 1 + random.below(2); block++) {
      const out = stage === 1 ? width : Math.max(channels, own)
      for (const i of [1, 2]) {
        shapes.push([`layer${stage}.${block}.conv${i}.weight`, [out, i === 1 ? channels : out, 3, 3]])
        norm(`layer${stage}.${block}.bn${i}`, out)
      }
      channels = out
    }
  }
  const classes = 2 + random.below(5)
  const linear = (name: string, out: number, from: number) =>
    shapes.push([`${name}.weight`, [out, from]], [`${name}.bias`, [out]])
  const head = random.below(4)
  if (head === 0) linear('fc.1', classes, channels)
  else if (head === 1) {
    linear('fc.0', 5, channels)
    linear('fc.3', classes, 5)
  } else linear(head === 2 ? 'linear' : 'fc', classes, channels)
  return shapes
}

/** What stands among the weights without being one of them. */
function drawBesides(random: FuzzRandom, writer: TensorWriter): Entry[] {
  const all: (() => Entry)[] = [
    () => ['n_averaged', writer.tensor([], 'I64')],
    () => ['epoch', writer.tensor([], 'F32')],
    () => ['best_score', writer.tensor([], 'F64')],
    () => ['loss.weight', writer.tensor([4], 'F32')],
    () => ['val_acc.tp', writer.tensor([4], 'I64')],
    () => ['test_f1.confmat', writer.tensor([3, 3], 'I64')],
    () => ['mean', writer.tensor([5], 'F32')],
    () => ['queue', writer.tensor([2, 6], 'F32')],
    () => ['histogram', writer.tensor([4], 'I32')],
    () => ['total_ops', writer.tensor([1], 'F64')],
    () => ['val_spectrum', writer.tensor([4], 'C64')],
  ]
  return all.filter(() => random.chance(0.12)).map((make) => make())
}

function asStateDict(random: FuzzRandom, entries: readonly Entry[]): Py {
  if (random.chance(0.3)) return { dict: entries }
  const metadata: Py = {
    dict: [['_metadata', { call: 'collections.OrderedDict', args: [], items: [['', { dict: [['version', 1]] }]] }]],
  }
  return {
    call: 'collections.OrderedDict',
    args: [],
    items: entries,
    ...(random.chance(0.7) ? { state: metadata } : {}),
  }
}

/** The state dict by itself, or in a checkpoint among other things. */
function drawCheckpointOf(random: FuzzRandom, writer: TensorWriter, stateDict: Py) {
  const way = random.below(6)
  if (way < 2) return { whole: stateDict, path: [], around: [] }
  if (way === 2) return { whole: { tuple: [stateDict, 3, { float: 0.5 }] } as Py, path: [0], around: [] }
  const key = random.pick(['state_dict', 'model', 'net', 'model_state_dict', 'best_weights'])
  const others = drawValues(random, writer)
  const entries: [Py, Py][] = [...others.map(([name, value]): [Py, Py] => [name, value]), [key, stateDict]]
  if (random.chance(0.5)) entries.reverse()
  const around = others.filter(([name]) => /tensor|optimizer|foreign/.test(name)).map(([name]) => name)
  return { whole: { dict: entries } as Py, path: [key], around }
}

function drawValues(random: FuzzRandom, writer: TensorWriter): Entry[] {
  const all: (() => Entry)[] = [
    () => ['epoch', random.below(70_000)],
    () => ['steps', 2 ** 40 + random.below(1000)],
    () => ['loss', { float: random.next() }],
    () => ['arch', 'resnet8 — größer'],
    () => ['nothing', null],
    () => ['best_tensor', writer.tensor([], 'F32')],
    () => ['images_tensor', writer.tensor([2, 3, 4, 4], 'U8')],
    () => ['foreign', writer.foreign()],
    () => ['args', { call: 'argparse.Namespace', args: [], object: true, state: { dict: [['lr', { float: 0.1 }]] } }],
    () => [
      'milestones',
      {
        call: 'collections.Counter',
        args: [
          {
            dict: [
              [10, 1],
              [20, 1],
            ],
          },
        ],
      },
    ],
    () => ['set', { call: '__builtin__.set', args: [{ list: [1, 2] }] }],
    () => ['complex', { call: '__builtin__.complex', args: [{ float: 1 }, { float: 2 }] }],
    () => ['bytes', { call: '_codecs.encode', args: ['xyz', 'latin1'] }],
    () => ['bytearray', { call: '__builtin__.bytearray', args: ['xyz', 'latin-1'] }],
    () => ['size', { call: 'torch.Size', args: [{ tuple: [3, 32, 32] }] }],
    () => ['dtype', { global: random.pick(['torch.float32', 'torch.bfloat16', 'torch.uint16', 'torch.int4']) }],
    () => ['device', { call: 'torch.device', args: ['cpu'] }],
    () => [
      'by dtype',
      {
        dict: [
          [{ global: 'torch.float32' }, 1],
          [{ tuple: [1, 2] }, 2],
          [null, 3],
        ],
      },
    ],
    () => [
      'optimizer',
      {
        dict: [
          [
            'state',
            {
              dict: [0, 1].map((i) => [
                i,
                {
                  dict: [
                    ['exp_avg', writer.tensor([3], 'F32')],
                    ['step', writer.tensor([], 'F32')],
                  ],
                },
              ]),
            },
          ],
          [
            'param_groups',
            {
              list: [
                {
                  dict: [
                    ['lr', { float: 0.1 }],
                    ['params', { list: [0, 1] }],
                  ],
                },
              ],
            },
          ],
        ],
      },
    ],
  ]
  return all.filter(() => random.chance(0.25)).map((make) => make())
}

const swapped = ({ bytes, width }: StorageData) =>
  bytes.map((_, i) => bytes[i - (i % width) + width - 1 - (i % width)] as number)

function zipFile(random: FuzzRandom, value: Py, storages: readonly StorageData[]): Uint8Array {
  const text = (words: string) => new TextEncoder().encode(words)
  const root = random.pick(['archive', 'model', 'best.pth'])
  const order = random.pick(['little', 'little', 'big', null])
  return zipSync(
    {
      [`${root}/data.pkl`]: new PickleWriter().bytes(value),
      ...(order === null ? {} : { [`${root}/byteorder`]: text(order) }),
      ...Object.fromEntries(
        storages.map((storage) => [`${root}/data/${storage.key}`, order === 'big' ? swapped(storage) : storage.bytes]),
      ),
      [`${root}/version`]: text('3\n'),
    },
    { level: 0, mtime: new Date(2000, 0, 1) },
  )
}

/** The format before the zip: pickles one after the other, then the storages. */
function legacyFile(value: Py, storages: readonly StorageData[]): Uint8Array {
  const magic = Uint8Array.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e])
  const system: Py = {
    dict: [
      ['protocol_version', 1001],
      ['little_endian', true],
      [
        'type_sizes',
        {
          dict: [
            ['short', 2],
            ['int', 4],
            ['long', 4],
          ],
        },
      ],
    ],
  }
  const parts = [
    magic,
    ...[1001, system, legacyIds(value), { list: storages.map(({ key }) => key) }].map((part) =>
      new PickleWriter().bytes(part),
    ),
    ...storages.flatMap(({ elements, bytes }) => {
      const count = new Uint8Array(8)
      new DataView(count.buffer).setBigInt64(0, BigInt(elements), true)
      return [count, bytes]
    }),
  ]
  return new Uint8Array(Buffer.concat(parts))
}

/** There a storage's reference has a sixth part: the part of another storage that it is; none. */
function legacyIds(value: Py): Py {
  if (typeof value !== 'object' || value === null) return value
  const pairs = (entries: readonly (readonly [Py, Py])[]) =>
    entries.map(([key, entry]): [Py, Py] => [legacyIds(key), legacyIds(entry)])
  if ('persistent' in value) {
    const id = value.persistent as { readonly tuple: readonly Py[] }
    return { persistent: { tuple: [...id.tuple, null] } }
  }
  if ('list' in value) return { list: value.list.map(legacyIds) }
  if ('tuple' in value) return { tuple: value.tuple.map(legacyIds) }
  if ('dict' in value) return { dict: pairs(value.dict) }
  if ('call' in value)
    return {
      ...value,
      args: value.args.map(legacyIds),
      ...(value.items ? { items: pairs(value.items) } : {}),
    }
  return value
}
