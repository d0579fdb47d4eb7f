// A network that can be cut: connections to a port of this machine go through it to another one.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export class CutNetwork {
  readonly port: number
  private readonly to: number
  private readonly sockets = new Set<Socket>()
  private server: Server

  private constructor(server: Server, to: number) {
    this.server = server
    this.to = to
    this.port = (server.address() as AddressInfo).port
    this.serve(server)
  }

  static async to(port: number): Promise<CutNetwork> {
    return new CutNetwork(await listening(0), port)
  }

  /** Every connection breaks, and no new one comes about. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  async mend(): Promise<void> {
    this.server = await listening(this.port)
    this.serve(this.server)
  }

  private serve(server: Server): void {
    server.on('connection', (near) => {
      const far = connect(this.to, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one)
        one.pipe(other)
        one.on('error', () => undefined)
        one.on('close', () => {
          this.sockets.delete(one)
          other.destroy()
        })
      }
    })
  }
}

const listening = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
