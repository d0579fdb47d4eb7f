// A child process's way to whoever started it: Electron's parentPort or the channel of Node's fork.

interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

export interface ParentChannel {
  readonly send: (message: unknown) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
  /** The parent is gone. Electron ends its children by itself. */
  readonly onGone: (listener: () => void) => void
  /** Lets go of the channel once the last message is out, so that the process can end. */
  readonly leave: () => void
  /** Sends, then ends the process with exit code 0. */
  readonly sendLast: (message: unknown) => void
}

/** Electron offers no callback for when a message has left. */
const partingMs = 100

export function parentChannel(): ParentChannel {
  const { parentPort } = process as { parentPort?: ParentPort }
  return parentPort ? overParentPort(parentPort) : overFork()
}

function overParentPort(port: ParentPort): ParentChannel {
  const leave = (): void => void setTimeout(() => process.exit(0), partingMs)
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', (event) => listener(event.data)),
    onGone: () => undefined,
    leave,
    sendLast(message) {
      port.postMessage(message)
      leave()
    },
  }
}

function overFork(): ParentChannel {
  /** Messages that the channel has not taken yet: a busy parent leaves them waiting, and disconnecting would drop them. */
  let unwritten = 0
  let leaving = false
  const leave = (): void => {
    if (process.connected && unwritten === 0) process.disconnect()
    else leaving = true
  }
  return {
    send(message) {
      if (!process.connected) return
      unwritten += 1
      process.send?.(message, undefined, undefined, () => {
        unwritten -= 1
        if (leaving && unwritten === 0) leave()
      })
    },
    onMessage: (listener) => void process.on('message', listener),
    onGone: (listener) => void process.on('disconnect', listener),
    leave,
    sendLast: (message) => void process.send?.(message, () => process.exit(0)),
  }
}
