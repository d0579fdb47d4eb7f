// Ends a run that is under way, and waits until it is over: another one can start then.
import type { PalmClient } from '#app/rpc/client.ts'
import { fromWireError } from '#contract/errors.ts'
import { isUnderWay, type RunSummary } from '#contract/tables/report.ts'

/** Stops a run and resolves when it is over. @throws PalmError when it cannot be stopped from here */
export function endRun(client: PalmClient, run: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const underWay = (runs: readonly RunSummary[]) => runs.some(({ id, status }) => id === run && isUnderWay(status))
    const stop = async () => {
      try {
        await client.call('runs.stop', { run })
      } catch (thrown) {
        if (underWay(await client.call('runs.list', {}))) throw thrown
        settle(resolve) // it was over before it could be stopped
      }
    }
    let unfollow: () => void = () => undefined
    const settle = (work: () => void) => {
      unfollow()
      work()
    }
    unfollow = client.subscribe(
      'runs',
      {},
      {
        snapshot: (runs) =>
          underWay(runs) ? void stop().catch((thrown: unknown) => settle(() => reject(thrown))) : settle(resolve),
        event: ({ id, status }) => id === run && !isUnderWay(status) && settle(resolve),
        error: (error) => settle(() => reject(fromWireError(error))),
      },
    )
  })
}
