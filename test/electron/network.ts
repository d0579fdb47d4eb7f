// `net.request` of the stand-in, over Node's own: as documented, a redirect is told and not followed, and a request that is aborted ends without an error.
import { EventEmitter } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'

/** Every address that was asked, and the names of the headers that were sent. */
export const requested: { readonly url: string; readonly headers: readonly string[] }[] = []

interface Options {
  readonly protocol?: string
  readonly hostname?: string
  readonly port?: string
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

class ClientRequest extends EventEmitter {
  private readonly request: http.ClientRequest
  private aborted = false

  constructor({ protocol = 'https:', hostname = '', port = '', path = '/', method = 'GET', headers = {} }: Options) {
    super()
    const url = `${protocol}//${hostname}${port ? `:${port}` : ''}${path}`
    requested.push({ url, headers: Object.keys(headers).map((name) => name.toLowerCase()) })
    this.request = (protocol === 'https:' ? https : http).request(url, { method, headers }, (response) => {
      const { statusCode = 0, headers: told } = response
      if (statusCode < 300 || statusCode >= 400 || !told.location) return void this.emit('response', response)
      response.resume()
      this.emit('redirect', statusCode, method, new URL(told.location, url).href, told)
      if (!this.aborted) this.fail(new Error('Redirect was cancelled'))
    })
    this.request.on('error', (error: NodeJS.ErrnoException) =>
      this.fail(new Error(`net::${error.code === 'ECONNREFUSED' ? 'ERR_CONNECTION_REFUSED' : 'ERR_FAILED'}`)),
    )
  }

  end(): void {
    if (!this.aborted) this.request.end()
  }

  abort(): void {
    if (this.aborted) return
    this.aborted = true
    this.request.destroy()
    process.nextTick(() => this.emit('abort'))
  }

  private fail(error: Error): void {
    if (!this.aborted) this.emit('error', error)
  }
}

export const net = { request: (options: Options) => new ClientRequest(options) }
