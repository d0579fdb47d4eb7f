// The options of each command, their help, and how a wrong one is answered. One table: parsing, help and the nearest-option
// advice all read it.
import { parseArgs } from 'node:util'
import { methodIds, usualMethods } from '#contract/methods/method-info.ts'
import { readyModelNames } from '#contract/models/library.ts'
import { readySweepNames } from '#contract/sweeps/ready-sweeps.ts'

export interface OptionSpec {
  /** What stands for the value in the help; absent = a switch. */
  readonly value?: string
  readonly help: string
  readonly short?: string
}

export interface CommandSpec {
  readonly name: string
  /** What stands after the name in the usage line. */
  readonly operands: string
  readonly summary: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** Said below the options. */
  readonly notes?: string
}

export interface ParsedCommand {
  readonly operands: readonly string[]
  readonly values: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
}

/** A command that was not written as the help says. Exit code 2. */
export class UsageError extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  data: { value: 'DIR', help: 'where runs are kept (default: PALM_DATA, else the system’s place)' },
  verbose: { help: 'say the technical detail of an error too' },
  help: { help: 'show this help', short: 'h' },
}

const json: OptionSpec = { help: 'print JSON instead of text' }

export const commands: readonly CommandSpec[] = [
  {
    name: 'run',
    operands: '',
    summary: 'stream images through corruptions, adapt, and compare the methods',
    options: {
      sample: { help: 'the bundled images and model (EuroSAT)' },
      input: {
        value: 'PATH',
        help: 'images: a folder, .zip, .tar, .csv, .jsonl, .npy, .npz (palm inputs inspect PATH says what is seen)',
      },
      model: {
        value: 'FILE',
        help: 'weights (.safetensors, .pt, .pth, .onnx, a TensorFlow.js model.json), or the name of a model in the library',
      },
      split: { value: 'NAME', help: 'which part of the input: train, val, test (default: the one not trained on)' },
      domains: { value: 'NAME', help: 'real drift, no corruption: folders, column, hour, day, month' },
      labels: { value: 'FILE', help: 'classes matched by hand, JSON: {"cat": 3, "other": null}' },
      methods: { value: 'LIST', help: `by commas, of ${methodIds.join(', ')} (default: ${usualMethods.join(',')})` },
      set: {
        value: 'LIST',
        help: 'options of methods: cotta.augmentations=8,palm.lambda=0.05 (palm methods NAME lists them)',
      },
      source: {
        value: 'DIR',
        help: 'clean images of the kind the model was trained on, for the methods that need them',
      },
      corruptions: { value: 'LIST', help: 'benchmark (15), all (19), none, or names (default: benchmark)' },
      severity: { value: 'LIST', help: '1 to 5, one or several: 1,3,5 (default: 5)' },
      schedule: {
        value: 'NAME',
        help: 'continual, reset-per-domain, gradual, mixed, correlated, custom (default: continual)',
      },
      order: { value: 'FILE', help: 'of the schedule custom: a JSON list of {"corruption": …, "severity": …}' },
      cycles: { value: 'N', help: 'go through the whole order so many times (default: 1)' },
      window: { value: 'N', help: 'methods see the last N images at each step; for --batch 1' },
      guard: { help: 'put a method that collapses back to its last good checkpoint' },
      family: { value: 'NAME', help: 'corruption parameters: auto, cifar, tiny, imagenet (default: auto, by size)' },
      seed: { value: 'N', help: 'of everything random (default: 0)' },
      batch: { value: 'N', help: 'images in a batch (default: the preset’s)' },
      limit: { value: 'N', help: 'images in each domain (default: all)' },
      preset: {
        value: 'NAME',
        help: 'settings of a family of data: cifar10, cifar100, imagenet, sample, cautious, auto (default: sample for the bundled model, else cautious)',
      },
      variant: {
        value: 'NAME',
        help: 'PALM as in the published code or the text: reference, paper (default: reference)',
      },
      kappa: { value: 'X', help: 'PALM: scale of the learning rates' },
      alpha: { value: 'X', help: 'PALM: weight of the current sensitivity' },
      temperature: { value: 'X', help: 'PALM: temperature of the softmax' },
      eta: { value: 'X', help: 'PALM: threshold of selection, as the variant uses it' },
      lambda: { value: 'X', help: 'PALM: weight of the consistency' },
      'tent-lr': { value: 'X', help: 'TENT: learning rate (default: 0.001)' },
      architecture: { value: 'NAME', help: 'when the file does not say it and its tensors do not tell' },
      size: { value: 'PIXELS', help: 'scale and crop images to this side (default: the model’s)' },
      mean: { value: 'R,G,B', help: 'normalisation of the model, pixels in 0..1 (with --std)' },
      std: { value: 'R,G,B', help: 'normalisation of the model (with --mean)' },
      name: { value: 'TEXT', help: 'a name for the run' },
      workers: { value: 'N', help: 'threads that decode and corrupt (default: by the number of cores)' },
      json: { help: 'print one JSON event a line; the last one has the result' },
    },
    notes:
      'Ctrl-C stops after the current batch; `palm resume RUN` goes on from there. Needs --sample, or --input and --model.',
  },
  { name: 'methods', operands: '[NAME]', summary: 'list the methods, or the options of one', options: { json } },
  {
    name: 'sweep',
    operands: 'NAME|FILE',
    summary: 'compute a grid of methods, options and seeds; goes on where it was cut off',
    options: {
      input: { value: 'DIR', help: 'images, one folder per class (default: the bundled sample)' },
      model: { value: 'FILE', help: 'weights with PyTorch names (default: the bundled model)' },
      source: {
        value: 'DIR',
        help: 'clean images of the kind the model was trained on, for the methods that need them',
      },
      preset: {
        value: 'NAME',
        help: 'settings: cifar10, cifar100, imagenet, sample, cautious, auto (default: by the sweep and the model)',
      },
      seeds: { value: 'LIST', help: 'by commas (default: 0)' },
      limit: { value: 'N', help: 'images in each domain (default: all)' },
      batch: { value: 'N', help: 'images in a batch (default: the preset’s)' },
      severity: { value: 'LIST', help: '1 to 5, one or several (default: 5)' },
      schedule: { value: 'LIST', help: 'one or several schedules (default: the sweep’s)' },
      methods: { value: 'LIST', help: 'other methods than the sweep’s, by commas' },
      name: { value: 'TEXT', help: 'the name under which it is kept (default: the sweep’s)' },
      guard: { help: 'put a method that collapses back to its last good checkpoint' },
      plan: { help: 'only say its size and estimated time' },
      workers: { value: 'N', help: 'threads that decode and corrupt (default: by the number of cores)' },
      json,
    },
    notes: `Ready-made, after the paper’s tables: ${readySweepNames.join(', ')}. FILE is a JSON definition (docs/sweeps.md). Ctrl-C stops after the current batch; the same command goes on from there. What is computed is never computed again.`,
  },
  { name: 'sweeps', operands: '', summary: 'list the sweeps', options: { json } },
  {
    name: 'table',
    operands: 'SWEEP',
    summary: 'show the results of a sweep',
    options: {
      format: { value: 'NAME', help: 'text, csv, markdown, latex (default: text)' },
      of: { value: 'NAME', help: 'errors, curve, importance, adapted, costs (default: the sweep’s own)' },
      transpose: { help: 'methods as columns' },
      json,
    },
  },
  { name: 'runs', operands: '', summary: 'list the runs', options: { json } },
  {
    name: 'compare',
    operands: 'RUN RUN…',
    summary: 'put the results and the differing settings of several runs side by side',
    options: {
      format: {
        value: 'NAME',
        help: 'text, csv, markdown, latex (default: text); the last three give the results alone',
      },
      of: { value: 'NAME', help: 'domains (by run and method), means (runs by method) (default: domains)' },
      measure: {
        value: 'NAME',
        help: 'error, confidence, entropy, agreement, estimate (default: error, where images have labels)',
      },
      digits: { value: 'N', help: 'after the point, 0 to 6 (default: 1); CSV has all' },
      transpose: { help: 'methods, or runs, as rows' },
      all: { help: 'settings that are the same too' },
      json,
    },
    notes: 'Runs that differ in nothing but their seed are put together: mean and standard deviation. At most 20 runs.',
  },
  { name: 'show', operands: 'RUN', summary: 'show a run: its settings, its table, its checkpoints', options: { json } },
  {
    name: 'resume',
    operands: 'RUN',
    summary: 'go on with a run that was stopped or interrupted',
    options: {
      workers: { value: 'N', help: 'threads that decode and corrupt (default: by the number of cores)' },
      json: { help: 'print one JSON event a line; the last one has the result' },
    },
  },
  {
    name: 'branch',
    operands: 'RUN',
    summary: 'go on from a checkpoint of a run as a new run, perhaps with other options',
    options: {
      at: { value: 'STEP', help: 'after this step: one at which palm show lists checkpoints' },
      set: { value: 'LIST', help: 'other options of lanes from there on: palm.kappa=0.001,tent.learningRate=0.0005' },
      name: { value: 'TEXT', help: 'a name for the new run' },
      workers: { value: 'N', help: 'threads that decode and corrupt (default: by the number of cores)' },
      json: { help: 'print one JSON event a line; the last one has the result' },
    },
    notes:
      'The run that it comes from stays as it is. What can change: kappa, temperature, eta and lambda of PALM, the learning rate of other methods.',
  },
  {
    name: 'export',
    operands: 'RUN',
    summary: 'write an adapted model as .safetensors, .pth, .onnx or TensorFlow.js',
    options: {
      checkpoint: { value: 'ID', help: 'of `palm show`; or last, or last:LANE (default: last, when one lane adapts)' },
      output: {
        value: 'FILE',
        help: 'the file to write: .safetensors, .pth, .onnx; without an ending a TensorFlow.js folder',
        short: 'o',
      },
      delta: { help: 'only the tensors that changed (.safetensors, .pth)' },
      statistics: { value: 'N', help: 'batch norm’s statistics from the last N batches (default: the source model’s)' },
      json,
    },
  },
  {
    name: 'models',
    operands: '[ACTION] [WHAT]',
    summary: 'models kept here: list, add FILE, inspect FILE, get NAME, rename, remove',
    options: {
      name: { value: 'TEXT', help: 'a name for it (add, rename)' },
      size: { value: 'PIXELS', help: 'side that images are scaled to (default: the model’s)' },
      mean: { value: 'R,G,B', help: 'normalisation, pixels in 0..1 (with --std; default: guessed from the family)' },
      std: { value: 'R,G,B', help: 'normalisation (with --mean)' },
      architecture: { value: 'NAME', help: 'what the tensors must show' },
      tensors: { help: 'list every tensor (inspect)' },
      json,
    },
    notes: `Read are .safetensors, PyTorch’s .pt and .pth, .onnx and TensorFlow.js’s model.json. To be had by name: ${readyModelNames.join(', ')} (from the Python package index).`,
  },
  {
    name: 'inputs',
    operands: 'ACTION [PATH]',
    summary: 'inspect PATH: say what images, classes and domains are seen there',
    options: {
      model: { value: 'FILE', help: 'match the classes to this model’s' },
      split: { value: 'NAME', help: 'which part: train, val, test' },
      domains: { value: 'NAME', help: 'folders, column, hour, day, month' },
      architecture: { value: 'NAME', help: 'of the model' },
      size: { value: 'PIXELS', help: 'of the model' },
      mean: { value: 'R,G,B', help: 'of the model' },
      std: { value: 'R,G,B', help: 'of the model' },
      all: { help: 'list every class' },
      json,
    },
  },
  {
    name: 'doctor',
    operands: '',
    summary: 'say what was found on this machine and what is missing',
    options: { json },
  },
  {
    name: 'parity',
    operands: 'DIR',
    summary: 'hold this engine against traces of the published code',
    options: { json },
  },
]

