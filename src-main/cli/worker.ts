// `palm worker`: takes cells of sweeps from a lab's queue and computes them.
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { WorkerEvent } from '#app/services/lab/lab-worker.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { workerDevice, type WorkerDevice } from '#app/wiring/machine-devices.ts'
import { queue, workers } from './shared/options.ts'
import { duration } from './shared/progress.ts'
import type { CliParts } from './shared/parts.ts'
import { deviceOfEnvironment, workersFrom } from './shared/values.ts'
import { out } from './shared/with-workspace.ts'

export const worker: Command = {
  name: 'worker',
  operands: '',
  summary: 'compute cells of sweeps that other machines put into a queue',
  options: {
    queue,
    library: {
      value: 'DIRS',
      help: 'folders with inputs and models, by commas; what is in none of them is fetched where it is small',
    },
    name: { value: 'TEXT', help: 'what this machine is called in lists (default: its name and the process)' },
    'until-empty': { help: 'end when nothing is left that it could compute' },
    device: {
      value: 'NAMES',
      help: 'what computes, several at the same time by commas: auto, cpu, webgpu, cuda, cuda:0, cuda:1 …; all = everything here (default: PALM_DEVICE, else auto)',
    },
    workers,
    json: { help: 'print one JSON event a line' },
  },
  notes:
    'Inputs and models are known by their contents, wherever they lie. Ctrl-C gives the cell back and ends; a machine that is switched off loses its cell to others after half a minute. The password is read from PGPASSWORD (docs/guide/lab.md).',
  run: workerCommand,
}

async function workerCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const stop = new AbortController()
  const interrupt = (): void => {
    process.stderr.write('Giving the cell back …\n')
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
  const json = parsed.switches.has('json')
  const note = (text: string): void => void process.stderr.write(`${text}\n`)
  let waiting = ''
  const told = (event: WorkerEvent, on: string | null): void => {
    if (json) out(`${JSON.stringify(on === null ? event : { ...event, device: on })}\n`)
    else if (event.event !== 'waiting') out(`${on === null ? '' : `${on}: `}${line(event)}\n`)
    else if (event.reason !== waiting) note(event.reason)
    waiting = event.event === 'waiting' ? event.reason : ''
  }
  try {
    const sent = await parts.worker(
      {
        address: parsed.values.get('queue') ?? null,
        name: parsed.values.get('name') ?? `${hostname()}-${process.pid}`,
        library: (parsed.values.get('library') ?? '')
          .split(',')
          .filter((folder) => folder !== '')
          .map((folder) => resolve(folder)),
        data: parsed.values.get('data') ?? null,
        devices: await devicesFrom(parsed, parts),
        workers: workersFrom(parsed),
        untilEmpty: parsed.switches.has('until-empty'),
        told,
        note,
      },
      stop.signal,
    )
    note(`${sent} ${sent === 1 ? 'cell' : 'cells'} sent.`)
    return stop.signal.aborted ? exitCodes.interrupted : exitCodes.ok
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt)
  }
}

/** Null = one, as the environment and the settings say. */
async function devicesFrom({ values }: ParsedCommand, parts: CliParts): Promise<readonly WorkerDevice[] | null> {
  const text = values.get('device')
  if (text === undefined) {
    deviceOfEnvironment() // what would be passed over later is said now
    return null
  }
  const names = text.split(',').map((name) => name.trim())
  if (names.length === 1 && names[0] === 'all') return parts.devices()
  const devices = names.map((name) => {
    const found = workerDevice(name)
    if (!found)
      throw new UsageError(
        `'${name}' is no device; there are auto, cpu, webgpu, cuda, cuda:0 …, or all`,
        'palm worker --help lists its options',
      )
    return found
  })
  // The first card by its kind and by its number is one card.
  if (new Set(devices.map(({ choice, card }) => `${choice} ${card ?? 0}`)).size < names.length)
    throw new UsageError(
      '--device names one device twice: it would only share it',
      'palm worker --help lists its options',
    )
  return devices
}

function line(event: Exclude<WorkerEvent, { readonly event: 'waiting' }>): string {
  if (event.event === 'cell') return `${event.label} …`
  if (event.event === 'done') return `${event.label}: done in ${duration(event.ms)}`
  return `${event.label}: ${event.error.message}${event.aside ? ' It failed three times and was set aside.' : ''}`
}
