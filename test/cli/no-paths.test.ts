// Everything that can be written out of the program or sent to somebody, made once from images, a model and a data folder that lie in a telling place: not one byte of
// any of it says where that place is, or the home folder of whoever runs this.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Log } from '#app/services/machine/log.ts'
import { systemReport } from '#app/services/machine/system-report.ts'
import { settingsSchema } from '#contract/app/settings.ts'
import { withoutFolders, withNamesOnly } from '#contract/places.ts'
import { formatTable } from '#contract/tables/table.ts'
import { runsTable } from '#renderer/lib/runs/runs-table.ts'
import { openStore } from '#store/store.ts'
import { palmIn } from '#test/helpers/palm-here.ts'
import { tinyResnet } from '#test/helpers/tiny-resnet.ts'

const root = mkdtempSync(join(tmpdir(), 'palm-paths-'))
/** No part of it but the last names is to be found anywhere. */
const place = join(root, 'ann secret', 'Holiday2031')
const [data, images, model, out] = [
  join(place, 'mydata'),
  join(place, 'pictures'),
  join(place, 'tiny.safetensors'),
  join(root, 'out'),
]
const palm = palmIn(data)
const secrets = [root, 'ann secret', 'Holiday2031', ...(homedir().length > 1 ? [`${homedir()}/`] : [])]
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What was written: name and content. */
const written: [string, Uint8Array][] = []
const keep = (name: string, text: string): void => void written.push([name, Buffer.from(text)])

async function made(...args: string[]): Promise<string> {
  const { code, out: text, err } = await palm(...args)
  expect(err, args.join(' ')).not.toMatch(/^Error/m)
  expect(code, `${args.join(' ')}\n${err}`).toBe(0)
  return text
}

beforeAll(async () => {
  const sample = join(import.meta.dirname, '../../resources/sample/images')
  for (const name of ['Forest', 'River']) {
    mkdirSync(join(images, name), { recursive: true })
    for (const file of readdirSync(join(sample, name)).slice(0, 4))
      copyFileSync(join(sample, name, file), join(images, name, file))
  }
  mkdirSync(out)
  writeFileSync(model, tinyResnet())
  writeFileSync(join(images, 'River', 'broken.jpg'), 'no picture')
  const small = [
    '--methods',
    'source,tent',
    '--corruptions',
    'fog',
    '--batch',
    '2',
    '--workers',
    '1',
    '--labels',
    'order',
  ]
  for (const seed of ['1', '2']) await made('run', '--input', images, '--model', model, ...small, '--seed', seed)
}, 60_000)

test('model files of every format, and their cards', async () => {
  for (const name of ['a.safetensors', 'a.pth', 'a.onnx', 'a-tfjs'])
    await made('export', '1', '--checkpoint', 'last:tent', '-o', join(out, name))
  for (const name of readdirSync(out, { recursive: true }) as string[])
    if (statSync(join(out, name)).isFile()) written.push([name, readFileSync(join(out, name))])
  const card = JSON.parse(readFileSync(join(out, 'a.onnx.card.json'), 'utf8')) as { run: { options: object } }
  expect(card.run.options).toMatchObject({
    input: { path: 'pictures' },
    model: { path: 'tiny.safetensors' },
  })
  const asked = join(root, 'asked.safetensors')
  await made('export', '1', '--checkpoint', 'last:tent', '--paths', '-o', asked)
  expect(readFileSync(`${asked}.card.json`, 'utf8')).toContain(JSON.stringify(images))
})