/** The command called `name`. Throws `UsageError` with the nearest one. */
export function findCommand(name: string): CommandSpec {
  const command = commands.find((candidate) => candidate.name === name)
  if (command) return command
  const near = nearest(
    name,
    commands.map((candidate) => candidate.name),
  )
  throw new UsageError(
    `there is no command '${name}'${near ? `; did you mean '${near}'?` : ''}`,
    'palm --help lists the commands',
  )
}

/** Reads what stands after a command's name. Throws `UsageError`. */
export function parseCommand(command: CommandSpec, args: readonly string[]): ParsedCommand {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions }
  const hint = `palm ${command.name} --help lists its options`
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      {
        type: spec.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(spec.short === undefined ? {} : { short: spec.short }),
      },
    ]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const operands: string[] = []
  const values = new Map<string, string>()
  const switches = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (spec === undefined) {
      const near = nearest(token.name, Object.keys(specs))
      throw new UsageError(
        `palm ${command.name} has no option ${token.rawName}${near ? `; did you mean --${near}?` : ''}`,
        hint,
      )
    }
    if (values.has(token.name)) throw new UsageError(`--${token.name} is given twice`, hint)
    if (spec.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`--${token.name} takes no value`, hint)
      switches.add(token.name)
    } else {
      if (token.value === undefined || (!token.inlineValue && /^--[a-z]/.test(token.value)))
        throw new UsageError(`--${token.name} needs a value: --${token.name} ${spec.value}`, hint)
      values.set(token.name, token.value)
    }
  }
  const places = command.operands === '' ? [] : command.operands.split(' ')
  const least = places.filter((place) => !place.startsWith('[')).length
  const most = places.at(-1)?.endsWith('…') ? Number.POSITIVE_INFINITY : places.length
  if (!switches.has('help') && (operands.length < least || operands.length > most)) {
    const surplus = operands.length > most ? operands[places.length] : undefined
    throw new UsageError(
      surplus === undefined
        ? `palm ${command.name} needs ${command.operands}`
        : `palm ${command.name} does not take '${surplus}'`,
      hint,
    )
  }
  return { operands, values, switches }
}

/** The candidate nearest to `word`, when it is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = candidate.startsWith(word) && word.length >= 3 ? 1 : editDistance(word, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
