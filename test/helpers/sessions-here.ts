// Sessions in this process in place of their own: what they compute on can be put there, and starting one takes no second.
import type { SessionExit, StartSession } from '#app/services/processes/session-process.ts'
import type { FromSession, ToSession } from '#contract/session-protocol.ts'
import type { DeviceSources } from '#engine/compute/open-device.ts'
import { runSession } from '#session/run-session.ts'

/** Of runs alone; `sources` is asked by each session. Killing one does nothing: it ends by itself. */
export function sessionsHere(sources: () => DeviceSources): StartSession {
  return () => {
    const toHost: ((message: unknown) => void)[] = []
    const toSession: ((message: ToSession) => void)[] = []
    const exits: ((exit: SessionExit) => void)[] = []
    const say = (message: FromSession): void => toHost.forEach((listener) => listener(structuredClone(message)))
    setImmediate(() => say({ type: 'ready' }))
    return {
      pid: null,
      send(message) {
        for (const listener of toSession) listener(structuredClone(message))
        if (message.type !== 'start') return
        const link = { send: say, onMessage: (listener: (message: ToSession) => void) => void toSession.push(listener) }
        void runSession(message, link, Date.now, 'test', async () => sources()).finally(() =>
          exits.forEach((listener) => listener({ code: 0, signal: null, stderrTail: '' })),
        )
      },
      onMessage: (listener) => void toHost.push(listener),
      onExit: (listener) => void exits.push(listener),
      kill: () => undefined,
    }
  }
}
