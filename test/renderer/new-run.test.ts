// The form of a new run without a page: an earlier run's options come back exactly, changes are told, templates fill it, problems are said with their fields, and
// pictures and estimates follow the newest choice. Over the program's own messages, real readers, real store.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { RunTemplates } from '#app/services/runs/run-templates.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { palmPresetNames, usualOptions } from '#contract/methods/presets.ts'
import { readyTemplates } from '#contract/runs/ready-templates.ts'
import {
  firstLookSchema,
  type FirstLook,
  type LookRequestInput,
  type Remedy,
  type ShownLook,
} from '#contract/runs/first-look.ts'
import type { Estimate, EstimateRequestInput } from '#contract/runs/run-estimate.ts'
import type { Preview, PreviewRequestInput } from '#contract/inputs/input-preview.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { readyTemplateNames, type ReadyTemplateName } from '#contract/runs/run-template.ts'
import { runOptionsSchema, type Lane, type RunOptions, type RunOptionsInput } from '#contract/runs/run-options.ts'
import { inspectInputOf } from '#app/wiring/inputs.ts'
import { describeModelFile } from '#app/wiring/models.ts'
import { openStore, type Store } from '#store/store.ts'
import { orderText } from '#renderer/lib/curves/domain-order.ts'
import { settingsOfLanes } from '#renderer/lib/runs/lane-settings.ts'
import { differencesOf, meaningful } from '#renderer/lib/runs/run-differences.ts'
import { answersLine, doubtLine, lookLine, remedyLine } from '#renderer/lib/runs/look-lines.ts'
import { recentInputs } from '#renderer/lib/runs/recent-inputs.ts'
import { roughly, range } from '#renderer/lib/charts/time-range.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { beginForm } from '#renderer/state/new-run/begin-form.ts'
import { FormLook, type LookSubject } from '#renderer/state/new-run/first-look.svelte.ts'
import { NewRun, type Looker } from '#renderer/state/new-run/new-run.svelte.ts'
import { cellKey, PreviewGrid, type PreviewSubject } from '#renderer/state/new-run/preview-grid.svelte.ts'
import { RunAgain } from '#renderer/state/new-run/run-again.svelte.ts'
import { questionOf, RunForecast, sizeOf } from '#renderer/state/new-run/run-forecast.svelte.ts'
import { problemsOf, type Surroundings } from '#renderer/state/new-run/run-problems.ts'
import { RunTemplateList } from '#renderer/state/new-run/run-templates.svelte.ts'
import { tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'
import { tinyVit } from '#test/helpers/tiny-vit.ts'

const resourcesFolder = fileURLToPath(new URL('../../resources', import.meta.url))
const sample = join(resourcesFolder, 'sample', 'images')
let folder: string
let store: Store
let client: PalmClient
let looker: Looker
let photos: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-form-'))
  store = openStore(join(folder, 'palm.sqlite'))
  const templates = new RunTemplates(store)
  const [near, far] = portPair()
  const done = (..._changed: readonly unknown[]) => ({})
  serve(
    far,
    tableOfHandlers({
      'models.list': () => store.models.list(),
      'models.details': ({ model, batch }) => describeModelFile(resourcesFolder, model, batch),
      'inputs.inspect': ({ input, model }) => inspectInputOf(resourcesFolder, input, model),
      'templates.list': () => templates.list(),
      'templates.save': (template) => templates.save(template),
      'templates.remove': ({ id }) => done(templates.remove(id)),
      'templates.setInitial': ({ initial }) => done(templates.setInitial(initial)),
      'templates.remember': ({ kind, ...last }) => done(templates.remember(kind, last)),
    }),
    tableOfSubscribers({}),
  )
  client = createClient(near)
  looker = {
    inspectInput: (input, model) => client.call('inputs.inspect', { input, model }),
    describeModel: (model, batch) => client.call('models.details', { model, batch }),
    libraryModels: () => client.call('models.list', {}),
  }
  photos = join(folder, 'photos')
  for (const part of ['day', 'night']) {
    for (const name of ['Forest', 'River']) {
      mkdirSync(join(photos, part, name), { recursive: true })
      for (const tile of readdirSync(join(sample, name)).sort().slice(0, 2))
        copyFileSync(join(sample, name, tile), join(photos, part, name, tile))
    }
  }
  copyFileSync(join(resourcesFolder, 'models', 'eurosat-resnet20.safetensors'), join(folder, 'tiles.safetensors'))
  writeFileSync(join(folder, 'transformer.safetensors'), tinyVit())
})
afterAll(() => {
  client.close()
  store.close()
  rmSync(folder, { recursive: true })
})