test('tables of runs, comparisons and sweeps in every format', async () => {
  const store = openStore(join(data, 'palm.sqlite'))
  const runs = store.runs.list()
  // One that never came to open its input is called by its options.
  const options = { ...store.runs.options(1), name: '' }
  const unopened = store.runs.get(store.runs.createRun(options, 1))
  for (const format of ['csv', 'markdown', 'latex'] as const)
    keep(`runs.${format}`, formatTable(runsTable([...runs, unopened], 'Runs'), format))
  store.close()
  for (const format of ['text', 'csv', 'markdown', 'latex']) {
    keep(`compare.${format}`, await made('compare', '1', '2', '--all', '--format', format))
    keep(`means.${format}`, await made('compare', '1', '2', '--of', 'means', '--format', format))
  }
  const file = join(place, 'sweep.json')
  const definition = {
    name: 'mine',
    inputs: [{ kind: 'folder', path: images, counting: 'order' }],
    models: [{ kind: 'file', path: model }],
    preset: 'cifar10',
    methods: ['source', 'palm'],
    corruptions: ['fog'],
    batchSize: 4,
  }
  writeFileSync(file, JSON.stringify(definition))
  await made('sweep', file)
  for (const of of ['errors', 'importance', 'adapted', 'costs'])
    for (const format of ['text', 'csv', 'markdown', 'latex'])
      keep(`${of}.${format}`, await made('table', 'mine', '--of', of, '--format', format))
  expect(written.map(([name]) => name)).toEqual(expect.arrayContaining(['runs.csv', 'compare.text', 'costs.latex']))
})

test('the log’s file and the system report', async () => {
  const log = new Log(join(data, 'logs'), Date.now)
  const message = `${join(images, 'River', 'broken.jpg')} cannot be read. Is ${model} there? Or (${join(homedir(), 'x', 'y.npy')}): no.`
  log.error('runs', {
    code: 'input-unreadable',
    message,
    detail: `Error: ENOENT\n    at ${join(homedir(), 'palm/main.js')}:3:7`,
  })
  expect(log.entries().at(-1)?.message).toBe(message)
  const text = readFileSync(join(data, 'logs', 'palm.log'), 'utf8')
  expect(text).toContain('broken.jpg cannot be read. Is …')
  expect(text).toContain('y.npy): no.')
  keep('palm.log', text)
  const doctor = JSON.parse(await made('doctor', '--json')) as Parameters<typeof systemReport>[0]['doctor']
  const parts = { version: '1', host: 'web', doctor, settings: settingsSchema.parse({}), dataBytes: 1, runs: 2 }
  keep('report.txt', systemReport({ ...parts, log: log.entries(), personal: false }))
})

test('say of no folder of this machine', () => {
  expect(written.length).toBeGreaterThan(35)
  const found = written.flatMap(([name, bytes]) => {
    const text = Buffer.from(bytes).toString('latin1')
    return secrets.flatMap((secret) => (text.includes(secret) ? [`${name}: ${around(text, secret)}`] : []))
  })
  expect(found).toEqual([])
  console.log(`${written.length} files, ${written.reduce((sum, [, { length }]) => sum + length, 0)} bytes`)
})

const around = (text: string, secret: string): string => {
  const at = text.indexOf(secret)
  return text.slice(Math.max(0, at - 60), at + 60)
}

test('a path is told from what only looks like one, on every system', () => {
  const home: [string, string][] = [['/home/ann', '~']]
  for (const [text, clean] of [
    ['/home/ann/a b/c.png is gone.', '~/a b/c.png is gone.'],
    ['Cannot open "/mnt/x/y.npy", sorry', 'Cannot open "…/y.npy", sorry'],
    [String.raw`C:\Users\ann\m.pth: no`, '…/m.pth: no'],
    [String.raw`\\server\share\m.pth`, '…/m.pth'],
    ['file:///srv/app/main.js:3:7', '…/main.js:3:7'],
    ['/mnt/my summer holiday/x.png is gone', '…/x.png is gone'],
    ['/a/x.png is not /b/y.png', '…/x.png is not …/y.png'],
    ['180 images/s, and/or 3 / 4; see http://127.0.0.1:5/x and docs/guide/export.md', null],
  ] as const)
    expect(withoutFolders(text, home)).toBe(clean ?? text)
  expect(
    withNamesOnly({ input: { path: '/a/b c/' }, list: [{ weights: String.raw`D:\w.pth` }], name: '/kept' }),
  ).toEqual({
    input: { path: 'b c' },
    list: [{ weights: 'w.pth' }],
    name: '/kept',
  })
})
