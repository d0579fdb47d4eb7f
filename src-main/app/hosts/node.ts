// The session process as a child of plain Node (web host, command, tests): fork with a channel of structured clones, so that a frame's bytes travel as bytes.
import { fork } from 'node:child_process'
import type { Socket } from 'node:net'
import type {
  SessionExit,
  SessionProcess,
  SettingsEnvironment,
  StartSession,
} from '#app/services/processes/session-process.ts'

const stderrTailLength = 8_192

/** Starts `file` (entry/session.ts or its build) for each session. `environment` is added to this process's own, then what the settings ask for. */
export function forkSessions(
  file: string,
  environment: Readonly<Record<string, string>>,
  ofSettings: SettingsEnvironment = () => ({}),
): StartSession {
  return (settings) => forkSession(file, { ...environment, ...(settings ? ofSettings(settings) : {}) })
}

function forkSession(file: string, environment: Readonly<Record<string, string>>): SessionProcess {
  // In a process group of its own: Ctrl-C in the terminal reaches only this process, which then asks the session to stop.
  const child = fork(file, [], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    detached: process.platform !== 'win32',
  })
  let stderrTail = ''
  let exit: SessionExit | null = null
  const listeners: ((exit: SessionExit) => void)[] = []
  const gone = (code: number | null, signal: string | null): void => {
    if (exit) return
    exit = { code, signal, stderrTail }
    for (const listener of listeners) listener(exit)
  }
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-stderrTailLength)
  })
  // `close` comes after the last message and the last of stderr; `error` when it could not be started at all.
  child.on('close', gone)
  child.on('error', (error) => {
    stderrTail += error.message
    if (child.pid === undefined) gone(null, null)
  })
  return {
    pid: child.pid ?? null,
    send(message) {
      if (child.connected) child.send(message, () => undefined) // a failure to send shows as the exit that causes it
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      if (exit) listener(exit)
      else listeners.push(listener)
    },
    kill: () => void child.kill('SIGKILL'),
    hold(wanted) {
      const stderr = child.stderr as Socket | null
      for (const handle of [child, child.channel, stderr]) wanted ? handle?.ref() : handle?.unref()
    },
  }
}
