// What is typed after `palm`: parsing, help (golden), nearest-option advice, and the options of a run.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import { benchmarkCorruptions, corruptionNames } from '#contract/inputs/corruption.ts'
import { commands, findCommand } from '#cli/commands.ts'
import { UsageError } from '#cli/shared/command.ts'
import { commandHelp, mainHelp } from '#cli/shared/help.ts'
import { emptyLibrary } from '#cli/shared/library-lookup.ts'
import { nearest } from '#cli/shared/nearest.ts'
import { parseCommand } from '#cli/shared/parse.ts'
import { definitionOf } from '#cli/shared/sweep-definition.ts'
import { runRequest } from '#cli/shared/run-request.ts'

const classesOf = (): Promise<number> => Promise.resolve(100)
const request = (...args: string[]): ReturnType<typeof runRequest> =>
  runRequest(parseCommand(findCommand('run'), args), classesOf)

async function refusal(...args: string[]): Promise<string> {
  try {
    await request(...args)
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message
    throw thrown
  }
  throw new Error(`palm run ${args.join(' ')} was taken`)
}

describe('the help', () => {
  it('is as in help.txt', async () => {
    const texts = [mainHelp(commands), ...commands.map(commandHelp)].join(`\n${'='.repeat(100)}\n`)
    await expect(texts).toMatchFileSnapshot('help.txt')
  })

  it('fits a terminal of 100 columns', () => {
    for (const line of [mainHelp(commands), ...commands.map(commandHelp)].join('\n').split('\n'))
      expect(line.length, line).toBeLessThanOrEqual(100)
  })
})

describe('an option that does not exist', () => {
  it('is answered with the nearest one', async () => {
    expect(await refusal('--sampel')).toBe('palm run has no option --sampel; did you mean --sample?')
    expect(await refusal('--severities', '5')).toBe('palm run has no option --severities; did you mean --severity?')
    expect(await refusal('--frobnicate')).toBe('palm run has no option --frobnicate')
    expect(() => findCommand('exprt')).toThrow("there is no command 'exprt'; did you mean 'export'?")
    expect(nearest('temprature', ['temperature', 'tent-lr'])).toBe('temperature')
  })

  it('is refused, as are a missing or surplus value, a double and a surplus word', async () => {
    expect(await refusal('--sample', '--limit')).toBe('--limit needs a value: --limit N')
    expect(await refusal('--input', '--model', 'm.safetensors')).toBe('--input needs a value: --input PATH')
    expect(await refusal('--sample=yes')).toBe('--sample takes no value')
    expect(await refusal('--seed', '1', '--seed', '2', '--sample')).toBe('--seed is given twice')
    expect(await refusal('--sample', 'cats')).toBe("palm run does not take 'cats'")
    expect(() => parseCommand(findCommand('show'), [])).toThrow('palm show needs RUN')
  })
})

