// Reads every byte of an input or a model, in a process of its own: by that other machines know them.
import { join } from 'node:path'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import type { SessionLink } from '#session/core/session-link.ts'
import { modelContent } from '#session/model-content.ts'
import { inputContent } from '#stream/inputs/content.ts'

/** Answers with `content`, or with the reason in `ended`. */
export async function runContent(
  { of, resourcesFolder }: Extract<ToSession, { type: 'content' }>,
  link: SessionLink,
): Promise<void> {
  let error: WireError | null = null
  try {
    const content =
      'model' in of
        ? await modelContent(of.model, resourcesFolder)
        : await inputContent(of.input, {
            sampleFolder: join(resourcesFolder, 'sample', of.source ? 'source' : 'images'),
          })
    link.send({ type: 'content', content })
  } catch (thrown) {
    error = toWireError(thrown)
  }
  link.send({ type: 'ended', status: error ? 'failed' : 'done', error })
}
