// `palm run`: starts a run and shows it to its end.
import { methodIds, usualMethods } from '#contract/methods/method-info.ts'
import { type Command, type ParsedCommand } from './shared/command.ts'
import { followToEnd } from './shared/follow-run.ts'
import { libraryLookup } from './shared/library-lookup.ts'
import { device, guard, jsonEvents, labels, limit, source, workers } from './shared/options.ts'
import { runRequest } from './shared/run-request.ts'
import { workersFrom } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { withWorkspace } from './shared/with-workspace.ts'

export const run: Command = {
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
    labels,
    methods: { value: 'LIST', help: `by commas, of ${methodIds.join(', ')} (default: ${usualMethods.join(',')})` },
    set: {
      value: 'LIST',
      help: 'options of methods: cotta.augmentations=8,palm.lambda=0.05 (palm methods NAME lists them)',
    },
    source,
    corruptions: { value: 'LIST', help: 'benchmark (15), all (19), none, or names (default: benchmark)' },
    severity: { value: 'LIST', help: '1 to 5, one or several: 1,3,5 (default: 5)' },
    schedule: {
      value: 'NAME',
      help: 'continual, reset-per-domain, gradual, mixed, correlated, custom (default: continual)',
    },
    order: {
      value: 'NAME|FILE',
      help: 'of the images within a domain: shuffled, file (an array’s rows as they lie); or, with the schedule custom, a JSON list of {"corruption": …, "severity": …} (default: shuffled)',
    },
    cycles: { value: 'N', help: 'go through the whole order so many times (default: 1)' },
    window: { value: 'N', help: 'methods see the last N images at each step; for --batch 1' },
    guard,
    family: { value: 'NAME', help: 'corruption parameters: auto, cifar, tiny, imagenet (default: auto, by size)' },
    seed: { value: 'N', help: 'of everything random (default: 0)' },
    batch: { value: 'N', help: 'images in a batch (default: the preset’s)' },
    limit,
    preset: {
      value: 'NAME',
      help: 'settings of a family of data: cifar10, cifar100, imagenet, sample, cautious, auto (default: sample for the bundled model, else auto)',
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
    output: { value: 'NAME', help: 'ONNX: the output that gives the scores, where two may' },
    weights: { value: 'FILE', help: 'ONNX: state dict of the same network, brings folded batch norm back' },
    device,
    name: { value: 'TEXT', help: 'a name for the run' },
    workers,
    json: jsonEvents,
  },
  notes:
    'Ctrl-C stops after the current batch; `palm resume RUN` goes on from there. Needs --sample, or --input and --model.',
  run: runCommand,
}

async function runCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  return withWorkspace(parsed, parts, workersFrom(parsed), async (workspace) => {
    const { options, remarks } = await runRequest(parsed, (model) => parts.classesOf(model), libraryLookup(workspace))
    for (const remark of remarks) process.stderr.write(`${remark}\n`)
    const run = workspace.runs.sessions.start(options)
    return followToEnd(workspace.runs, run, { json: parsed.switches.has('json'), printError: parts.printError })
  })
}
