// A PostgreSQL server of a test's own: a fresh cluster on a port of this machine, gone afterwards. Debian's package has the binaries; the set-up installs it for the tests.
import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TestServer {
  /** A database of its own for each caller. */
  database(name: string): string
  sql(url: string, text: string): string
  /** As by a power cut: what was not committed is gone. */
  restart(): void
  /** Nobody answers, until `restart`. */
  halt(): void
  stop(): void
}

const places = '/usr/lib/postgresql'
const folder = (): string | null =>
  existsSync(places)
    ? (readdirSync(places)
        .toSorted((a, b) => Number(b) - Number(a))
        .map((version) => join(places, version, 'bin'))
        .find((bin) => existsSync(join(bin, 'initdb'))) ?? null)
    : null

/** In memory where a gigabyte is free: a database is three hundred files, a cluster a thousand, and most live for seconds. */
function place(): string {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > 2 ** 30 ? memory : tmpdir()
}

/** What a server of a test does without: it outlives no machine and has no copies. What was committed survives `restart` all the same. */
const settings = [
  ...['fsync=off', 'full_page_writes=off', 'wal_level=minimal', 'max_wal_senders=0', 'autovacuum=off', 'jit=off'],
  // In its own folder: a server that is stopped at once leaves such memory behind.
  'dynamic_shared_memory_type=mmap',
  ...['shared_buffers=16MB', 'max_connections=200', "unix_socket_directories=''", 'listen_addresses=127.0.0.1'],
]

/** Why there is none; null = there is. */
export const noPostgres = (): string | null => (folder() ? null : 'PostgreSQL’s server is not installed')

export interface ServerOptions {
  /** Of the user `palm`, who is asked for it; absent: everybody is let in. */
  readonly password?: string
}

export async function startPostgres({ password }: ServerOptions = {}): Promise<TestServer> {
  const bin = folder()
  if (bin === null) throw new Error('No PostgreSQL.')
  const home = mkdtempSync(join(place(), 'palm-pg-'))
  const root = process.getuid?.() === 0
  if (root) chownSync(home, Number(id('-u')), Number(id('-g')))
  const data = join(home, 'data')
  const port = await freePort()
  // It refuses to run as root.
  const run = (program: string, args: readonly string[]): string => {
    const whole = [join(bin, program), ...args]
    return root
      ? execFileSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...whole], quiet)
      : execFileSync(whole[0] as string, whole.slice(1), quiet)
  }
  const secret = join(home, 'password')
  if (password !== undefined) writeFileSync(secret, `${password}\n`)
  run('initdb', [
    ...['-D', data, '-U', 'palm', '--no-sync', '-E', 'UTF8', '--no-locale'],
    ...(password === undefined ? ['-A', 'trust'] : ['-A', 'scram-sha-256', `--pwfile=${secret}`]),
  ])
  const options = [`-p ${port}`, ...settings.map((setting) => `-c ${setting}`)].join(' ')
  const control = (...args: string[]) => run('pg_ctl', ['-D', data, '-l', join(home, 'log'), '-w', ...args])
  control('-o', options, 'start')
  const sql = (url: string, text: string) =>
    execFileSync(join(bin, 'psql'), ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-c', text, url], {
      ...quiet,
      env: { ...process.env, ...(password === undefined ? {} : { PGPASSWORD: password }) },
    }).trim()
  return {
    database(name) {
      sql(`postgres://palm@127.0.0.1:${port}/postgres`, `CREATE DATABASE ${name}`)
      return `postgres://palm@127.0.0.1:${port}/${name}`
    },
    sql,
    restart: () => void control('-o', options, '-m', 'immediate', 'restart'),
    halt: () => void control('-m', 'immediate', 'stop'),
    stop() {
      control('-m', 'immediate', 'stop')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

const quiet: ExecFileSyncOptionsWithStringEncoding = {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'pipe'],
  cwd: '/',
  maxBuffer: 2 ** 28,
}
const id = (which: string) => execFileSync('id', [which, 'postgres'], quiet).trim()

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
