// Exports: which checkpoint is meant, and a session process that writes and verifies it.
import { PalmError, fromWireError } from '#contract/errors.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { CheckpointInfo } from '#contract/tables/report.ts'
import { fromSessionSchema } from '#contract/session-protocol.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { describeExit } from '#app/services/processes/supervisor.ts'

/** @throws PalmError as the export does, `session-died` */
export function exportInProcess(
  startSession: StartSession,
  request: ExportRequest,
  folders: { dataFolder: string; resourcesFolder: string },
): Promise<ExportResult> {
  const process = startSession()
  let result: ExportResult | null = null
  let failure: PalmError | null = null
  return new Promise((resolve, reject) => {
    process.onMessage((message) => {
      const parsed = fromSessionSchema.safeParse(message)
      if (!parsed.success) return process.kill()
      if (parsed.data.type === 'ready') process.send({ type: 'export', request, ...folders })
      else if (parsed.data.type === 'exported') result = parsed.data.result
      else if (parsed.data.type === 'ended' && parsed.data.error) failure = fromWireError(parsed.data.error)
    })
    process.onExit((exit) => {
      if (failure) reject(failure)
      else if (result) resolve(result)
      else
        reject(
          fromWireError({
            ...describeExit(exit),
            message: describeExit(exit).message.replace(
              ' What was recorded is kept: resume the run to go on.',
              ' Nothing was exported.',
            ),
          }),
        )
    })
  })
}

/**
 * The checkpoint that a person means: its number, `last` (of the only lane that adapts) or `last:LANE`. Throws
 * `checkpoint-not-found` with what there is.
 */
export function findCheckpoint(checkpoints: readonly CheckpointInfo[], text: string): CheckpointInfo {
  if (checkpoints.length === 0)
    throw new PalmError(
      'checkpoint-not-found',
      'This run has no checkpoint yet: one is kept at the end of each domain, for each lane that adapts.',
    )
  if (/^\d+$/.test(text)) {
    const found = checkpoints.find((checkpoint) => checkpoint.id === Number(text))
    if (found) return found
    throw new PalmError(
      'checkpoint-not-found',
      `This run has no checkpoint ${text}; it has ${checkpoints.map((checkpoint) => checkpoint.id).join(', ')}.`,
    )
  }
  const [word, wanted] = text.split(':')
  const lanes = [...new Set(checkpoints.map((checkpoint) => checkpoint.lane))]
  if (word !== 'last')
    throw new PalmError(
      'checkpoint-not-found',
      `'${text}' names no checkpoint: give its number, last, or last:LANE (${lanes.join(', ')}).`,
    )
  const lane = wanted ?? (lanes.length === 1 ? lanes[0] : undefined)
  if (lane === undefined)
    throw new PalmError(
      'checkpoint-not-found',
      `Several lanes of this run have checkpoints: say which with ${lanes.map((name) => `last:${name}`).join(' or ')}.`,
    )
  const last = checkpoints.filter((checkpoint) => checkpoint.lane === lane).toSorted((a, b) => b.step - a.step)[0]
  if (!last)
    throw new PalmError(
      'checkpoint-not-found',
      `Lane '${lane}' has no checkpoint; there are some of ${lanes.join(', ')}.`,
    )
  return last
}
