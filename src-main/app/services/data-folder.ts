// Where the program keeps its database: PALM_DATA, else the platform's place for application data. Made when it is missing.
import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { PalmError } from '../../contract/errors.ts'

/** The folder for this platform and environment, not touched. `chosen` (an option of the command) wins over everything. */
export function dataFolderPath(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform, chosen: string | null): string {
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
