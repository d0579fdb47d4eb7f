// What the services need of a session process, whichever host starts it: Node's fork or Electron's utilityProcess.
import type { Settings } from '#contract/app/settings.ts'
import type { ToSession } from '#contract/session-protocol.ts'

export interface SessionExit {
  readonly code: number | null
  readonly signal: string | null
  /** The end of what the process wrote to stderr. */
  readonly stderrTail: string
}

export interface SessionProcess {
  readonly pid: number | null
  send(message: ToSession): void
  /** Calls `listener` with every message that arrives, not parsed yet. */
  onMessage(listener: (message: unknown) => void): void
  /** Calls `listener` once, when the process is gone (or could not be started). */
  onExit(listener: (exit: SessionExit) => void): void
  /** Ends the process at once, as SIGKILL does. The run can be resumed. */
  kill(): void
  /** Whether this program waits for the process before it ends by itself; at first it does. Absent where the program ends its processes. */
  hold?(wanted: boolean): void
}

/** What a session's process is started with and cannot be told later: TensorFlow reads it when it is loaded. */
export interface SessionSettings extends Pick<Settings, 'device' | 'precision' | 'threads'> {
  /** The NVIDIA card that it sees, as CUDA calls it; absent or null = as the machine gives it. */
  readonly card?: string | null | undefined
}

/** Without settings: as the machine gives it. */
export type StartSession = (settings?: SessionSettings) => SessionProcess

/** Environment variables for a session's settings. */
export type SettingsEnvironment = (settings: SessionSettings) => Readonly<Record<string, string>>
