// The app's connection to a lab: over a real PostgreSQL server that asks for a password, with real workers; and where the password is, and is not.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { LabService } from '#app/services/lab/lab-service.ts'
import { LabPassword } from '#app/services/lab/lab-password.ts'
import { placeOfEnvironment } from '#app/services/lab/lab-address.ts'
import { unreachable } from '#app/services/lab/lab-faults.ts'
import type { KeyStore } from '#app/services/machine/key-store.ts'
import { Log } from '#app/services/machine/log.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { noKeyStore } from '#app/hosts/web-places.ts'
import { appLab } from '#app/wiring/app-lab.ts'
import { runWorker } from '#app/wiring/lab.ts'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { sweepsOf } from '#app/wiring/sweeps.ts'
import { openWorkspace, type Workspace } from '#app/wiring/workspace.ts'
import { labPlaceSchema, type LabPlace, type LabView } from '#contract/sweeps/lab-view.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { inside } from '#test/electron/stand-in.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'
import { palmIn } from '#test/helpers/palm-here.ts'
import { noPostgres, startPostgres, type TestServer } from '#test/helpers/postgres.ts'

vi.mock('electron', async () => await import('#test/electron/stand-in.ts'))
const { electronKeyStore } = await import('#app/hosts/electron/key-store.ts')

const folder = mkdtempSync(join(tmpdir(), 'palm-lab-app-'))
const secret = 'pass-word-of-the-lab-7531'
const usual: LabPlace = { server: 'lab-server', database: 'lab', user: 'lab', encrypted: null, certificate: '' }
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the password', () => {
  const passwords = (keys: KeyStore = electronKeyStore('linux'), environment: NodeJS.ProcessEnv = {}) =>
    new LabPassword(keys, join(folder, 'keys'), placeOfEnvironment(environment))

  test('is kept in the system’s key store, sealed, in a file that only its user can read, and is there the next time', () => {
    passwords().remember(usual, secret, true)
    const file = join(folder, 'keys', 'lab-password')
    expect(readFileSync(file).includes(secret)).toBe(false)
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0)
    expect(passwords().known(usual)).toEqual({ source: 'kept', password: secret })
    passwords().forget()
    expect(passwords().known(usual)).toEqual({ source: 'none', password: undefined })
  })

  test('is not kept, and that is said, where there is no key store that keeps anything', () => {
    for (const [backend, said] of [
      ['basic_text', /No key ring/],
      ['unknown', /No key ring/],
      ['closed', /no key store that is open now/],
    ] as const) {
      inside.keyStore = backend
      expect(passwords().refused).toMatch(said)
      expect(() => passwords().remember(usual, secret, true)).toThrow(said)
      expect(readdirSync(folder)).toEqual(['keys'])
      expect(readdirSync(join(folder, 'keys'))).toEqual([])
    }
    // What is called so on other systems is their own key store.
    inside.keyStore = 'basic_text'
    expect(electronKeyStore('darwin').refused()).toBeNull()
    inside.keyStore = 'gnome_libsecret'
    expect(passwords(noKeyStore).refused).toMatch(/In a browser/)
    const session = passwords(noKeyStore)
    session.remember(usual, secret, false)
    expect(session.known(usual)).toEqual({ source: 'session', password: secret })
    expect(readdirSync(join(folder, 'keys'))).toEqual([])
    expect(passwords(noKeyStore).known(usual).source).toBe('none')
  })

  test('what another machine sealed is none', () => {
    passwords().remember(usual, secret, true)
    const other: KeyStore = {
      ...electronKeyStore('linux'),
      open() {
        throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.')
      },
    }
    expect(passwords(other).known(usual).source).toBe('none')
    passwords().forget()
  })

  test('is for the place that it was given for: not for another server, user or certificate, nor without encryption', () => {
    const own = passwords(electronKeyStore('linux'), {
      PALM_QUEUE: 'postgres://lab@env-server/lab',
      PGPASSWORD: 'from-environment',
    })
    own.remember(usual, secret, false)
    expect(own.known({ ...usual, database: 'other' }).password).toBe(secret)
    for (const other of [
      { server: 'evil' },
      { server: 'lab-server:1' },
      { user: 'root' },
      { encrypted: false },
      { certificate: '-----BEGIN CERTIFICATE-----' },
    ])
      expect(own.known({ ...usual, ...other }).password, JSON.stringify(other)).toBeUndefined()
    expect(own.known({ ...usual, server: 'env-server' })).toEqual({
      source: 'environment',
      password: 'from-environment',
    })
    expect(own.known({ ...usual, server: 'env-server', encrypted: false }).password).toBeUndefined()
  })
})

