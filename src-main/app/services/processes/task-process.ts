// A task in a process of its own that ends when it has answered: what would keep the main process too long.
import type { CompareRequest, CompareResult } from '#contract/compare/compare-checkpoints.ts'
import type { CheckProgress, CheckRequest, CheckResult } from '#contract/device-check.ts'
import type { Precision } from '#contract/devices.ts'
import { fromWireError, type WireError } from '#contract/errors.ts'
import type { CopyOrder, CopyProgress } from '#contract/data/data-place.ts'
import type { TensorsAnswer, TensorsRequest } from '#contract/columns/layers.ts'
import { fromSessionSchema, type FromSession, type ToSession } from '#contract/session-protocol.ts'
import type { SessionSettings, StartSession } from './session-process.ts'
import { describeExit, notUnderstood, resumeAdvice } from './supervisor.ts'

/** A GPU proves itself in a run (session/core/proven-device.ts); what a task says must not come from one that has not, nor take the memory of one at work. */
const onProcessor: SessionSettings = { device: 'cpu', precision: 'float32', threads: null }

/**
 * Sends the task once the process is ready; `answer` picks what is wanted out of a message. `ifDied`: what a process that went
 * without a word leaves behind; `signal` ends it (`cancelled`). @throws PalmError as the process does, `session-died`
 */
export function askTaskProcess<T>(
  startSession: StartSession,
  task: ToSession,
  answer: (message: FromSession) => T | undefined,
  ifDied = 'Nothing was changed.',
  signal?: AbortSignal,
  settings = onProcessor,
): Promise<T> {
  const process = startSession(settings)
  let result: T | undefined
  let failure: WireError | null = null
  signal?.addEventListener('abort', () => {
    failure = { code: 'cancelled', message: 'It was cancelled.' }
    process.kill()
  })
  return new Promise((resolve, reject) => {
    process.onMessage((data) => {
      const parsed = fromSessionSchema.safeParse(data)
      if (!parsed.success) {
        failure ??= notUnderstood(parsed.error.message)
        return process.kill()
      }
      const message = parsed.data
      if (message.type === 'ready') process.send(task)
      else if (message.type === 'ended' && message.error) failure ??= message.error
      else if (message.type === 'refused') {
        failure ??= message.error
        process.kill() // it waits for a task that it understands
      } else result ??= answer(message)
    })
    process.onExit((exit) => {
      const died = describeExit(exit)
      if (failure) reject(fromWireError(failure))
      else if (result !== undefined) resolve(result)
      else reject(fromWireError({ ...died, message: died.message.replace(resumeAdvice, ifDied) }))
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
  askTaskProcess(startSession, { type: 'compare', request, dataFolder, resourcesFolder }, (message) =>
    message.type === 'compared' ? message.result : undefined,
  )

export const tensorsInProcess = (
  startSession: StartSession,
  request: TensorsRequest,
  { dataFolder, resourcesFolder }: Folders,
): Promise<TensorsAnswer> =>
  askTaskProcess(startSession, { type: 'tensors', request, dataFolder, resourcesFolder }, (message) =>
    message.type === 'tensors' ? message.result : undefined,
  )

/** A device at length; `told` hears how far it is. @throws PalmError `device-missing`, `native-missing`, `input-unreadable`, `session-died` */
export const checkInProcess = (
  startSession: StartSession,
  { request, dataFolder, precision }: { request: CheckRequest; dataFolder: string; precision: Precision },
  told: (progress: CheckProgress) => void,
): Promise<CheckResult> =>
  askTaskProcess(
    startSession,
    { type: 'check', request, dataFolder },
    (message) => {
      if (message.type === 'checking') told(message.progress)
      return message.type === 'checked' ? message.result : undefined
    },
    'Nothing was changed.',
    undefined,
    { device: request.kind, precision, threads: null },
  )

/** Resolves when the database file was written anew. */
export async function rewriteInProcess(
  startSession: StartSession,
  { dataFolder }: Pick<Folders, 'dataFolder'>,
): Promise<void> {
  await askTaskProcess(startSession, { type: 'rewrite', dataFolder }, (message) =>
    message.type === 'ended' ? true : undefined,
  )
}

/** Copies a data folder and checks the copy; `told` hears how far it is, `signal` ends it. @throws PalmError as the copying does, `cancelled`, `session-died` */
export async function copyInProcess(
  startSession: StartSession,
  order: CopyOrder,
  told: (progress: CopyProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  await askTaskProcess(
    startSession,
    { type: 'copy', order },
    (message) => {
      if (message.type === 'copying') told(message.progress)
      return message.type === 'ended' ? true : undefined
    },
    'Nothing was changed.',
    signal,
  )
}

/** Every byte of an input or a model, as other machines know it; `signal` ends it. @throws PalmError as reading does, `cancelled`, `session-died` */
export const contentInProcess = (
  startSession: StartSession,
  of: Extract<ToSession, { type: 'content' }>['of'],
  { resourcesFolder }: Pick<Folders, 'resourcesFolder'>,
  signal: AbortSignal,
): Promise<string> =>
  askTaskProcess(
    startSession,
    { type: 'content', of, resourcesFolder },
    (message) => (message.type === 'content' ? message.content : undefined),
    'Nothing was changed.',
    signal,
  )