describe('palm run', () => {
  it('runs the sample with its own preset and batch', async () => {
    const { options, remarks } = await request('--sample')
    expect(options).toMatchObject({
      input: { kind: 'sample' },
      model: { kind: 'sample' },
      schedule: 'continual',
      severities: [5],
      batchSize: 100,
      seed: 0,
      limit: null,
    })
    expect(options.corruptions).toEqual(benchmarkCorruptions)
    expect(options.lanes.map((lane) => lane.id)).toEqual(['source', 'norm', 'tent', 'palm'])
    expect(options.lanes[3]?.options).toMatchObject({ variant: 'reference', kappa: 2e-4, eta: 0.5, margin: null })
    expect(remarks).toEqual([])
  })

  it('tunes itself with a model of its user, and says so; whoever gives a kappa gets PALM with that', async () => {
    const { options, remarks } = await request('--input', 'images', '--model', 'm.safetensors')
    expect(options.input).toEqual({ kind: 'folder', path: resolve('images'), split: null, domains: 'none', labels: {} })
    expect(options.model).toEqual({
      kind: 'file',
      path: resolve('m.safetensors'),
      name: null,
      architecture: null,
      normalization: null,
      classNames: null,
      inputSize: null,
      output: null,
      weights: null,
    })
    expect(options.lanes[3]).toMatchObject({ label: 'PALM (auto, ours)', options: { tuning: 'mirrored' } })
    expect(remarks).toEqual([expect.stringContaining('“auto”')])
    const fixed = await request('--input', 'images', '--model', 'm.safetensors', '--kappa', '1e-3')
    expect(fixed.options.lanes[3]).toMatchObject({ label: 'PALM', options: { tuning: 'fixed', kappa: 1e-3 } })
    expect(fixed.remarks).toEqual([])
  })

  it('takes what is said of labels: a word for how they are counted, or a file', async () => {
    const input = async (labels: string) =>
      (await request('--input', 'i', '--model', 'm', '--labels', labels)).options.input
    expect(await input('from-1')).toMatchObject({ labels: {}, counting: 'from-1' })
    const file = join(mkdtempSync(join(tmpdir(), 'palm-labels-')), 'labels.json')
    writeFileSync(file, '{"cat": 3, "other": null}')
    expect(await input(file)).toMatchObject({ labels: { cat: 3, other: null } })
    writeFileSync(file, '{"cat": "x"}')
    await expect(input(file)).rejects.toThrow(/cat/)
    expect(await refusal('--input', 'i', '--model', 'm', '--labels', 'from-2')).toMatch(
      /from-2 cannot be read.*a file, or from-0, from-1, order/,
    )
  })

  it('takes the preset’s batch, and what is given over the preset', async () => {
    const { options, remarks } = await request(
      '--input',
      'i',
      '--model',
      'm',
      '--preset',
      'cifar100',
      '--kappa',
      '1e-3',
      '--methods',
      'palm',
    )
    expect(options.batchSize).toBe(200)
    expect(options.lanes).toEqual([
      {
        id: 'palm',
        label: 'PALM',
        options: {
          method: 'palm',
          variant: 'reference',
          kappa: 1e-3,
          alpha: 0.9,
          temperature: 100,
          eta: 0.5,
          lambda: 0.01,
          margin: null,
          weightDecay: 5e-4,
          tuning: 'fixed',
          signal: 'uniform',
          granularity: null,
          optimizer: 'adam',
          optimizerState: 'kept',
          optimizerRate: 1,
        },
      },
    ])
    expect(remarks).toEqual([])
    expect((await request('--sample', '--preset', 'imagenet', '--batch', '32')).options.batchSize).toBe(32)
  })

  it('divides the preset’s eta by the number of classes for the paper’s variant, but not an eta that is given', async () => {
    const paper = ['--input', 'i', '--model', 'm', '--preset', 'cifar100', '--variant', 'paper', '--methods', 'palm']
    expect((await request(...paper)).options.lanes[0]?.options).toMatchObject({ variant: 'paper', eta: 0.005 })
    expect((await request(...paper, '--eta', '0.02')).options.lanes[0]?.options).toMatchObject({ eta: 0.02 })
    expect(
      (await request('--sample', '--variant', 'paper', '--methods', 'palm')).options.lanes[0]?.options,
    ).toMatchObject({ eta: 0.05 })
  })

  it('sets options of methods by name, and says which there are when one does not fit', async () => {
    const { options } = await request(
      '--sample',
      '--methods',
      'cotta,palm',
      '--set',
      'cotta.augmentations=8,cotta.symmetric=true,palm.granularity=null,palm.signal=pseudo-label',
    )
    expect(options.lanes[0]?.options).toMatchObject({ method: 'cotta', augmentations: 8, symmetric: true })
    expect(options.lanes[1]).toMatchObject({
      label: 'PALM (pseudo-labels)',
      options: { granularity: null, signal: 'pseudo-label', kappa: 2e-4 },
    })
    await expect(request('--sample', '--methods', 'cotta', '--set', 'cotta.augmentation=8')).rejects.toThrow(
      /did you mean augmentations/,
    )
    await expect(request('--sample', '--methods', 'cotta', '--set', 'palm.kappa=1')).rejects.toThrow(
      /does not know 'palm'/,
    )
    await expect(request('--sample', '--methods', 'palm', '--set', 'palm.signal=x')).rejects.toThrow(
      /uniform, pseudo-label/,
    )
    await expect(request('--sample', '--methods', 'cotta', '--set', 'cotta.augmentations=0')).rejects.toThrow(
      /augmentations/,
    )
  })

  it('gives the bundled model its source images where a method needs some, and asks for them with another model', async () => {
    expect((await request('--sample', '--methods', 'eata')).options.source).toEqual({ kind: 'sample' })
    expect((await request('--sample', '--methods', 'tent')).options.source).toBeNull()
    await expect(request('--input', 'i', '--model', 'm', '--methods', 'eata,rmt')).rejects.toThrow(
      /EATA and RMT need images of the kind.*--source/,
    )
    expect(
      (await request('--input', 'i', '--model', 'm', '--methods', 'eata', '--source', 'clean')).options.source,
    ).toEqual({ kind: 'folder', path: resolve('clean'), split: null, domains: 'none', labels: {} })
    expect(
      (await request('--input', 'i', '--model', 'm', '--methods', 'eata', '--set', 'eata.fisherWeight=0')).options
        .lanes[0]?.label,
    ).toBe('ETA')
  })

  it('takes the library’s ready model for pictures without a model, and a model of the library by its name', async () => {
    const ready = {
      kind: 'file' as const,
      path: '/library/lite0.pth',
      name: 'EfficientNet-Lite0',
      architecture: null,
      normalization: null,
      classNames: null,
      inputSize: 224,
      output: null,
      weights: null,
    }
    const asked = (...args: string[]) =>
      runRequest(parseCommand(findCommand('run'), args), async () => 10, {
        named: (options, given) => (given === 'lite' ? ready : options),
        usual: () => ready,
      })
    const usual = await asked('--input', 'photos')
    expect(usual.options.model).toEqual(ready)
    expect(usual.remarks[0]).toContain('EfficientNet-Lite0')
    expect((await asked('--input', 'photos', '--model', 'lite')).options.model).toEqual(ready)
    expect((await asked('--input', 'photos', '--model', 'm.onnx')).options.model).toMatchObject({
      path: resolve('m.onnx'),
    })
    expect((await asked('--sample')).options.model).toEqual({ kind: 'sample' })
  })

  it('reads lists of corruptions, severities and methods', async () => {
    expect((await request('--sample', '--corruptions', 'all')).options.corruptions).toEqual(corruptionNames)
    expect((await request('--sample', '--corruptions', 'none')).options.corruptions).toEqual([])
    expect((await request('--sample', '--corruptions', 'fog,snow', '--severity', '1,3,5')).options).toMatchObject({
      corruptions: ['fog', 'snow'],
      severities: [1, 3, 5],
    })
    const { options } = await request('--sample', '--methods', 'source,tent', '--tent-lr', '1e-4')
    expect(options.lanes.map((lane) => lane.options)).toEqual([
      { method: 'source' },
      { method: 'tent', learningRate: 1e-4, optimizer: 'adam', momentum: 0.9, nesterov: false },
    ])
  })

  it('says what is wrong in the words of its options', async () => {
    expect(await refusal()).toMatch(/--sample, or --input DIR --model FILE/)
    expect(await refusal('--sample', '--input', 'i')).toBe('--sample and --input exclude each other')
    expect(await refusal('--input', 'i')).toMatch(/--model FILE/)
    expect(await refusal('--sample', '--corruptions', 'snwo')).toBe(
      "--corruptions does not know 'snwo'; did you mean 'snow'?",
    )
    expect(await refusal('--sample', '--methods', 'palm,palm')).toBe('--methods names palm twice')
    expect(await refusal('--sample', '--severity', '6')).toMatch(/^--severity: /)
    expect(await refusal('--sample', '--batch', '0')).toMatch(/^--batch: /)
    expect(await refusal('--sample', '--batch', 'ten')).toBe("--batch needs a number, not 'ten'")
    expect(await refusal('--sample', '--kappa', '-1')).toMatch(/^--kappa: /)
    expect(await refusal('--input', 'i', '--model', 'm', '--mean', '1,2,3')).toBe('--mean and --std go together')
    expect(await refusal('--sample', '--size', '32')).toMatch(/--model FILE/)
    expect(await refusal('--sample', '--schedule', 'continuous')).toBe(
      "--schedule does not know 'continuous'; did you mean 'continual'?",
    )
  })
})

