// palm sweep --queue, palm worker and palm lab from end to end on a real PostgreSQL server: what other machines compute makes the table that this one makes.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { devicesIn, workerDevice } from '#app/wiring/machine-devices.ts'
import { writeBmp } from '#test/helpers/bmp.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'
import { palmIn } from '#test/helpers/palm-here.ts'
import { noPostgres, startPostgres, type TestServer } from '#test/helpers/postgres.ts'
import { leastWidths, tinyResnet } from '#test/helpers/tiny-resnet.ts'

const vulkan = '/usr/lib/chromium/vk_swiftshader_icd.json'
/** Vulkan in software, of Debian's Chromium; null = there is none. */
const software = process.env.VK_DRIVER_FILES ?? (existsSync(vulkan) ? vulkan : null)
const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'palm-lab-'))
const here = (...path: string[]) => join(folder, ...path)
const sampleModel = join(narrowResources, 'models', 'eurosat-resnet20.safetensors')
const definition = {
  name: 'small',
  inputs: [{ kind: 'folder', path: here('desk', 'photos') }],
  models: [{ kind: 'file', path: here('desk', 'net.safetensors') }],
  preset: 'sample',
  methods: ['source', 'tent'],
  corruptions: ['fog', 'contrast'],
  seeds: [0, 1],
  batchSize: 8,
}
const palm = (data: string) => palmIn(here(data))
const table = async (data: string) => (await palm(data)('table', 'small', '--format', 'csv')).out

const classNames = ['Forest', 'River', ...Array.from({ length: 8 }, (_, i) => `none of ${i}`)]

/** Class folders of small pictures. */
function photos(place: string, tint = 0): string {
  for (const [i, name] of classNames.slice(0, 2).entries()) {
    for (let at = 0; at < 8; at++)
      writeBmp(join(place, name, `${at}.bmp`), 16, 16, (x, y) => {
        const value = (x * (at + 3) + y * (i + 2) * 5 + tint) % 256
        return [value, (value * 3) % 256, 255 - value]
      })
  }
  return place
}

test('devices: every NVIDIA card, else a card through WebGPU, and the processor; nothing twice', () => {
  const offer = (kind: 'cpu' | 'cuda' | 'webgpu', more: { problem?: string; software?: boolean } = {}) => ({
    kind,
    name: '',
    driver: '',
    library: '',
    software: more.software ?? false,
    problem: more.problem ?? null,
  })
  const names = (...[offers, cards]: Parameters<typeof devicesIn>) => devicesIn(offers, cards).map(({ name }) => name)
  const cpu = offer('cpu')
  expect(names([cpu, offer('cuda'), offer('webgpu')], 2)).toEqual(['cuda:0', 'cuda:1', 'cpu'])
  expect(names([cpu, offer('cuda')], 0)).toEqual(['cuda:0', 'cpu'])
  expect(names([cpu, offer('cuda', { problem: 'no driver' }), offer('webgpu')], 0)).toEqual(['webgpu', 'cpu'])
  expect(names([cpu, offer('webgpu', { software: true })], 0)).toEqual(['cpu'])
  expect(names([offer('cpu', { problem: 'no library' })], 0)).toEqual([])
  expect(workerDevice('cuda:3')).toEqual({ name: 'cuda:3', choice: 'cuda', card: 3 })
  for (const none of ['gpu', 'cuda:', 'cuda:x', 'cuda:-1', 'cpu:0', '']) expect(workerDevice(none)).toBeNull()
})