describe('a place', () => {
  test('names a server, and nothing else gets through', () => {
    for (const server of ['lab', 'lab:5433', '10.0.0.7', '[fe80::1]:5432', 'größer.example'])
      expect(labPlaceSchema.safeParse({ ...usual, server }).success, server).toBe(true)
    for (const server of ['', 'a b', 'me:pw@host', 'host/db', 'host?sslmode=disable', 'host#x', 'x:', '[::1'])
      expect(labPlaceSchema.safeParse({ ...usual, server }).success, server).toBe(false)
    const pem = (what: string) => `-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`
    expect(labPlaceSchema.safeParse({ ...usual, certificate: pem('CERTIFICATE') }).success).toBe(true)
    for (const certificate of ['hello', pem('PRIVATE KEY'), pem('CERTIFICATE') + pem('RSA PRIVATE KEY')])
      expect(labPlaceSchema.safeParse({ ...usual, certificate }).success).toBe(false)
  })

  test('what is wrong with a server is said in words that say what to do', () => {
    const fault = (code: string, message = '') => Object.assign(new Error(message), { code })
    for (const [thrown, said] of [
      [fault('ENOTFOUND', 'getaddrinfo ENOTFOUND lab'), /no machine of that name/],
      [new AggregateError([fault('ECONNREFUSED')]), /nobody answers there/],
      [fault('28P01', 'password authentication failed for user "lab"'), /the password is wrong/],
      [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), /or none was given/],
      [fault('28000', 'no pg_hba.conf entry for host'), /does not let this user in/],
      [fault('3D000'), /has no such database/],
      [fault('42501'), /may not make tables/],
      [fault('53300'), /as many connections/],
      [new Error('The server does not support SSL connections'), /speaks no TLS/],
      [fault('ERR_TLS_CERT_ALTNAME_INVALID'), /for another name/],
      [fault('CERT_HAS_EXPIRED'), /not valid today/],
      [fault('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), /not one that this machine trusts/],
    ] as const)
      expect(unreachable(thrown, { shown: 'lab/lab' }).message).toMatch(said)
  })
})

describe.skipIf(noPostgres() !== null)(`over a server${noPostgres() ? ` (${noPostgres()})` : ''}`, () => {
  let server: TestServer
  let place: LabPlace
  let url: string
  let id: number
  /** All that pages heard. */
  const told: string[] = []
  const opened: { readonly workspace: Workspace; readonly lab: LabService }[] = []

  beforeAll(async () => {
    server = await startPostgres({ password: secret })
    url = server.database('app')
    const { host, pathname } = new URL(url)
    place = { server: host, database: pathname.slice(1), user: 'palm', encrypted: null, certificate: '' }
  })
  afterAll(async () => {
    for (const { workspace, lab } of opened) await closed(workspace, lab)
    server.stop()
  })
  const closed = async (workspace: Workspace, lab: LabService) => {
    await lab.close()
    await workspace.runs.sessions.close()
    workspace.store.close()
  }

  const definition = sweepDefinitionSchema.parse({
    name: 'small',
    inputs: [{ kind: 'sample' }],
    models: [{ kind: 'sample' }],
    preset: 'sample',
    methods: ['source', 'norm'],
    corruptions: ['fog'],
    limit: 20,
    batchSize: 10,
    seeds: [0, 1],
  })

  /** The app's services over a data folder of their own, and what a page would be told. */
  async function appIn(name: string, keys: KeyStore = electronKeyStore('linux')) {
    const session = forkedProcesses().session
    const resourcesFolder = narrowResources
    const workspace = await openWorkspace({
      data: join(folder, name),
      resourcesFolder,
      startSession: session,
      workers: 1,
      preview: false,
    })
    const sweeps: SweepService = sweepsOf(workspace, forkedProcesses().probe)
    const log = new Log(join(folder, name, 'logs'), Date.now)
    const lab = appLab({ workspace, sweeps, session, keys, log, isMoving: () => false, superviseSeconds: 1 })
    const views: LabView[] = []
    const heard = (view: LabView) => {
      views.push(view)
      told.push(JSON.stringify(view))
    }
    const unfollow = lab.follow({
      snapshot: heard,
      event: heard,
      error: () => undefined,
    })
    const saw = (what: (view: LabView) => unknown) => expect.poll(() => what(views.at(-1) as LabView)).toBe(true)
    const own = { workspace, lab }
    opened.push(own)
    return {
      ...own,
      sweeps,
      views,
      told: saw,
      close: async () => {
        unfollow()
        opened.splice(opened.indexOf(own), 1)
        await closed(workspace, lab)
      },
    }
  }
  const work = (data: string, ...more: string[]) => {
    vi.stubEnv('PGPASSWORD', secret)
    return palmIn(join(folder, 'unused'))(
      ...['worker', '--queue', url, '--until-empty', '--data', join(folder, data), '--name', data, ...more],
    ).finally(() => vi.unstubAllEnvs())
  }
  /** Works until `signal` says so. @returns how many cells it sent */
  const stay = (name: string, signal: AbortSignal): Promise<number> => {
    vi.stubEnv('PGPASSWORD', secret)
    const startSession = forkedProcesses().session
    return runWorker(
      {
        ...{ address: url, name, library: [], data: join(folder, name), resourcesFolder: narrowResources },
        ...{ devices: [{ name: 'cpu', choice: 'cpu', card: null }], workers: null, untilEmpty: false },
        ...{ startSession, startOnCard: () => startSession, told: () => undefined, note: () => undefined },
      },
      signal,
    ).finally(() => vi.unstubAllEnvs())
  }

  test('a wrong password, none, and a server that is not there are said, and nothing is kept of them', async () => {
    const { lab, views, workspace, close } = await appIn('refused')
    await expect(lab.connect(place, 'wrong', true)).rejects.toThrow(/the password is wrong, or none was given/)
    await expect(lab.connect(place, null, false)).rejects.toThrow(/the password is wrong, or none was given/)
    await expect(lab.connect({ ...place, database: 'nothing' }, secret, false)).rejects.toThrow(/no such database/)
    await expect(lab.connect({ ...place, encrypted: true }, secret, false)).rejects.toThrow(/speaks no TLS/)
    await expect(lab.connect({ ...place, server: '127.0.0.1:1' }, secret, false)).rejects.toThrow(/nobody answers/)
    expect(views.at(-1)).toMatchObject({ phase: 'off', problem: expect.stringMatching(/nobody answers/), place: null })
    expect(workspace.store.settings.get('lab')).toBeUndefined()
    expect(() => lab.put(1)).toThrow(/connect first/)
    await close()
  })

  test('a sweep is put in, watched, and its table fills as results come; after a restart it goes on by itself', async () => {
    const first = await appIn('desk')
    id = first.sweeps.define(definition)
    await first.lab.connect(place, secret, true)
    expect(first.views.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['off', 'connecting', 'on']))
    first.lab.put(id)
    await first.told(({ sweeps }) => sweeps[0]?.phase === 'waiting' && sweeps[0].cells === 4)
    await first.told(({ state }) => state?.waiting === 4)
    const changes: number[] = []
    first.sweeps.onChange(({ done }) => changes.push(done))
    // The bundled sample is everywhere: a worker needs no library.
    expect(await work('one', '--device', 'cpu')).toMatchObject({ code: 0 })
    await first.told(({ sweeps }) => sweeps[0]?.phase === 'over' && sweeps[0].done === 4)
    expect((await first.sweeps.state(id)).done).toBe(4)
    expect(changes.at(-1)).toBe(4)
    await first.told(({ state }) => state?.done === 4 && state.waiting === 0 && state.perMinute !== null)
    await first.close()

    const again = await appIn('desk')
    const other = again.sweeps.define({ ...definition, name: 'more', seeds: [2] })
    await again.lab.reopen()
    expect(again.lab.view()).toMatchObject({ phase: 'on', password: 'kept', place })
    again.lab.put(other)
    await again.told(({ sweeps }) => sweeps.find(({ sweep }) => sweep === other)?.phase === 'waiting')
    await again.close()
    await work('two')
    const third = await appIn('desk')
    await third.lab.reopen()
    await third.told(({ sweeps }) => sweeps.find(({ sweep }) => sweep === other)?.done === 2)
    expect((await third.sweeps.results('more')).definition.seeds).toEqual([2])
    await third.close()
  })

  test('workers are seen with what they compute on; a server that goes is told, and what comes after it is back is taken', async () => {
    const { lab, sweeps, told, views, close } = await appIn('watching')
    await lab.connect(place, secret, false)
    const sweep = sweeps.define({ ...definition, seeds: [3, 4] })
    lab.put(sweep)
    await told(({ sweeps: [own] }) => own?.phase === 'waiting')
    // It stays until it was seen: one that ends when nothing is left may have come and gone between two looks.
    const enough = new AbortController()
    const working = stay('seen', enough.signal)
    const seen = ({ state }: LabView) =>
      state?.workers.some(({ name, device }) => name === 'seen' && device.startsWith('processor'))
    await told(seen)
    await told(({ sweeps: [own] }) => own?.done === 4)
    enough.abort()
    expect(await working).toBe(4)
    server.halt()
    await told(({ phase, problem }) => phase === 'lost' && /cannot be used/.test(problem ?? ''))
    server.restart()
    await told(({ phase, problem }) => phase === 'on' && problem === null)
    expect(views.at(-1)?.sweeps[0]?.done).toBe(4)
    await lab.disconnect()
    expect(lab.view()).toMatchObject({ phase: 'off', problem: null, state: null })
    await close()
  })

  test('a sweep can be taken out, and a cell that was set aside be tried again', async () => {
    const { lab, sweeps, told, close } = await appIn('out')
    await lab.connect(place, secret, false)
    const sweep = sweeps.define({ ...definition, seeds: [5, 6] })
    lab.put(sweep)
    await told(({ state }) => state?.waiting === 4)
    expect(await lab.takeOut(sweep)).toBe(4)
    expect(lab.view().sweeps).toEqual([])
    expect((await work('none')).err).toContain('0 cells sent.')
    lab.put(sweep)
    await told(({ sweeps: [own] }) => own?.phase === 'waiting')
    const spoilt = `data->>'label' = 'BN-1' AND state < 'active'`
    server.sql(
      url,
      `UPDATE palm_queue.job SET data = jsonb_set(data, '{options}', '{"method": "tent"}') WHERE ${spoilt}`,
    )
    await work('three')
    await told(({ sweeps: [own], state }) => own?.phase === 'over' && own.aside === 2 && state?.asideCells.length === 2)
    const [aside] = lab.view().state?.asideCells ?? []
    expect(aside).toMatchObject({
      label: expect.stringMatching(/^BN-1, seed [56]$/),
      worker: 'three',
      error: { message: expect.stringMatching(/The cell’s key does not follow/) },
    })
    server.sql(
      url,
      `UPDATE palm_queue.job SET data = jsonb_set(data, '{options}', '{"method": "norm"}') WHERE data->>'label' = 'BN-1'`,
    )
    await lab.again(aside?.key ?? '')
    await told(({ sweeps: [own], state }) => own?.phase === 'waiting' && own.aside === 1 && state?.waiting === 1)
    await work('four')
    await told(({ sweeps: [own] }) => own?.phase === 'over' && own.done === 3 && own.aside === 1)
    await expect(lab.again('0'.repeat(64))).rejects.toThrow(/does not hold that cell any more/)
    await close()
  })

  test('no row, file, log line or view holds the password', () => {
    const hit = (value: string | Buffer) => value.includes(secret)
    const names = new Set<string>()
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      names.add(entry.name)
      const file = join(entry.parentPath, entry.name)
      expect(hit(readFileSync(file)), file).toBe(false)
    }
    expect([...names]).toEqual(expect.arrayContaining(['palm.sqlite', 'lab-password', 'palm.log']))
    expect(told.length).toBeGreaterThan(20)
    expect(told.filter(hit)).toEqual([])
    const there = server.sql(
      url,
      `SELECT string_agg(t::text, ' ') FROM (SELECT data::text AS t FROM palm_queue.job
       UNION ALL SELECT contents::text FROM palm.queues UNION ALL SELECT spec::text FROM palm.streams) AS all_rows`,
    )
    expect(there).toContain('BN-1')
    expect(hit(there)).toBe(false)
  })
})
