// Exports: which checkpoint is meant, and a session process that writes and verifies it.
import { PalmError } from '#contract/errors.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { CheckpointInfo } from '#contract/tables/report.ts'
import { askTaskProcess } from '#app/services/processes/task-process.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'

/** @throws PalmError as the export does, `session-died` */
export function exportInProcess(
  startSession: StartSession,
  request: ExportRequest,
  folders: { dataFolder: string; resourcesFolder: string },
): Promise<ExportResult> {
  return askTaskProcess(
    startSession,
    { type: 'export', request, ...folders },
    (message) => (message.type === 'exported' ? message.result : undefined),
    'Nothing was exported.',
  )
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