describe.skipIf(noPostgres() !== null)(`a lab${noPostgres() ? ` (${noPostgres()})` : ''}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    mkdirSync(here('desk'))
    photos(here('desk', 'photos'))
    copyFileSync(sampleModel, here('desk', 'net.safetensors'))
    writeFileSync(here('small.json'), JSON.stringify(definition))
  })
  afterAll(() => {
    server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('a worker fetches what it has not, computes all, and the table is the one of one machine, digit for digit', async () => {
    const url = server.database('lab')
    expect((await palm('whole')('sweep', here('small.json'))).code).toBe(0)
    const put = await palm('desk-data')('sweep', here('small.json'), '--queue', url, '--detach')
    expect(put).toMatchObject({ code: 0 })
    expect(put.err).toContain('4 of 4 cells were put into the queue')
    const waiting = await palm('desk-data')('lab', '--queue', url, '--json')
    expect(JSON.parse(waiting.out)).toMatchObject({ done: 0, aside: 0, workers: [] })
    const worked = await palm('unused')('worker', '--queue', url, '--until-empty', '--data', here('w'), '--name', 'one')
    expect(worked).toMatchObject({ code: 0 })
    expect(worked.err).toContain('4 cells sent.')
    expect(worked.out).toMatch(/TENT: done in/)
    const taken = await palm('desk-data')('sweep', here('small.json'), '--queue', url)
    expect(taken).toMatchObject({ code: 0 })
    expect(taken.out).toContain('TENT')
    expect(await table('desk-data')).toBe(await table('whole'))
    // Nothing is left on the worker but what it may need again, and nothing that was sent names a place.
    const sent = Buffer.from(server.sql(url, `SELECT encode(string_agg(bytes, ''), 'hex') FROM palm.results`), 'hex')
    expect(sent.length).toBeGreaterThan(10_000)
    for (const place of [folder, homedir(), root]) expect(sent.includes(place)).toBe(false)
    const rows = server.sql(
      url,
      'SELECT data FROM palm_queue.job UNION ALL SELECT spec FROM palm.streams UNION ALL SELECT contents FROM palm.queues',
    )
    expect(rows).toContain('"photos"')
    expect(rows).not.toContain(folder)
    // On the desk its runs are over the desk's own files.
    const runs = JSON.parse((await palm('desk-data')('runs', '--json')).out) as {
      options: { input: { path: string } }
    }[]
    expect(runs.map(({ options }) => options.input.path)).toEqual(
      Array.from({ length: 4 }, () => here('desk', 'photos')),
    )
  })

  test.skipIf(!software)(
    'serves several devices of one machine at the same time, each with a session of its own',
    async () => {
      const url = server.database('devices')
      // Every shape of a network is a kernel that a card in software compiles, in each of its sessions.
      writeFileSync(here('desk', 'tiny.safetensors'), tinyResnet(leastWidths, classNames))
      const models = [{ kind: 'file', path: here('desk', 'tiny.safetensors') }]
      writeFileSync(here('tiny.json'), JSON.stringify({ ...definition, models, corruptions: ['fog'] }))
      expect(await palm('desk-6')('sweep', here('tiny.json'), '--queue', url, '--detach')).toMatchObject({ code: 0 })
      vi.stubEnv('VK_DRIVER_FILES', software ?? '')
      const worked = await palm('unused')(
        ...['worker', '--queue', url, '--until-empty', '--data', here('w6'), '--name', 'desk', '--json'],
        ...['--device', 'cpu,webgpu'],
      ).finally(() => vi.unstubAllEnvs())
      expect(worked).toMatchObject({ code: 0 })
      expect(worked.err).toContain('4 cells sent.')
      const events = worked.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string; device: string })
      for (const device of ['cpu', 'webgpu'])
        expect(events.filter((one) => one.device === device).map(({ event }) => event)).toEqual(
          expect.arrayContaining(['cell', 'done']),
        )
      // Both had begun before either had done.
      expect(new Set(events.slice(0, 2).map(({ event, device }) => `${event} ${device}`))).toEqual(
        new Set(['cell cpu', 'cell webgpu']),
      )
      const by = server.sql(url, 'SELECT DISTINCT worker FROM palm.results ORDER BY 1').split('\n')
      expect(by).toEqual(['desk cpu', 'desk webgpu'])
      expect(server.sql(url, 'SELECT string_agg(device, chr(10) ORDER BY worker) FROM palm.devices')).toMatch(
        /^processor.*\nWebGPU in software/,
      )
      expect(await palm('desk-6')('sweep', here('tiny.json'), '--queue', url)).toMatchObject({ code: 0 })
      for (const twice of ['cpu,cpu', 'cuda,cuda:0'])
        expect(await palm('unused')('worker', '--queue', url, '--device', twice)).toMatchObject({ code: 2 })
      expect((await palm('unused')('worker', '--queue', url, '--device', 'tpu')).err).toContain("'tpu' is no device")
    },
  )

  test('what lies in its library is known by its bytes: other pictures of the same names and sizes are left to others', async () => {
    const url = server.database('library')
    await palm('desk-2')('sweep', here('small.json'), '--queue', url, '--detach')
    server.sql(url, 'DELETE FROM palm.files; DELETE FROM palm.blobs')
    const work = (library: string, data: string) =>
      palm('unused')('worker', '--queue', url, '--until-empty', '--data', here(data), '--library', library)
    const without = await work(here('nothing'), 'w1')
    expect(without.err).toContain('“net.safetensors” is not in this machine’s library: its cells are left to others.')
    expect(without.err).toContain('0 cells sent.')
    photos(here('other', 'photos'), 1)
    copyFileSync(sampleModel, here('other', 'renamed.safetensors'))
    const other = await work(here('other'), 'w2')
    expect(other.err).toMatch(/other\/photos has the names and sizes of “photos”, but not its contents/)
    expect(other.err).toContain('0 cells sent.')
    photos(here('shared', 'deep', 'pictures'))
    copyFileSync(sampleModel, here('shared', 'm.safetensors'))
    const right = await work(`${here('other')},${here('shared')}`, 'w3')
    expect(right.err).toContain('4 cells sent.')
  })

  test('a result that is not what was asked for is refused by name, and nothing of it taken', async () => {
    const url = server.database('forged')
    await palm('desk-3')('sweep', here('small.json'), '--queue', url, '--detach')
    const swap = `INSERT INTO palm.results (key, bytes, worker) SELECT data->>'key', decode('${readFileSync(
      here('small.json'),
    ).toString('hex')}', 'hex'), 'mallory' FROM palm_queue.job`
    server.sql(url, swap)
    const forged = await palm('desk-3')('sweep', here('small.json'), '--queue', url)
    expect(forged).toMatchObject({ code: 1 })
    expect(forged.err).toMatch(/not a readable database/)
    await palm('unused')('worker', '--queue', server.database('honest'), '--until-empty', '--data', here('w'))
    const honest = server.database('swapped')
    await palm('desk-4')('sweep', here('small.json'), '--queue', honest, '--detach')
    await palm('unused')('worker', '--queue', honest, '--until-empty', '--data', here('w'), '--name', 'mallory')
    server.sql(honest, `UPDATE palm.results SET bytes = (SELECT bytes FROM palm.results ORDER BY seq LIMIT 1)`)
    const swapped = await palm('desk-4')('sweep', here('small.json'), '--queue', honest)
    expect(swapped).toMatchObject({ code: 1 })
    expect(swapped.err).toMatch(/What mallory sent for “.+” is not what was asked for/)
  })

  test('a cell that cannot be computed is set aside after three times, with its error', async () => {
    const url = server.database('aside')
    await palm('desk-5')('sweep', here('small.json'), '--queue', url, '--detach')
    server.sql(
      url,
      `UPDATE palm_queue.job SET data = jsonb_set(data, '{options}', '{"method": "norm"}') WHERE data->>'label' = 'TENT'`,
    )
    const worked = await palm('unused')('worker', '--queue', url, '--until-empty', '--data', here('w'))
    expect(worked.err).toContain('2 cells sent.')
    expect(JSON.parse((await palm('unused')('lab', '--queue', url, '--json')).out)).toMatchObject({ done: 2, aside: 2 })
    const again = await palm('desk-5')('sweep', here('small.json'), '--queue', url, '--detach')
    expect(again.err).toMatch(/TENT, seed 0 had failed three times \(The cell’s key does not follow.*tried again/)
    expect(again.err).toContain('2 of 4 cells were put into the queue')
    await palm('unused')('worker', '--queue', url, '--until-empty', '--data', here('w'))
    expect(await palm('desk-5')('sweep', here('small.json'), '--queue', url)).toMatchObject({ code: 0 })
    expect(await table('desk-5')).toBe(await table('whole'))
  })
})
