// Knows an input by every byte of its images: on another machine the same names and sizes are not enough.
import { createHash } from 'node:crypto'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import type { InputFolders } from './kinds/kind.ts'
import { openInput } from './open-input.ts'
import { readerOf } from './places/places.ts'

/** Images that are read at a time. */
const atOnce = 32

/**
 * SHA-256 over names, classes, domains and bytes of all images, in their order; the same from a folder or a copy of it anywhere. Reads everything.
 * @throws PalmError `input-unreadable`, `input-empty`, `input-labels`, `cancelled`
 */
export async function inputContent(
  input: InputOptions,
  folders: InputFolders,
  told: (images: number, of: number) => void = () => undefined,
): Promise<string> {
  const { classNames, samples, domains, variants, placeOf } = await openInput(input, folders)
  const hash = createHash('sha256').update(JSON.stringify([classNames, domains, variants]))
  const kinds = variants ?? [null]
  const all = kinds.length * samples.length
  let done = 0
  for (const variant of kinds) {
    for (let at = 0; at < samples.length; at += atOnce) {
      const part = samples.slice(at, at + atOnce)
      const contents = await Promise.all(
        part.map(({ id }, i) => {
          const place = placeOf(at + i, variant)
          return readerOf(place).bytes(place, id)
        }),
      )
      for (const [i, { id, classIndex, domain }] of part.entries()) {
        const bytes = contents[i] as Uint8Array
        hash.update(`${id}\u0000${classIndex}\u0000${domain}\u0000${bytes.length}\n`).update(bytes)
      }
      done += part.length
      told(done, all)
    }
  }
  return hash.digest('hex')
}
