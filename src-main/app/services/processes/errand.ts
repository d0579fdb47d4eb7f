// Asks a process of its own for something and waits for the answer: what main must not do itself.
import type { CompareRequest, CompareResult } from '#contract/compare/compare-checkpoints.ts'
import { PalmError, fromWireError } from '#contract/errors.ts'
import type { TensorsAnswer, TensorsRequest } from '#contract/columns/layers.ts'
import { fromSessionSchema, type FromSession, type ToSession } from '#contract/session-protocol.ts'
import type { StartSession } from './session-process.ts'
import { describeExit } from './supervisor.ts'

/** `answer` picks what is wanted out of a message. @throws PalmError as the process does, `session-died` */
function ask<T>(
  startSession: StartSession,
  errand: ToSession,
  answer: (message: FromSession) => T | undefined,
): Promise<T> {
  const process = startSession()
  let result: T | undefined
  let failure: PalmError | null = null
  return new Promise((resolve, reject) => {
    process.onMessage((message) => {
      const parsed = fromSessionSchema.safeParse(message)
      if (!parsed.success) return process.kill()
      if (parsed.data.type === 'ready') process.send(errand)
      else if (parsed.data.type === 'ended' && parsed.data.error) failure = fromWireError(parsed.data.error)
      else result ??= answer(parsed.data)
    })
    process.onExit((exit) => {
      if (failure) reject(failure)
      else if (result !== undefined) resolve(result)
      else
        reject(
          fromWireError({
            ...describeExit(exit),
            message: describeExit(exit).message.replace(
              ' What was recorded is kept: resume the run to go on.',
              ' Nothing was changed.',
            ),
          }),
        )
    })
  })
}

export interface Folders {
  readonly dataFolder: string
  readonly resourcesFolder: string
}

export const compareInProcess = (
  startSession: StartSession,
  request: CompareRequest,
  { dataFolder, resourcesFolder }: Folders,
): Promise<CompareResult> =>
  ask(startSession, { type: 'compare', request, dataFolder, resourcesFolder }, (message) =>
    message.type === 'compared' ? message.result : undefined,
  )

export const tensorsInProcess = (
  startSession: StartSession,
  request: TensorsRequest,
  { dataFolder, resourcesFolder }: Folders,
): Promise<TensorsAnswer> =>
  ask(startSession, { type: 'tensors', request, dataFolder, resourcesFolder }, (message) =>
    message.type === 'tensors' ? message.result : undefined,
  )

/** Resolves when the database file was written anew. */
export async function rewriteInProcess(
  startSession: StartSession,
  { dataFolder }: Pick<Folders, 'dataFolder'>,
): Promise<void> {
  await ask(startSession, { type: 'rewrite', dataFolder }, (message) => (message.type === 'ended' ? true : undefined))
}
