// The values of a lane's tensors, read by a session process: a model's file and a checkpoint can be large, and main never computes.
import { PalmError, fromWireError } from '../../contract/errors.ts'
import type { TensorsAnswer, TensorsRequest } from '../../contract/layers.ts'
import { fromSessionSchema } from '../../contract/session-protocol.ts'
import type { StartSession } from './session-process.ts'
import { describeExit } from './supervisor.ts'

/** @throws PalmError as session/tensor-values.ts does, `session-died` */
export function tensorsInProcess(startSession: StartSession, request: TensorsRequest, folders: { dataFolder: string; resourcesFolder: string }): Promise<TensorsAnswer> {
  const process = startSession()
  let result: TensorsAnswer | null = null
  let failure: PalmError | null = null
  return new Promise((resolve, reject) => {
    process.onMessage((message) => {
      const parsed = fromSessionSchema.safeParse(message)
      if (!parsed.success) return process.kill()
      if (parsed.data.type === 'ready') process.send({ type: 'tensors', request, ...folders })
      else if (parsed.data.type === 'tensors') result = parsed.data.result
      else if (parsed.data.type === 'ended' && parsed.data.error) failure = fromWireError(parsed.data.error)
    })
    process.onExit((exit) => {
      if (failure) reject(failure)
      else if (result) resolve(result)
      else reject(new PalmError('session-died', 'The program that reads the tensors ended before it answered.', describeExit(exit).detail))
    })
  })
}