describe('the order of the images', () => {
  it('is the seed’s, or the file’s where one says so; another word is a file of domains', async () => {
    expect((await request('--sample')).options.imageOrder).toBe('shuffled')
    expect((await request('--sample', '--order', 'file')).options).toMatchObject({ imageOrder: 'file', order: [] })
    expect((await request('--sample', '--order', 'shuffled')).options.imageOrder).toBe('shuffled')
    expect(await refusal('--sample', '--order', 'none.json')).toMatch(/^--order: none.json cannot be read/)
    expect(await refusal('--sample', '--order', 'file', '--schedule', 'mixed')).toBe(
      '--order file does not go with --schedule mixed, which orders the images itself',
    )
  })
})

describe('palm sweep table1', () => {
  const definition = (kind: string, classes: number, ...more: string[]) =>
    definitionOf(
      parseCommand(findCommand('sweep'), ['table1', '--input', 'arrays', '--model', 'net.pth', ...more]),
      {} as SweepService,
      emptyLibrary,
      { inspectInput: () => Promise.resolve({ kind } as InputInfo), classesOf: () => Promise.resolve(classes) },
    )

  it('takes the paper’s settings where data and model are the paper’s, by the model’s classes', async () => {
    expect(await definition('cifar-c', 10)).toMatchObject({ preset: 'cifar10', imageOrder: 'file', limit: null })
    expect(await definition('cifar-c', 100)).toMatchObject({ preset: 'cifar100', imageOrder: 'file' })
    expect(await definition('imagenet-c', 1000)).toMatchObject({ preset: 'imagenet', imageOrder: 'shuffled' })
    expect(await definition('class-folders', 10)).toMatchObject({ preset: 'auto', imageOrder: 'shuffled' })
  })

  it('takes others where one says so', async () => {
    expect(await definition('cifar-c', 10, '--preset', 'cautious', '--order', 'shuffled')).toMatchObject({
      preset: 'cautious',
      imageOrder: 'shuffled',
    })
    expect(await definition('array', 10, '--order', 'file')).toMatchObject({ imageOrder: 'file' })
    await expect(definition('cifar-c', 10, '--order', 'file', '--schedule', 'gradual,mixed')).rejects.toThrow(
      '--order file does not go with --schedule mixed',
    )
    await expect(definition('cifar-c', 10, '--order', 'files')).rejects.toThrow("did you mean 'file'?")
  })
})
