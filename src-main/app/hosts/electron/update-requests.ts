// Every request of the updater, over Electron's own network: https only, nothing in it that tells who asks, and bounds on how much comes, how long it takes and how often it leads on.
import type { RequestOptions } from 'node:http'
import { PalmError } from '#contract/errors.ts'
import { ElectronHttpExecutor } from 'electron-updater/out/electronHttpExecutor.js'
import { unreachable } from './update-faults.ts'

export interface RequestBounds {
  readonly bytes: number
  /** Milliseconds in which something must come. */
  readonly silenceMs: number
  /** Milliseconds for all of it; null = as long as it takes. */
  readonly totalMs: number | null
}

type Request = Electron.ClientRequest
type Options = RequestOptions

const mostRedirects = 5
const thisMachine: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']

export class UpdateRequests extends ElectronHttpExecutor {
  private bounds: RequestBounds = { bytes: 0, silenceMs: 0, totalMs: 0 }
  private redirects = 0
  private aborted = false
  private readonly ends = new Set<(reason: PalmError) => void>()

  /** For what is asked from now on. */
  bound(bounds: RequestBounds): void {
    this.bounds = bounds
    this.redirects = 0
    this.aborted = false
  }

  /** Ends what is on its way. */
  abort(): void {
    this.aborted = true
    for (const end of [...this.ends]) end(cancelled())
  }

  override createRequest(options: Options, callback: (response: NodeJS.ReadableStream) => void): Request {
    if (this.aborted) throw cancelled()
    refuseOpen(options.protocol ?? '', options.hostname ?? '')
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'x-user-staging-id'),
    )
    const { bounds } = this
    let received = 0
    const request: Request = super.createRequest(
      { ...options, headers, redirect: 'manual' },
      (response: NodeJS.ReadableStream) => {
        heard()
        response.on('data', (chunk: Buffer | string) => {
          heard()
          received += Buffer.byteLength(chunk)
          if (received > bounds.bytes) end(tooLarge())
        })
        response.on('end', settle)
        callback(response)
      },
    )
    const end = (reason: PalmError): void => {
      settle()
      request.abort()
      // Electron ends a request that was aborted without a word, and the updater would wait for ever.
      ;(request as NodeJS.EventEmitter).emit('error', reason)
    }
    const tooLong = (): void => end(unreachable('Nothing came for too long.'))
    let silence = setTimeout(tooLong, bounds.silenceMs)
    const total = bounds.totalMs === null ? null : setTimeout(tooLong, bounds.totalMs)
    const heard = (): void => {
      clearTimeout(silence)
      if (this.ends.has(end)) silence = setTimeout(tooLong, bounds.silenceMs)
    }
    const settle = (): void => {
      this.ends.delete(end)
      clearTimeout(silence)
      if (total) clearTimeout(total)
    }
    this.ends.add(end)
    request.on('error', settle)
    request.on('abort', settle)
    return request
  }

  override addRedirectHandlers(
    request: Request,
    options: Options,
    reject: (error: Error) => void,
    _redirectCount: number,
    handler: (options: Options) => void,
  ): void {
    request.on('redirect', (_status: number, _method: string, url: string) => {
      request.abort()
      this.redirects += 1
      try {
        const { protocol, hostname } = new URL(url)
        refuseOpen(protocol, hostname)
        if (options.protocol === 'https:' && protocol !== 'https:') throw unsafe()
        if (this.redirects > mostRedirects) throw unreachable('It leads on and on.')
        handler(ElectronHttpExecutor.prepareRedirectUrlOptions(url, options))
      } catch (thrown) {
        reject(thrown as Error)
      }
    })
  }
}

/** Plain http is for a server on this very machine. */
function refuseOpen(protocol: string, hostname: string): void {
  if (protocol !== 'https:' && !(protocol === 'http:' && thisMachine.includes(hostname))) throw unsafe()
}

const cancelled = (): PalmError => new PalmError('cancelled', 'The update was cancelled.')

const unsafe = (): PalmError =>
  new PalmError('bad-request', 'The address for updates leads to a place without https. Nothing was read from there.')

const tooLarge = (): PalmError =>
  new PalmError('bad-request', 'The server with the updates sends more than it says. Nothing was kept.')