test('an ONNX file of which two outputs may be the scores is asked about, and says how it was normalised', async () => {
  const { several } = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/onnx-exports.json'), 'utf8')) as {
    several: Record<string, { file: string; names: string[] }>
  }
  const { file, names } = several['logits and second'] ?? { file: '', names: [] }
  const path = join(folder, 'two.onnx')
  writeFileSync(path, Buffer.from(file, 'base64'))
  const form = new NewRun()
  form.chooseModel('file')
  form.modelPath = path
  expect(form.onnx).toBe(true)
  expect(await form.look(looker)).toBe(false)
  expect(form.problem).toContain('2 of its outputs may be the scores')
  form.output = names[1] ?? ''
  await form.look(looker)
  expect(form.problem).toBe('')
  expect(form.details).toMatchObject({ classes: 7, normalizationFrom: 'assumed' })
  form.forgetModel()
  expect(form.output).toBe('')
})

const lane = (id: string, options: Lane['options'], label = id): Lane => ({ id, label, options })
const palm = (differs: Record<string, unknown> = {}) => usualOptions('palm', { preset: 'sample', classes: 10 }, differs)
const optionsOf = (more: Partial<RunOptionsInput>): RunOptions =>
  runOptionsSchema.parse({
    name: 'one',
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    lanes: [lane('source', { method: 'source' }), lane('palm', palm())],
    ...more,
  })
const summary = (options: RunOptions, id = 7): RunSummary =>
  ({ id, name: options.name, options, inputName: 'photos' }) as RunSummary
const again = async (options: RunOptions) => {
  const form = new NewRun()
  await form.takeLibrary(looker)
  const repeated = new RunAgain(form, summary(options))
  expect(await repeated.fill(looker)).toBe(true)
  return { form, repeated }
}
const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  estimate: null,
  look: null,
  source: null,
  ...more,
})

