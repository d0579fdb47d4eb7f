// Opens the web host's page in the system's browser without a secret among the arguments of a process, which every user of a machine can read: the browser is
// given a file that only its owner can read, and the file leads on with a code that lets in once.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** By then the browser has read it, or the code in it is worth nothing any more. */
const keptMs = 120_000

export interface HandOver {
  /** A `file:` address, without a secret. */
  readonly address: string
  /** Takes the file away again. It goes by itself after two minutes. */
  remove(): Promise<void>
}

/** `target`: an address with a one-time code. Writes the file (mode 0600) in a folder of its own (0700) below `folder`. */
export async function writeHandOver(target: string, folder = tmpdir()): Promise<HandOver> {
  const own = await mkdtemp(join(folder, 'palm-open-'))
  await chmod(own, 0o700)
  const file = join(own, 'PALM Studio.html')
  await writeFile(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
      `<meta http-equiv="refresh" content="0;url=${target}"><title>PALM Studio</title>` +
      `<p><a href="${target}">Open PALM Studio</a></p></html>\n`,
    { mode: 0o600, flag: 'wx' },
  )
  const remove = (): Promise<void> => rm(own, { recursive: true, force: true })
  setTimeout(() => void remove(), keptMs).unref()
  return { address: pathToFileURL(file).href, remove }
}
