// `palm worker`: takes cells of sweeps from a lab's queue and computes them.
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { WorkerEvent } from '#app/services/lab/lab-worker.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { device, queue, workers } from './shared/options.ts'
import { duration } from './shared/progress.ts'
import type { CliParts } from './shared/parts.ts'
import { deviceFrom, workersFrom } from './shared/values.ts'
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
    device,
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
  const told = (event: WorkerEvent): void => {
    if (json) out(`${JSON.stringify(event)}\n`)
    else if (event.event !== 'waiting') out(`${line(event)}\n`)
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
        device: deviceFrom(parsed),
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

function line(event: Exclude<WorkerEvent, { readonly event: 'waiting' }>): string {
  if (event.event === 'cell') return `${event.label} …`
  if (event.event === 'done') return `${event.label}: done in ${duration(event.ms)}`
  return `${event.label}: ${event.error.message}${event.aside ? ' It failed three times and was set aside.' : ''}`
}