describe('the same again', () => {
  const file = () => ({ kind: 'file' as const, path: join(folder, 'tiles.safetensors') })
  const cases: [string, () => Partial<RunOptionsInput>][] = [
    ['a plain one', () => ({})],
    [
      'every field of the stream',
      () => ({
        schedule: 'correlated',
        dirichletDelta: 0.7,
        corruptions: ['fog', 'gaussian_blur'],
        severities: [2, 4],
        cycles: 3,
        family: 'imagenet',
        batchSize: 37,
        seed: 123,
        limit: 55,
        window: 80,
        guard: true,
      }),
    ],
    ['all images, gradual', () => ({ schedule: 'gradual', limit: null })],
    [
      'an order',
      () => ({
        schedule: 'custom',
        order: [
          { corruption: null, severity: null },
          { corruption: 'fog', severity: 2 },
        ],
      }),
    ],
    ['an order without a severity', () => ({ schedule: 'custom', order: [{ corruption: 'fog', severity: null }] })],
    ['no corruption', () => ({ corruptions: [] })],
    [
      'images with classes matched by hand',
      () => ({ input: { kind: 'folder', path: join(photos, 'day'), labels: { Forest: 3, River: null } } }),
    ],
    ['real drift', () => ({ input: { kind: 'folder', path: photos, domains: 'folders' }, corruptions: [] })],
    [
      'a model with everything said',
      () => ({
        model: {
          ...file(),
          name: 'Mine',
          normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
          inputSize: 48,
          classNames: Array.from({ length: 10 }, (_, i) => `c${i}`),
        },
        input: { kind: 'folder', path: join(photos, 'day'), labels: { Forest: 3, River: 2 } },
      }),
    ],
    [
      'lanes of one method several times, labels of a sweep',
      () => ({
        lanes: [
          lane('palm', palm({ lambda: 0.5 }), 'PALM, lambda 0.5'),
          lane('palm-2', palm({ lambda: 0 }), 'PALM, lambda 0'),
          lane('tent', usualOptions('tent', { preset: 'imagenet', classes: 10 }), 'Tent'),
        ],
      }),
    ],
    [
      'the paper’s variant and a preset that tunes itself',
      () => ({
        lanes: [
          lane(
            'palm',
            usualOptions('palm', { preset: 'auto', variant: 'paper', classes: 10 }),
            'PALM (paper, auto, ours)',
          ),
        ],
      }),
    ],
    [
      'source images that no method needs',
      () => ({ source: { kind: 'folder', path: join(photos, 'day') }, sourceLimit: 3 }),
    ],
    [
      'source images that one needs',
      () => ({
        source: { kind: 'sample' },
        lanes: [lane('eata', usualOptions('eata', { preset: 'sample', classes: 10 }), 'EATA')],
      }),
    ],
  ]
  test.each(cases)('gives the options of a run exactly: %s', async (_, more) => {
    const options = optionsOf(more())
    const { form, repeated } = await again(options)
    expect(repeated.changes).toEqual([])
    expect(meaningful(form.complete as RunOptions)).toEqual(meaningful(options))
    expect(form.complete?.lanes).toEqual(options.lanes)
  })

  test('tells what is changed, as it is changed, and names the run by it', async () => {
    const { form, repeated } = await again(optionsOf({ limit: 100 }))
    expect(repeated.suggestedName).toBe('again: one')
    form.differs.palm = { ...form.differs.palm, eta: 0.25 }
    expect(repeated.changes).toEqual([{ key: 'palm.eta', before: 0.5, now: 0.25 }])
    expect([repeated.text(repeated.changes[0]!), repeated.suggestedName]).toEqual([
      'eta 0.5 → 0.25',
      'again: eta 0.5 → 0.25',
    ])
    form.methods.tent = true
    form.seed = 4
    form.limit = null
    expect(repeated.changes.map((change) => repeated.text(change))).toEqual([
      'seed 0 → 4',
      'images per domain 100 → none',
      'methods source, palm → source, palm, tent',
      'eta 0.5 → 0.25',
    ])
    expect(repeated.suggestedName).toBe('again: seed 0 → 4, images per domain 100 → none and 2 more')
    expect(repeated.was('seed')).toBe('0')
    expect(repeated.was('batchSize')).toBeUndefined()
  })

  test('of a run whose images are gone is filled all the same, and says so', async () => {
    const form = new NewRun()
    const repeated = new RunAgain(
      form,
      summary(optionsOf({ input: { kind: 'folder', path: join(folder, 'gone') }, seed: 9 })),
    )
    expect(await repeated.fill(looker)).toBe(false)
    expect([form.seed, form.inputPath]).toEqual([9, join(folder, 'gone')])
    expect(problemsOf(form, around()).length + form.problem.length).toBeGreaterThan(0)
    expect(form.problem).toContain('gone cannot be opened')
  })

  test('is not offered for a webcam', () => {
    expect(RunAgain.possible(summary(optionsOf({ input: { kind: 'webcam', name: 'cam' } })))).toBe(false)
    expect(RunAgain.possible(summary(optionsOf({})))).toBe(true)
  })
})

test('what neither of two runs looks at is no difference between them', () => {
  const drift = { input: { kind: 'folder', path: '/x', domains: 'folders' } as const }
  expect(differencesOf(optionsOf({ ...drift, corruptions: [] }), optionsOf({ ...drift, severities: [1] }))).toEqual([])
  expect(
    differencesOf(optionsOf({ schedule: 'gradual' }), optionsOf({ schedule: 'gradual', severities: [1] })),
  ).toEqual([])
  expect(differencesOf(optionsOf({ name: 'a' }), optionsOf({ name: 'b', dirichletDelta: 3 }))).toEqual([])
  expect(differencesOf(optionsOf({}), optionsOf({ severities: [1] })).map(({ key }) => key)).toEqual(['severities'])
})

test('lanes made by a preset are recognised as that preset, whatever it is', () => {
  for (const preset of palmPresetNames) {
    for (const variant of ['reference', 'paper'] as const) {
      const lanes = methodIds.map((method) => lane(method, usualOptions(method, { preset, variant, classes: 10 })))
      const found = settingsOfLanes(lanes, 10, preset)
      expect([found.preset, found.variant, found.differs, found.extra]).toEqual([preset, variant, {}, []])
    }
  }
})

