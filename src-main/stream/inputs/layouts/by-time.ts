// Images in the order of their files' times, cut into domains where a new hour, day or month (UTC) begins.
import type { InputDomains } from '#contract/inputs/input-kinds.ts'
import { byCodePoint, type InputSample } from '#stream/inputs/listing.ts'
import { readerOf } from '#stream/inputs/places/places.ts'
import type { Tree } from '#stream/inputs/tree/tree-file.ts'

/** How much of an ISO date tells one from the next. */
const letters = { hour: 13, day: 10, month: 7 } as const
export type TimeUnit = keyof typeof letters

export const isTimed = (by: InputDomains): by is TimeUnit => Object.hasOwn(letters, by)

/** Files asked for their time at once. */
const atOnce = 64

export async function domainsByTime(
  tree: Tree,
  files: readonly { path: string; classIndex: number; timeMs: number | null }[],
  unit: TimeUnit,
): Promise<{ samples: InputSample[]; domains: string[] }> {
  const timed: { path: string; classIndex: number; timeMs: number }[] = []
  for (let at = 0; at < files.length; at += atOnce) {
    timed.push(
      ...(await Promise.all(
        files.slice(at, at + atOnce).map(async (file) => {
          const place = tree.placeOf(file.path)
          return { ...file, timeMs: file.timeMs ?? (await readerOf(place).changedMs(place)) ?? 0 }
        }),
      )),
    )
  }
  timed.sort((a, b) => a.timeMs - b.timeMs || byCodePoint(a.path, b.path))
  const domains: string[] = []
  const samples = timed.map(({ path, classIndex, timeMs }) => {
    const name = new Date(Math.max(0, timeMs)).toISOString().slice(0, letters[unit]).replace('T', ' ')
    if (domains.at(-1) !== name) domains.push(name)
    return { id: path, classIndex, domain: domains.length - 1 }
  })
  return { samples, domains }
}
