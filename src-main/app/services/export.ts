// Writes an adapted model to a file: whole or not at all. What the bytes are is the session layer's business.
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { PalmError } from '../../contract/errors.ts'
import type { CheckpointInfo } from '../../contract/report.ts'

/** Writes `bytes` beside `path` first and renames then. Throws `bad-request`, `disk-full`, `input-unreadable`. */
export async function writeModelFile(path: string, bytes: Uint8Array): Promise<{ path: string; sizeBytes: number }> {
  const target = resolve(path)
  if (extname(target) !== '.safetensors') throw new PalmError('bad-request', `${path} must end in .safetensors, the format that is written.`)
  const draft = `${target}.${randomBytes(4).toString('hex')}.part`
  try {
    const file = await open(draft, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, target)
  } catch (cause) {
    await rm(draft, { force: true })
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'ENOSPC') throw new PalmError('disk-full', `The disk of ${dirname(target)} is full: ${path} was not written.`, String(cause), { cause })
    if (code === 'ENOENT') throw new PalmError('input-unreadable', `The folder ${dirname(target)} does not exist: ${path} was not written.`, String(cause), { cause })
    throw new PalmError('input-unreadable', `${path} cannot be written there. Choose another place.`, String(cause), { cause })
  }
  return { path: target, sizeBytes: bytes.byteLength }
}

/**
 * The checkpoint that a person means: its number, `last` (of the only lane that adapts) or `last:LANE`. Throws
 * `checkpoint-not-found` with what there is.
 */
export function findCheckpoint(checkpoints: readonly CheckpointInfo[], text: string): CheckpointInfo {
  if (checkpoints.length === 0) throw new PalmError('checkpoint-not-found', 'This run has no checkpoint yet: one is kept at the end of each domain, for each lane that adapts.')
  if (/^\d+$/.test(text)) {
    const found = checkpoints.find((checkpoint) => checkpoint.id === Number(text))
    if (found) return found
    throw new PalmError('checkpoint-not-found', `This run has no checkpoint ${text}; it has ${checkpoints.map((checkpoint) => checkpoint.id).join(', ')}.`)
  }
  const [word, wanted] = text.split(':')
  const lanes = [...new Set(checkpoints.map((checkpoint) => checkpoint.lane))]
  if (word !== 'last') throw new PalmError('checkpoint-not-found', `'${text}' names no checkpoint: give its number, last, or last:LANE (${lanes.join(', ')}).`)
  const lane = wanted ?? (lanes.length === 1 ? lanes[0] : undefined)
  if (lane === undefined) throw new PalmError('checkpoint-not-found', `Several lanes of this run have checkpoints: say which with ${lanes.map((name) => `last:${name}`).join(' or ')}.`)
  const last = checkpoints.filter((checkpoint) => checkpoint.lane === lane).toSorted((a, b) => b.step - a.step)[0]
  if (!last) throw new PalmError('checkpoint-not-found', `Lane '${lane}' has no checkpoint; there are some of ${lanes.join(', ')}.`)
  return last
}