describe('templates in the form', () => {
  test.each([...readyTemplateNames])('“%s” fills it, fits, and is read back', (name: ReadyTemplateName) => {
    const form = new NewRun()
    new RunTemplateList(client).choose(name, form)
    const { domains, ...settings } = readyTemplates[name]
    expect(form.settings()).toMatchObject(settings)
    expect(form.complete).not.toBeNull()
    expect(form.driftBy).toBe('none') // the sample has no folders that drift
    form.chooseInput('folder')
    form.forgetInput()
    expect(form.driftBy).toBe(domains)
  })

  test('keep what was said through a change of model; without a word the preset follows the model', () => {
    const form = new NewRun()
    const list = new RunTemplateList(client)
    list.choose('table1', form)
    form.chooseModel('file')
    expect([form.preset, form.batchSize]).toEqual(['cifar10', 200])
    list.choose('quick', form)
    expect(form.preset).toBe('auto')
    form.chooseModel('sample')
    expect(form.preset).toBe('sample')
    list.choose('single', form)
    form.chooseModel('file')
    expect([form.preset, form.batchSize]).toEqual(['auto', 1])
  })

  test('are saved with or without the place, applied, renamed, deleted and brought back', async () => {
    const list = new RunTemplateList(client)
    await list.load()
    const form = new NewRun()
    form.chooseInput('folder')
    form.inputPath = photos
    form.seed = 5
    expect(await list.save('  ', form, false)).toBe(false)
    expect(list.problem).toBe(strings.setup.nameNeeded)
    form.batchSize = 0
    expect(await list.save('Mine', form, false)).toBe(false)
    form.batchSize = 20
    expect(await list.save(' Mine ', form, true)).toBe(true)
    expect(list.own).toMatchObject({ name: 'Mine', place: { input: { path: photos }, model: { kind: 'sample' } } })
    const other = new NewRun()
    expect(list.choose(list.chosen, other)).toBe(true)
    expect([other.input, other.inputPath, other.seed, other.batchSize]).toEqual(['folder', photos, 5, 20])
    other.seed = 6
    expect(await list.overwrite(other)).toBe(true)
    expect(list.own?.settings.seed).toBe(6)
    expect(await list.rename('Mine too')).toBe(true)
    await list.toggleInitial()
    expect(list.known.initial).toBe(list.chosen)
    await list.remove()
    expect([list.own, list.deleted?.name, list.known.templates.length]).toEqual([null, 'Mine too', 0])
    await list.undoRemove()
    expect([list.own?.name, list.deleted, list.known.initial]).toEqual(['Mine too', null, list.chosen])
    await list.remove()
  })

  test('a new form begins with the last settings and model, but not with a model that is gone', async () => {
    const list = new RunTemplateList(client)
    const started = new NewRun()
    started.chooseInput('folder')
    started.inputPath = photos
    const model = join(folder, 'moving.safetensors')
    copyFileSync(join(folder, 'tiles.safetensors'), model)
    started.chooseModel('file')
    started.modelPath = model
    started.seed = 77
    started.methods.cotta = true
    await list.remember(started)

    const next = new NewRun()
    expect(
      await beginForm(
        next,
        new RunTemplateList(client),
        looker,
        { dropped: { input: photos, model: null, note: '' } },
        null,
      ),
    ).toBe('last')
    expect([next.seed, next.methods.cotta, next.modelPath, next.inputPath, next.problem]).toEqual([
      77,
      true,
      model,
      photos,
      '',
    ])
    expect(next.info?.images).toBe(8)
    // Other images are chosen while the last model is looked at: it is not gone, and stays.
    const hurried = new NewRun()
    const newer: Promise<boolean>[] = []
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const late: typeof looker = {
      ...looker,
      describeModel: (...asked) => held.then(() => looker.describeModel(...asked)),
    }
    const interrupted: typeof looker = {
      ...looker,
      describeModel: (...asked) => {
        if (newer.length === 0) {
          hurried.inputPath = photos
          newer.push(hurried.look(late))
        }
        return looker.describeModel(...asked)
      },
    }
    await beginForm(hurried, new RunTemplateList(client), interrupted, {}, null)
    expect([newer.length, hurried.model, hurried.modelPath]).toEqual([1, 'file', model])
    release()
    await Promise.all(newer)
    rmSync(model)
    const later = new NewRun()
    await beginForm(later, new RunTemplateList(client), looker, {}, null)
    expect([later.seed, later.model, later.problem, later.inputPath]).toEqual([77, 'sample', '', ''])
    // The form is open while the last model, which is gone, is looked for: what is typed meanwhile stays.
    const typed = new NewRun()
    const tiles = join(folder, 'tiles.safetensors')
    let first = true
    const slow: typeof looker = {
      ...looker,
      describeModel: (...asked) => {
        if (first) {
          first = false
          typed.chooseModel('file')
          typed.modelPath = tiles
          void typed.look(looker)
        }
        return looker.describeModel(...asked)
      },
    }
    await beginForm(typed, new RunTemplateList(client), slow, {}, null)
    expect([first, typed.model, typed.modelPath]).toEqual([false, 'file', tiles])
    // What was dropped or chosen elsewhere goes before what was last.
    const dropped = new NewRun()
    await beginForm(
      dropped,
      new RunTemplateList(client),
      looker,
      { dropped: { input: null, model: join(folder, 'tiles.safetensors'), note: '' } },
      null,
    )
    expect([dropped.model, dropped.details?.classes]).toEqual(['file', 10])
  })

  test('real drift by folders falls back, with a word, where there are no folders that could be domains', async () => {
    const form = new NewRun()
    new RunTemplateList(client).choose('drift', form)
    form.chooseInput('folder')
    form.forgetInput()
    mkdirSync(join(folder, 'flat'), { recursive: true })
    copyFileSync(join(sample, 'River', readdirSync(join(sample, 'River'))[0] as string), join(folder, 'flat', 'a.jpg'))
    form.inputPath = join(folder, 'flat')
    expect(await form.look(looker)).toBe(true)
    expect([form.driftBy, problemsOf(form, around()).map(({ key }) => key)]).toEqual(['none', ['note']])
    const other = new NewRun()
    new RunTemplateList(client).choose('drift', other)
    other.chooseInput('folder')
    other.forgetInput()
    other.inputPath = photos
    expect(await other.look(looker)).toBe(true)
    expect(other.info?.domains?.map(({ name }) => name)).toEqual(['day', 'night'])
    expect(sizeOf(other)).toMatchObject({ images: 8, domains: 2 })
  })
})

