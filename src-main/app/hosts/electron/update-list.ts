// What the server's list says of the newest version, parsed: the library takes it as it comes.
import type { UpdateInfo } from 'electron-updater'
import { z } from 'zod'
import { mostNotes, type FoundUpdate } from '#contract/app/updates.ts'
import { PalmError } from '#contract/errors.ts'

/** 64 bytes. */
const sha512 = z.string().regex(/^[A-Za-z0-9+/]{86}==$/)
const mostFileBytes = 4 * 2 ** 30

const listSchema = z.object({
  version: z.string().max(100),
  files: z
    .array(z.object({ url: z.string().min(1).max(2000), sha512, size: z.number().int().positive().max(mostFileBytes) }))
    .min(1)
    .max(20),
  releaseNotes: z.unknown().optional(),
})

const endings: Partial<Record<NodeJS.Platform, string>> = { linux: '.AppImage', darwin: '.zip', win32: '.exe' }

/** @throws PalmError `bad-request` for a list that is not one, or has no checksum or size for a file */
export function foundFrom(info: UpdateInfo, platform: NodeJS.Platform, arch: string): Omit<FoundUpdate, 'byHand'> {
  const parsed = listSchema.safeParse(info)
  if (!parsed.success) throw unreadableList(parsed.error.message)
  const { version, files, releaseNotes } = parsed.data
  const own = files.filter(({ url }) => url.endsWith(endings[platform] ?? ''))
  const file = own.find(({ url }) => url.includes(arch)) ?? own[0] ?? files[0]
  return { version, sizeBytes: file?.size ?? 0, notes: notesOf(releaseNotes) }
}

export const unreadableList = (detail: string): PalmError =>
  new PalmError(
    'bad-request',
    'What the server says of the newest version cannot be read. Nothing was fetched. Tell whoever made this package.',
    detail,
  )

function notesOf(notes: unknown): string | null {
  const text = typeof notes === 'string' ? notes.replaceAll(/<[^>]*>/g, '').trim() : ''
  return text === '' ? null : text.slice(0, mostNotes)
}

/** Whether `version` is a release, and later than this one. A preview (`1.2.0-beta.1`) never is. */
export function isNewer(version: string, installed: string): boolean {
  const numbers = (text: string): number[] | null =>
    /^v?(\d+)\.(\d+)\.(\d+)(?:\+[\w.-]+)?$/.exec(text)?.slice(1, 4).map(Number) ?? null
  const release = numbers(version)
  if (!release) return false
  const [own, preview] = installed.split('-', 2)
  const now = numbers(own ?? '') ?? [0, 0, 0]
  const differs = release.findIndex((number, i) => number !== now[i])
  return differs < 0 ? preview !== undefined : (release[differs] ?? 0) > (now[differs] ?? 0)
}
