// Sessions and other processes of ours as Electron's utility processes.
import { utilityProcess } from 'electron'
import type {
  SessionExit,
  SessionProcess,
  SettingsEnvironment,
  StartSession,
} from '#app/services/processes/session-process.ts'

/** Starts `file` (the built entry/session.ts) in a utility process for each session. */
export function utilitySessions(
  file: string,
  environment: Readonly<Record<string, string>>,
  ofSettings: SettingsEnvironment = () => ({}),
): StartSession {
  return (settings) => {
    const child = utilityProcess.fork(file, [], {
      env: { ...process.env, ...environment, ...(settings ? ofSettings(settings) : {}) },
      stdio: ['ignore', 'ignore', 'pipe'],
      serviceName: 'PALM session',
    })
    return overUtilityProcess(child)
  }
}

function overUtilityProcess(child: Electron.UtilityProcess): SessionProcess {
  let stderrTail = ''
  let exit: SessionExit | null = null
  const listeners: ((exit: SessionExit) => void)[] = []
  child.stderr?.on('data', (bytes: Buffer) => {
    stderrTail = (stderrTail + bytes.toString()).slice(-8_192)
  })
  child.on('exit', (code) => {
    exit = { code, signal: null, stderrTail }
    for (const listener of listeners) listener(exit)
  })
  return {
    get pid() {
      return child.pid ?? null
    },
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      if (exit) listener(exit)
      else listeners.push(listener)
    },
    kill() {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
  }
}