describe('problems before the start', () => {
  const keys = (form: NewRun, more: Partial<Surroundings> = {}) =>
    problemsOf(form, around(more)).map(({ key, field, stops }) => `${key} ${field}${stops ? '' : ' (warning)'}`)

  test('name the field where something is to be done', async () => {
    const form = new NewRun()
    expect(keys(form)).toEqual([])
    form.chooseInput('folder')
    form.chooseModel('file')
    for (const method of methodIds) form.methods[method] = false
    expect(keys(form)).toEqual(['no-input inputPath', 'no-model modelPath', 'no-method methods'])
    form.methods.source = true
    form.inputPath = photos
    form.modelPath = join(folder, 'tiles.safetensors')
    form.cycles = 2000
    expect(keys(form)).toEqual(['number cycles'])
    form.cycles = 1
    form.severities = []
    expect(keys(form)).toEqual(['obstacle corruptions'])
    form.schedule = 'custom'
    form.order = 'no such weather 3'
    expect(keys(form)).toEqual(['order order'])
    form.schedule = 'gradual'
    form.driftBy = 'folders'
    expect(keys(form)).toEqual(['drift schedule'])
    form.schedule = 'continual'
    form.methods.rmt = true
    expect(keys(form)).toEqual(['no-source source'])
    form.sourcePath = join(folder, 'flat')
    await form.lookAtSource(looker)
    expect(keys(form, { source: form.sourceFound })).toEqual(['source-labels source'])
    form.sourcePath = '/no/such'
    await form.lookAtSource(looker)
    expect(keys(form, { source: form.sourceFound })).toEqual(['source source'])
    form.sourcePath = join(photos, 'day')
    await form.lookAtSource(looker)
    expect(keys(form, { source: form.sourceFound })).toEqual([])
  })

  test('a method that the model cannot take is left out of the run, stays chosen for another model, and is said', async () => {
    const form = new NewRun()
    form.chooseInput('folder')
    form.inputPath = join(photos, 'day')
    form.chooseModel('file')
    form.modelPath = join(folder, 'transformer.safetensors')
    form.labels = { Forest: 1, River: 2 }
    expect(await form.look(looker)).toBe(true)
    expect(form.refusals.norm).toContain('batch normalisation')
    expect(form.chosenMethods).toEqual(['source', 'tent', 'palm'])
    expect(keys(form)).toEqual(['refused methods (warning)'])
    expect(form.complete?.lanes.map(({ id }) => id)).toEqual(['source', 'tent', 'palm'])
    form.chooseModel('sample')
    expect(form.chosenMethods).toContain('norm')
  })

  test('memory and disk that do not suffice are warnings', () => {
    const form = new NewRun()
    const estimate = (memory: number, disk: number): Estimate => ({
      ms: null,
      basis: 'none',
      runs: 0,
      memory: { bytes: memory, measured: false, freeBytes: 100, totalBytes: 200 },
      disk: { bytes: disk, measured: false, freeBytes: 1000 },
    })
    expect(keys(form, { estimate: estimate(90, 10) })).toEqual([])
    expect(keys(form, { estimate: estimate(150, 990) })).toEqual([
      'memory batchSize (warning)',
      'disk methods (warning)',
    ])
    expect(problemsOf(form, around({ estimate: estimate(300, 0) }))[0]?.text).toContain('this machine has')
  })
})

