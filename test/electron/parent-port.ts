// Gives a child of Node's fork the `process.parentPort` that Electron's utility processes have.
import { EventEmitter } from 'node:events'

class ParentPort extends EventEmitter {
  constructor() {
    super()
    process.on('message', (data) => this.emit('message', { data }))
    process.on('disconnect', () => process.exit(0)) // Electron ends its children with itself
  }

  postMessage(message: unknown): void {
    if (process.connected) process.send?.(message)
  }
}

Object.assign(process, { parentPort: new ParentPort() })
