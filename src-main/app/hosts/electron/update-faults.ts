// What electron-updater and Electron's network throw, in words for a person.
import { PalmError, toWireError } from '#contract/errors.ts'
import { unreadableList } from './update-list.ts'

/** `detail`: for who looks closer. */
export const unreachable = (detail: string): PalmError =>
  new PalmError(
    'input-unreadable',
    'The server with the updates does not answer. Is this machine online? Try again later.',
    detail,
  )

/** `of`: what was being read when it failed. */
export function inWords(thrown: unknown, of: 'list' | 'file'): PalmError {
  if (thrown instanceof PalmError) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const says = (pattern: RegExp): boolean => pattern.test(code) || pattern.test(text)
  if (says(/ERR_CHECKSUM_MISMATCH/))
    return new PalmError(
      'bad-request',
      'What came is not the file that the server’s list names: its checksum differs. It was thrown away. Try again; if it happens again, tell whoever made this package.',
      text,
    )
  if (says(/ERR_UPDATER_INVALID_SIGNATURE|code signature|not signed/i))
    return new PalmError(
      'bad-request',
      'The new version is not signed by whoever signed this one. It was not installed. Tell whoever made this package.',
      text,
    )
  if (says(/CERT/))
    return new PalmError(
      'bad-request',
      'The server with the updates did not prove who it is (its certificate). Nothing was read from it.',
      text,
    )
  if (says(/ERR_UPDATER_CHANNEL_FILE_NOT_FOUND|HTTP_ERROR_404|status 404/))
    return new PalmError(
      'input-unreadable',
      of === 'list'
        ? 'The server with the updates has none for this system. Try again later.'
        : 'The server does not have the file that its list names. Try again later.',
      text,
    )
  const { code: known, message } = toWireError(thrown)
  if (known === 'disk-full') return new PalmError(known, message, text)
  if (says(/^(EACCES|EPERM|EROFS)/))
    return new PalmError('disk-full', 'The new version could not be written to the disk. Is it read-only?', text)
  if (says(/net::ERR_|ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|aborted|HTTP_ERROR_|status \d/)) return unreachable(text)
  return of === 'list' ? unreadableList(text) : new PalmError('internal', 'The new version could not be fetched.', text)
}
