// Where a page in a browser may lead: there is no system dialog in which a person could choose, so what usually holds a user's images and models is open from the start.
import { homedir, platform } from 'node:os'
import type { GrantParts } from '#app/services/grants.ts'
import type { KeyStore } from '#app/services/machine/key-store.ts'
import { PalmError } from '#contract/errors.ts'

/** Where systems put drives that are not their own. */
const drives: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/media', '/mnt', '/run/media'],
  darwin: ['/Volumes'],
  win32: 'DEFGHIJKLMNOPQRSTUVWXYZ'.split('').map((letter) => `${letter}:\\`),
}

/** `allowed`: as the person who started the program typed them. */
export const webPlaces = (allowed: readonly string[]): Pick<GrantParts, 'roots' | 'remedy'> => ({
  roots: [homedir(), process.cwd(), ...(drives[platform()] ?? []), ...allowed],
  remedy:
    'A page may open your home folder (nothing hidden in it), the folder that PALM Studio was started in, and drives. To let it open another folder, start with --allow FOLDER.',
})

/** Why nobody is asked for a newer version here. */
export const noUpdatesInBrowser =
  'In a browser the program runs from its checkout or package: fetch the newer one with git or npm, and start it again.'

/** Why a password is not kept here. */
const noKeys =
  'In a browser the program has no key store: the password is kept for this session only, or comes from the environment (PALM_QUEUE with PGPASSWORD).'

const refuse = (): never => {
  throw new PalmError('bad-request', noKeys)
}
export const noKeyStore: KeyStore = { refused: () => noKeys, seal: refuse, open: refuse }
