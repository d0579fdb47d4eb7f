// The connection to the program: drives its state machine over a transport and timers, and holds the client while there is one. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { nextState, notBegun, type ConnectionEvent, type ConnectionState } from './connection-machine.ts'

export interface ClientConnection {
  readonly client: PalmClient
  /** Calls `listener` when the transport closes; at once where it is closed already. */
  onClose(listener: (reason: string) => void): void
}

export interface ConnectionParts {
  /** Rejects with `cancelled` where the program does not answer; anything else is a fault. */
  readonly connect: () => Promise<ClientConnection>
  /** Asks what must be known before anything is shown. */
  readonly greet: (client: PalmClient) => Promise<void>
  /** The program answered: what lives as long as this connection is built. */
  readonly opened: (client: PalmClient) => void
  /** There is no client any more. */
  readonly lost: () => void
}

export class Connection {
  state = $state.raw<ConnectionState>(notBegun)
  private link: ClientConnection | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly parts: ConnectionParts

  constructor(parts: ConnectionParts) {
    this.parts = parts
  }

  /** Whether everything can be asked. */
  get isOpen(): boolean {
    return this.state.at === 'open'
  }

  /** Null while there is none; there is one before `isOpen` already. */
  get client(): PalmClient | null {
    return this.link?.client ?? null
  }

  /** Any call, over whichever connection there is now. */
  readonly caller: Pick<PalmClient, 'call'> = { call: (method, request) => this.need().call(method, request) }

  /** @throws Error saying that there is no connection */
  need(): PalmClient {
    if (!this.link) throw new Error(strings.charts.noConnection)
    return this.link.client
  }

  start(): void {
    this.send({ type: 'start' })
  }

  /** Tries at once, where it waits or has failed. */
  retry(): void {
    this.send({ type: 'retry' })
  }

  stop(): void {
    this.send({ type: 'stop' })
  }

  private send(event: ConnectionEvent): void {
    const next = nextState(this.state, event)
    if (next === this.state) return
    this.state = next
    switch (next.at) {
      case 'connecting':
        this.drop()
        void this.open(next.attempt)
        return
      case 'waiting':
        this.drop()
        this.timer = setTimeout(() => this.retry(), next.delayMs)
        return
      case 'failed':
        console.error(`The window has a fault: ${next.fault.message}`, next.fault.detail ?? '')
        return
      case 'stopped':
        this.drop()
        return
      case 'idle':
      case 'greeting':
      case 'open':
    }
  }

  /** What a transport still says after this belongs to an attempt that is over. */
  private drop(): void {
    clearTimeout(this.timer)
    const { link } = this
    if (!link) return
    this.link = null
    link.client.close()
    this.parts.lost()
  }

  private async open(attempt: number): Promise<void> {
    const is = (at: ConnectionState['at']): boolean => this.state.at === at && this.state.attempt === attempt
    try {
      const link = await this.parts.connect()
      if (!is('connecting')) return link.client.close()
      this.link = link
      this.send({ type: 'connected', attempt })
      link.onClose(() => this.send({ type: 'lost', attempt }))
      await this.parts.greet(link.client)
      if (!is('greeting')) return
      this.parts.opened(link.client)
      this.send({ type: 'greeted', attempt })
    } catch (thrown) {
      const fault = toWireError(thrown)
      this.send(fault.code === 'cancelled' ? { type: 'lost', attempt } : { type: 'faulted', attempt, fault })
    }
  }
}
