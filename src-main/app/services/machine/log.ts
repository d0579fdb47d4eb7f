// The program's log in the data folder: one JSON line an entry, files that are turned over at a size and not kept for ever, the newest
// entries in memory for whoever looks. A log that cannot be written (a full disk) says nothing: it must not be what fails.
// Image content, labels and predictions never come here: callers pass codes where a message may hold class names.
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { type LogEntry, type LogLevel, logEntrySchema } from '#contract/log.ts'
import type { WireError } from '#contract/errors.ts'
import { withoutFolders } from '#contract/places.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'

export interface LogLimits {
  /** A file that grew to this is turned over. */
  readonly fileBytes: number
  /** Files that are kept, the one that is written among them. */
  readonly files: number
  /** Entries in memory. */
  readonly entries: number
}

const usualLimits: LogLimits = { fileBytes: 1 << 20, files: 4, entries: 1000 }
const longestMessage = 1_000
const longestDetail = 8_000

export class Log {
  readonly folder: string
  private readonly now: () => number
  private readonly limits: LogLimits
  private readonly listeners = new Set<(entry: LogEntry) => void>()
  private newest: LogEntry[]
  private size: number

  /** `folder` is made when it is missing. */
  constructor(folder: string, now: () => number, limits: LogLimits = usualLimits) {
    this.folder = folder
    this.now = now
    this.limits = limits
    this.size = sizeOf(this.file(0))
    this.newest = [1, 0].flatMap((n) => readEntries(this.file(n))).slice(-limits.entries)
  }

  info(source: string, message: string, detail: string | null = null): void {
    this.write({ level: 'info', source, code: null, message, detail })
  }

  warning(source: string, message: string, detail: string | null = null): void {
    this.write({ level: 'warning', source, code: null, message, detail })
  }

  /** With its code. What an error says of labels is left out. */
  error(source: string, error: WireError, level: LogLevel = 'error'): void {
    const aboutLabels = error.code === 'input-labels'
    this.write({
      level,
      source,
      code: error.code,
      message: aboutLabels ? 'The labels do not fit (what is wrong with them is not written here).' : error.message,
      detail: aboutLabels ? null : (error.detail ?? null),
    })
  }

  /** Oldest first. */
  entries(): readonly LogEntry[] {
    return this.newest
  }

  follow(sink: FeedSink<LogEntry[], LogEntry>): () => void {
    const listener = (entry: LogEntry): void => sink.event(entry)
    sink.snapshot([...this.newest])
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private write(what: Omit<LogEntry, 'at'>): void {
    const entry: LogEntry = {
      at: this.now(),
      ...what,
      message: what.message.slice(0, longestMessage),
      detail: what.detail?.slice(-longestDetail) ?? null,
    }
    this.newest.push(entry)
    if (this.newest.length > this.limits.entries) this.newest = this.newest.slice(-Math.ceil(this.limits.entries / 2))
    for (const listener of [...this.listeners]) listener(entry)
    const line = `${JSON.stringify({ ...entry, message: this.short(entry.message), detail: entry.detail && this.short(entry.detail) })}\n`
    try {
      mkdirSync(this.folder, { recursive: true })
      if (this.size > 0 && this.size + line.length > this.limits.fileBytes) this.turnOver()
      appendFileSync(this.file(0), line)
      this.size += Buffer.byteLength(line)
    } catch {
      // A full disk or a folder that is gone: what is in memory can still be read.
    }
  }

  /** The file may be sent to somebody: no folder of this machine is in it. What is in memory keeps them, for the one who looks. */
  private short(text: string): string {
    return withoutFolders(text, [
      [dirname(this.folder), '<data>'],
      [homedir(), '~'],
    ])
  }

  private turnOver(): void {
    rmSync(this.file(this.limits.files - 1), { force: true })
    for (let n = this.limits.files - 2; n >= 0; n--)
      if (sizeOf(this.file(n)) > 0) renameSync(this.file(n), this.file(n + 1))
    this.size = 0
  }

  private file(n: number): string {
    return join(this.folder, n === 0 ? 'palm.log' : `palm.${n}.log`)
  }
}

const refusalSchema = z.object({
  type: z.literal('refused'),
  of: z.string().nullable(),
  error: z.object({ message: z.string(), detail: z.string().optional() }),
})

/** Sessions whose way out, what they wrote to stderr, and messages that they could not follow are in the log. */
export function loggedSessions(start: StartSession, log: Pick<Log, 'info' | 'warning'>): StartSession {
  return (settings) => {
    const child = start(settings)
    child.onMessage((data) => {
      const refusal = refusalSchema.safeParse(data)
      if (!refusal.success) return
      const { of, error } = refusal.data
      log.warning(
        'session',
        `A message “${of ?? 'without a type'}” was refused: ${error.message}`,
        error.detail ?? null,
      )
    })
    child.onExit(({ code, signal, stderrTail }) => {
      const tail = stderrTail.trim()
      const how = `A session process ended (exit code ${code ?? 'none'}, signal ${signal ?? 'none'}).`
      if (code === 0) log.info('session', how, tail || null)
      else log.warning('session', how, tail || null)
    })
    return child
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}

/** Lines that are entries; a line that a crash cut short is not. */
function readEntries(file: string): LogEntry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = logEntrySchema.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      return []
    }
  })
}