describe('the preview grid', () => {
  const subject = (more: Partial<PreviewSubject> = {}): PreviewSubject => ({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    family: 'auto',
    seed: 0,
    corruptions: ['fog', 'snow', 'frost'],
    severities: [1, 5],
    first: ['frost'],
    ...more,
  })
  class Asked {
    readonly requests: PreviewRequestInput[] = []
    readonly waiting: (() => void)[] = []
    fails = ''
    previewInput = async (request: PreviewRequestInput): Promise<Preview> => {
      this.requests.push(request)
      await new Promise<void>((resolve) => this.waiting.push(resolve))
      if (this.fails) throw new Error(this.fails)
      return {
        image: request.image ?? 2,
        images: 5,
        id: 'a',
        label: null,
        original: null,
        width: 8,
        height: 8,
        family: 'cifar',
        pictures: request.cells.map((cell) => ({
          corruption: cell.corruption,
          severity: cell.severity,
          width: 1,
          height: 1,
          pixels: `${cellKey(cell.corruption, cell.severity)} ${request.seed} ${request.image}`,
          problem: null,
        })),
      }
    }
    /** Answers one question, and lets what follows from it happen. */
    async answer(): Promise<void> {
      this.waiting.shift()?.()
      for (let i = 0; i < 10; i++) await Promise.resolve()
    }
  }

  test('comes clean image first, then the chosen rows, then the others', async () => {
    const asked = new Asked()
    const grid = new PreviewGrid(asked)
    const over = grid.show(subject())
    expect([grid.busy, grid.total]).toEqual([true, 7])
    for (let i = 0; i < 4; i++) await asked.answer()
    await over
    expect(
      asked.requests.map(
        ({ cells, image }) => `${cells.map(({ corruption }) => corruption ?? 'clean').join()} ${image}`,
      ),
    ).toEqual(['clean null', 'frost,frost 2', 'fog,fog 2', 'snow,snow 2'])
    expect([grid.busy, grid.done, grid.shown?.image]).toEqual([false, 7, 2])
    // The same again asks for nothing; another choice of rows alone neither.
    await grid.show(subject({ first: [] }))
    expect(asked.requests).toHaveLength(4)
  })

  test('another choice supersedes what is under way, and what comes late is not shown', async () => {
    const asked = new Asked()
    const grid = new PreviewGrid(asked)
    void grid.show(subject())
    await asked.answer()
    const newer = grid.show(subject({ seed: 9 }))
    await asked.answer() // of the older one
    expect(asked.requests).toHaveLength(3)
    for (let i = 0; i < 4; i++) await asked.answer()
    await newer
    expect([...grid.pictures.values()].every(({ pixels }) => pixels?.includes(' 9 '))).toBe(true)
    expect([grid.done, asked.requests.filter(({ seed }) => seed === 0)]).toEqual([
      7,
      expect.objectContaining({ length: 2 }),
    ])
    // The image stays with another seed, and begins anew with other images.
    expect(asked.requests.find(({ seed }) => seed === 9)?.image).toBe(2)
    void grid.turn(1)
    expect(asked.requests.at(-1)?.image).toBe(3)
    void grid.show(subject({ input: { kind: 'folder', path: '/x' } }))
    expect(asked.requests.at(-1)?.image).toBeNull()
    grid.stop()
    const before = asked.requests.length
    for (let i = 0; i < 4; i++) await asked.answer()
    expect(asked.requests).toHaveLength(before)
  })

  test('a failure is said, and the same may be asked for again', async () => {
    const asked = new Asked()
    const grid = new PreviewGrid(asked)
    asked.fails = 'no such folder'
    const over = grid.show(subject())
    await asked.answer()
    await over
    expect([grid.problem, grid.busy]).toEqual(['no such folder', false])
    asked.fails = ''
    void grid.show(subject())
    await asked.answer()
    expect([grid.problem, grid.done]).toEqual(['', 1])
  })
})

