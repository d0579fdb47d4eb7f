// Around every handler: a page names only places that it was granted, what fails is in the log, and while the data folder is being moved nothing may be written.
import { apiMethods, type ApiMethod } from '#contract/api.ts'
import { PalmError, toWireError, type ErrorCode } from '#contract/errors.ts'
import type { Handlers } from '#app/rpc/server.ts'
import type { Grants } from './grants.ts'
import type { Log } from './machine/log.ts'

/** What a person is told on the spot and nobody needs to look up. */
const everyday: readonly ErrorCode[] = ['bad-request', 'cancelled', 'run-busy']

/** Whatever does not write what is being copied. */
export const mayRunWhileMoving = (method: ApiMethod): boolean => apiMethods[method].access !== 'writes'

export function guarded(
  handlers: Handlers,
  {
    log,
    isMoving,
    grants,
  }: { readonly log: Pick<Log, 'error'>; readonly isMoving: () => boolean; readonly grants: Pick<Grants, 'check'> },
): Handlers {
  const wrap =
    (method: ApiMethod, handler: (request: never) => unknown) =>
    async (request: never): Promise<unknown> => {
      if (isMoving() && !mayRunWhileMoving(method))
        throw new PalmError(
          'run-busy',
          'The data folder is being moved. Wait for its end, or cancel the move in the settings.',
        )
      try {
        grants.check(method, request)
        return await handler(request)
      } catch (thrown) {
        const error = toWireError(thrown)
        if (!everyday.includes(error.code)) log.error(method, error, error.code === 'internal' ? 'error' : 'warning')
        throw thrown
      }
    }
  return Object.fromEntries(
    Object.entries(handlers).map(([method, handler]) => [
      method,
      wrap(method as ApiMethod, handler as (request: never) => unknown),
    ]),
  ) as unknown as Handlers
}
