// Where the program keeps its database: PALM_DATA, else the platform's place for application data. Made when it is missing. After a move
// (data-move.ts) a small file in that place says where everything is now.
import { constants, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'

export const databaseName = 'palm.sqlite'
const pointerName = 'moved-to.json'
/** Lies in a folder that everything is being copied into: what is there is no data folder yet. */
export const unfinishedName = 'unfinished-copy'
const pointerSchema = z.object({ folder: z.string().refine(isAbsolute) })

/** What belongs to the program in a data folder, by its name there; other files may lie beside (Electron's, on two platforms). */
const ownNames: readonly RegExp[] = [
  /^palm\.sqlite(-wal|-shm|\.before-\d+(\.part)?)?$/,
  /^(models|exports|logs|sessions|uploads|keys|unfinished-copy)$/,
]
export const isOwnName = (name: string): boolean => ownNames.some((own) => own.test(name))
export const isPointer = (name: string): boolean => name === pointerName

/** The folder that the place leads to: itself, or where it was moved to. @throws PalmError `input-unreadable` when that is not there */
export function followMove(place: string): string {
  const file = join(place, pointerName)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    if (!existsSync(join(place, unfinishedName))) return place
    throw new PalmError(
      'input-unreadable',
      `${place} holds a copy of a data folder that was not finished. The data is where it was before: use that folder. To use this one, move the data there again, or delete what is in it.`,
    )
  }
  const parsed = pointerSchema.safeParse(parsedJson(text))
  if (!parsed.success)
    throw new PalmError(
      'input-unreadable',
      `${file} should say where the data folder was moved to, and cannot be read. Put {"folder": "/the/new/folder"} into it, or delete it to start afresh in ${place}.`,
    )
  const { folder } = parsed.data
  if (!existsSync(join(folder, databaseName))) {
    throw new PalmError(
      'input-unreadable',
      `The data folder was moved to ${folder}, and there is no database there now. Connect the disk that it is on and start again. To start afresh in ${place}, delete ${file}.`,
    )
  }
  rmSync(join(folder, unfinishedName), { force: true }) // it is finished, or nothing would point there
  return folder
}

/** Says in `place` that everything is in `folder` now; with the place itself, that it is there again. All or nothing. */
export function pointTo(place: string, folder: string): void {
  const file = join(place, pointerName)
  if (folder === place) return rmSync(file, { force: true })
  writeFileSync(`${file}.new`, `${JSON.stringify({ folder })}\n`)
  renameSync(`${file}.new`, file)
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The folder for this platform and environment, not touched. `chosen` (an option of the command) wins over everything. */
export function dataFolderPath(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  chosen: string | null,
): string {
  if (chosen !== null) return resolve(chosen)
  if (environment['PALM_DATA']) return resolve(environment['PALM_DATA'])
  const home = homedir()
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'PALM Studio')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'PALM Studio')
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'palm-studio')
}

/** Makes the folder and checks that it can be written. Throws `input-unreadable` with what to do. */
export async function prepareDataFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK | constants.R_OK)
  } catch (cause) {
    throw new PalmError(
      'input-unreadable',
      `The data folder ${folder} cannot be written. Choose another one with --data DIR or PALM_DATA.`,
      cause instanceof Error ? cause.message : String(cause),
      { cause },
    )
  }
  return folder
}