describe('the forecast', () => {
  test('asks with the counts of the form, one question at a time, and keeps the newest answer', async () => {
    const form = new NewRun()
    form.chooseInput('folder')
    form.inputPath = join(photos, 'day')
    expect(questionOf(form, 0)).toBeNull()
    await form.look(looker)
    form.corruptions = ['fog', 'snow']
    form.severities = [1, 2]
    const question = questionOf(form, 0) as EstimateRequestInput
    expect(question).toMatchObject({ images: 16, domains: 4, distinctImages: 4, side: 64, batchSize: 4 }) // no domain has a hundred
    form.setBatchSize(2)
    expect(questionOf(form, 0)?.model.stepBytes).toBeLessThan(question.model.stepBytes)

    const asked: EstimateRequestInput[] = []
    const answers: ((value: Estimate) => void)[] = []
    const value = (runs: number): Estimate => ({
      ms: { low: 1, high: 2 },
      basis: 'same',
      runs,
      memory: { bytes: 1, measured: true, freeBytes: 2, totalBytes: 3 },
      disk: { bytes: 1, measured: true, freeBytes: null },
    })
    const forecast = new RunForecast({
      estimateRun: (request) => {
        asked.push(request)
        return new Promise((resolve) => answers.push(resolve))
      },
    })
    const over = forecast.want(question)
    void forecast.want({ ...question, images: 17 })
    void forecast.want({ ...question, images: 18 })
    answers.shift()?.(value(1))
    for (let i = 0; i < 5; i++) await Promise.resolve()
    expect([asked.length, asked[1]?.images, forecast.value]).toEqual([2, 18, null])
    answers.shift()?.(value(2))
    await over
    expect([forecast.value?.runs, forecast.asking]).toEqual([2, false])
    await forecast.want(null)
    expect(forecast.value).toBeNull()
  })

  test('is said no finer than it is known', () => {
    expect([3000, 12_000, 100_000, 700_000, 3.6e6 * 2.2, 3.6e6 * 30, 3.6e6 * 100].map(roughly)).toEqual([
      '5 s',
      '10 s',
      '2 min',
      '10 min',
      '2 h',
      '30 h',
      '4 days',
    ])
    expect([range({ low: 60_000, high: 130_000 }), range({ low: 119_000, high: 121_000 })]).toEqual([
      '60 s to 2 min',
      'about 2 min',
    ])
  })
})

test('places of earlier runs are offered once each, newest first', () => {
  const run = (id: number, path: string) => summary(optionsOf({ input: { kind: 'folder', path }, seed: id }), id)
  expect(
    recentInputs([run(3, '/b'), run(2, '/a'), summary(optionsOf({})), run(1, '/b')]).map(
      ({ input, run: id }) => `${input.path} ${id}`,
    ),
  ).toEqual(['/b 3', '/a 2'])
})

test('an order is written as it is typed', () => {
  expect(
    orderText([
      { corruption: null, severity: null },
      { corruption: 'fog', severity: 3 },
    ]),
  ).toBe('clean\nfog 3')
})

