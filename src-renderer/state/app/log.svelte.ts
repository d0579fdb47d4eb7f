// The log as a screen needs it: the newest entries, filtered by level and words. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { said } from '#renderer/lib/german/said.svelte.ts'
import { logLevels, type LogEntry, type LogLevel } from '#contract/log.ts'

const kept = 1000
/** Rows on the screen. */
export const logRows = 300

export class LogReader {
  entries = $state.raw<readonly LogEntry[]>([])
  loaded = $state(false)
  problem = $state('')
  query = $state('')
  levels = $state.raw<ReadonlySet<LogLevel>>(new Set(logLevels))
  /** Whether the newest stays in view. */
  following = $state(true)
  private readonly stop: () => void

  constructor(client: PalmClient) {
    this.stop = client.subscribe(
      'log',
      {},
      {
        snapshot: (entries) => {
          this.entries = entries
          this.loaded = true
        },
        event: (entry) => (this.entries = [...this.entries, entry].slice(-kept)),
        error: ({ message }) => (this.problem = message),
      },
    )
  }

  /** Asked anew each time: it is made in an effect, and what is derived there ends with it, while the log stays. */
  get found(): readonly LogEntry[] {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean)
    // As it is shown, and as it is in the file.
    const textsOf = (entry: LogEntry) => `${textOf(entry)}\n${entry.message}`.toLowerCase()
    return this.entries.filter(
      (entry) => this.levels.has(entry.level) && words.every((word) => textsOf(entry).includes(word)),
    )
  }

  toggle(level: LogLevel): void {
    const levels = new Set(this.levels)
    if (!levels.delete(level)) levels.add(level)
    this.levels = levels
  }

  /** Every level, and no words. */
  showAll(): void {
    this.query = ''
    this.levels = new Set(logLevels)
  }

  /** What is shown, a line an entry. */
  get text(): string {
    return this.found.map(textOf).join('\n')
  }

  close(): void {
    this.stop()
  }
}

export function textOf({ at, level, source, code, message, detail }: LogEntry): string {
  return `${new Date(at).toISOString()} ${level} ${source}${code ? ` [${code}]` : ''}: ${said(message)}${detail ? `\n${detail}` : ''}`
}