describe('the look before a run', () => {
  const answered = (correct: number, more: Partial<FirstLook> = {}): ShownLook => ({
    look: firstLookSchema.parse({
      input: 'photos',
      images: 1200,
      labelled: 1000,
      matched: [
        { how: 'name', classes: 9 },
        { how: 'chosen', classes: 1 },
      ],
      leftOut: 2,
      notes: [],
      perClass: { least: 90, most: 120 },
      modelClasses: 10,
      architecture: 'resnet-50',
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], from: 'family' },
      size: { width: 64, height: 64 },
      seen: { corruption: null, severity: null },
      answers: [{ id: 'a', label: 0, labelName: 'cat', answer: 1, answerName: 'dog', confidence: 0.5 }],
      check: { labelled: 64, correct },
      different: { labels: 10, answers: 8 },
      remedies: [],
      ...more,
    }),
    pictures: [],
  })
  const remedy = (kind: Remedy['kind'], more: Partial<Remedy> = {}): Remedy => ({
    kind,
    tried: null,
    normalization: null,
    shift: null,
    ...more,
  })
  const subject = (path: string): LookSubject => ({ input: { kind: 'folder', path }, model: { kind: 'sample' } })
  /** Answers when it is told to. */
  function slowProgram() {
    const waiting: { readonly path: string; readonly answer: (shown: ShownLook) => void; fail(error: Error): void }[] =
      []
    const cancelled: string[] = []
    return {
      waiting,
      cancelled,
      asker: {
        look: ({ input }: LookRequestInput) =>
          new Promise<ShownLook>((answer, fail) =>
            waiting.push({ path: 'path' in input ? input.path : '', answer, fail }),
          ),
        cancelLook: (by: string) => Promise.resolve(cancelled.push(by)),
      },
    }
  }

  test('another subject ends the one under way, and only the newest is shown', async () => {
    const { asker, waiting, cancelled } = slowProgram()
    const look = new FormLook(asker)
    void look.want(subject('a'))
    await expect.poll(() => waiting.length).toBe(1)
    expect(look.looking).toBe(true)
    void look.want(subject('a')) // the same again changes nothing
    const second = look.want(subject('b'))
    expect(cancelled).toHaveLength(1)
    await expect.poll(() => waiting.length).toBe(2)
    waiting[0]?.answer(answered(1))
    waiting[1]?.answer(answered(60))
    await second
    expect([look.shown?.look.check?.correct, look.looking, look.doubtful]).toEqual([60, false, false])
    await look.want(null)
    expect(look.shown).toBeNull()
  })

  test('somebody who goes on choosing is waited for: what was asked in between is never looked at', async () => {
    const { asker, waiting } = slowProgram()
    const look = new FormLook(asker)
    for (const path of ['a', 'ab', 'abc']) void look.want(subject(path))
    await expect.poll(() => waiting.map(({ path }) => path)).toEqual(['abc'])
    look.stop()
  })

  test('can be stopped and made again, and says why it could not be made', async () => {
    const { asker, waiting, cancelled } = slowProgram()
    const look = new FormLook(asker)
    void look.want(subject('a'))
    await expect.poll(() => waiting.length).toBe(1)
    look.halt()
    expect([look.looking, look.halted, cancelled.length]).toEqual([false, true, 1])
    const again = look.again()
    await expect.poll(() => waiting.length).toBe(2)
    expect(look.halted).toBe(false)
    waiting[1]?.fail(new Error('No such folder.'))
    await again
    expect([look.problem, look.looking, look.shown]).toEqual(['No such folder.', false, null])
  })

  test('its line, and the remedies in words of both languages', () => {
    const { look } = answered(6, {
      remedies: [
        remedy('normalization', {
          tried: { labelled: 64, correct: 58 },
          normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
        }),
        remedy('labels'),
        remedy('channels', { tried: { labelled: 64, correct: 5 } }),
        remedy('size'),
      ],
    })
    expect(lookLine(look)).toBe(
      'photos: 1,200 images (1,000 have labels); 10 classes matched to the model’s 10: 9 name, 1 your choice, 2 left out; 90 to 120 images each; normalisation mean 0.5 / 0.5 / 0.5, std 0.25 / 0.25 / 0.25 (a guess: the file does not say it).',
    )
    expect(answersLine(look)).toBe('Unadapted, the model gets 6 of 64 clean images right.')
    expect(doubtLine(look)).toMatch(/^That is no better than guessing\./)
    expect(look.remedies.map((one) => remedyLine(one, look))).toEqual([
      'The normalisation: mean 0 / 0 / 0, std 1 / 1 / 1 (58 of 64 right with it).',
      'Which class is which: look at the list of classes.',
      'The order of the colours: RGB is given, and BGR does no better.',
      'The size of the images: the model gets 64 x 64.',
    ])
    const better = answered(30, {
      remedies: [remedy('labels', { tried: { labelled: 64, correct: 60 }, shift: -1 })],
    }).look
    expect(doubtLine(better)).toBe('With another setting it gets many more right:')
    expect(better.remedies.map((one) => remedyLine(one, better))).toEqual([
      'The numbers of the classes are off by one: the model’s class is the label minus 1 (60 of 64 right with it).',
    ])
  })

  test('a model that guesses is a warning with the way to its remedies; it stops nobody', () => {
    const form = new NewRun()
    const guessing = answered(6, { remedies: [remedy('model')] }).look
    const found = problemsOf(form, around({ look: guessing })).find(({ key }) => key === 'look')
    expect(found).toMatchObject({ field: 'look', stops: false })
    expect(found?.text).toBe('The unadapted model gets 6 of 64 images right, no better than guessing.')
    expect(problemsOf(form, around({ look: answered(60).look })).some(({ key }) => key === 'look')).toBe(false)
  })
})
