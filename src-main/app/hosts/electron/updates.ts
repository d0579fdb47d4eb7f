// electron-updater behind the app's `UpdateSource`: loaded when somebody looks for the first time, never on its own, never older versions nor previews.
import { access, constants, stat, statfs } from 'node:fs/promises'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app, dialog } from 'electron'
import type { AppUpdater, UpdateInfo } from 'electron-updater'
import type { UpdateSource } from '#app/services/machine/updates.ts'
import type { FoundUpdate } from '#contract/app/updates.ts'
import { PalmError } from '#contract/errors.ts'
import { foundFrom, isNewer } from './update-list.ts'
import { inWords } from './update-faults.ts'
import type { UpdateRequests } from './update-requests.ts'

export interface UpdateBounds {
  /** Of the server's list. */
  readonly listBytes: number
  readonly listMs: number
  /** Of any answer: how long nothing may come. */
  readonly silenceMs: number
}

export interface UpdateParts {
  /** Where the package keeps what is not in its archive. */
  readonly resourcesPath: string
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
  /** Closes everything, then calls. */
  readonly end: (last: () => void) => void
  /** The usual ones, but in a test. */
  readonly bounds?: UpdateBounds
}

const usualBounds: UpdateBounds = { listBytes: 1 << 20, silenceMs: 30_000, listMs: 60_000 }

interface Made {
  readonly updater: AppUpdater
  readonly requests: UpdateRequests
}

/** What this copy can do, or why it has nothing to look for. */
export function electronUpdates(parts: UpdateParts): UpdateSource | string {
  const { resourcesPath, platform, env } = parts
  if (!app.isPackaged)
    return 'This program runs from its checkout: fetch the newer sources with git, and npm start sets up what is new.'
  if (!existsSync(join(resourcesPath, 'app-update.yml')))
    return 'This package was built without an address for updates. Install a newer package over it, from where this one came.'
  const packageType = typeOf(resourcesPath)
  if (platform === 'linux' && packageType === null && !env['APPIMAGE'])
    return 'This copy was not started as an AppImage, so that nothing could be put in its place. Start the AppImage itself.'
  return new ElectronUpdates(parts, packageType)
}

/** `deb`, `rpm` and the like; null = an AppImage, or another system. */
function typeOf(resourcesPath: string): string | null {
  const file = join(resourcesPath, 'package-type')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}

/** Everything is closed by then: the old version is started anew. */
function notInstalled(thrown: unknown): void {
  dialog.showErrorBox('PALM Studio was not updated', inWords(thrown, 'file').message)
  app.relaunch()
  app.exit(1)
}

class ElectronUpdates implements UpdateSource {
  private readonly parts: UpdateParts
  private readonly packageType: string | null
  private made: Promise<Made> | null = null
  private sizeBytes = 0

  constructor(parts: UpdateParts, packageType: string | null) {
    this.parts = parts
    this.packageType = packageType
  }

  async look(): Promise<FoundUpdate | null> {
    const { updater, requests } = await this.updater()
    const { listBytes, listMs, silenceMs } = this.bounds
    requests.bound({ bytes: listBytes, silenceMs, totalMs: listMs })
    const result = await updater.checkForUpdates().catch((thrown: unknown) => {
      throw inWords(thrown, 'list')
    })
    if (!result?.isUpdateAvailable) return null
    const found = foundFrom(result.updateInfo, this.parts.platform, process.arch)
    this.sizeBytes = found.sizeBytes
    return { ...found, byHand: await this.byHand() }
  }

  async fetch(told: (doneBytes: number, totalBytes: number) => void): Promise<void> {
    const { updater, requests } = await this.updater()
    requests.bound({ bytes: this.sizeBytes, silenceMs: this.bounds.silenceMs, totalMs: null })
    const heard = ({ transferred, total }: { transferred: number; total: number }): void => told(transferred, total)
    updater.on('download-progress', heard)
    try {
      await updater.downloadUpdate()
    } catch (thrown) {
      throw inWords(thrown, 'file')
    } finally {
      updater.off('download-progress', heard)
    }
  }

  cancel(): void {
    void this.made?.then(({ requests }) => requests.abort())
  }

  async makeReady(): Promise<void> {
    const reason = await this.byHand()
    if (reason !== null) throw new PalmError('bad-request', reason)
    const place = this.parts.env['APPIMAGE']
    if (this.parts.platform !== 'linux' || place === undefined) return
    const { bavail, bsize } = await statfs(dirname(place))
    if (bavail * bsize < this.sizeBytes)
      throw new PalmError('disk-full', `There is too little room for the new version in ${dirname(place)}.`)
  }

  install(): void {
    void this.updater().then(({ updater }) =>
      this.parts.end(() => {
        updater.once('error', notInstalled)
        updater.quitAndInstall(false, true)
      }),
    )
  }

  /** Why this copy cannot be replaced by the program; null = it can. */
  private async byHand(): Promise<string | null> {
    const { platform, env } = this.parts
    if (this.packageType !== null)
      return `It was installed as a .${this.packageType} package, which only the system replaces: fetch the newer one from where this one came, and install it in the same way.`
    const place = env['APPIMAGE']
    if (platform === 'linux' && place !== undefined) {
      if (!(await stat(place).catch(() => null)))
        return `The AppImage is no longer where it was started from, ${place}. Put it back, or start it from its new place.`
      const writable = await Promise.all([access(dirname(place), constants.W_OK), access(place, constants.W_OK)]).then(
        () => true,
        () => false,
      )
      if (!writable)
        return `You may not write to ${dirname(place)}, where the AppImage lies. Move it to a folder of yours, or replace it by hand.`
    }
    if (platform === 'darwin' && /\/AppTranslocation\/|^\/Volumes\//.test(app.getPath('exe')))
      return 'The program runs from where it cannot be replaced. Move it to the folder Applications and start it there.'
    return null
  }

  private get bounds(): UpdateBounds {
    return this.parts.bounds ?? usualBounds
  }

  private updater(): Promise<Made> {
    return (this.made ??= this.make())
  }

  private async make(): Promise<Made> {
    const [{ default: library }, { UpdateRequests: Requests }] = await Promise.all([
      import('electron-updater'),
      import('./update-requests.ts'),
    ])
    const updater = library.autoUpdater
    const requests = new Requests()
    // Both are the library's own and no part of its interface. Its requests know no bounds; and it would make a number for this installation and send it along.
    Object.assign(updater, { httpExecutor: requests, stagingUserIdPromise: { value: Promise.resolve('') } })
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    updater.allowDowngrade = false
    updater.allowPrerelease = false
    // Whole files: their checksum is in the list.
    updater.disableDifferentialDownload = true
    updater.disableWebInstaller = true
    updater.logger = null
    const supported = updater.isUpdateSupported
    updater.isUpdateSupported = (info: UpdateInfo) => isNewer(info.version, app.getVersion()) && supported(info)
    // Or else its errors would end the program: they are those that the calls throw.
    updater.on('error', () => undefined)
    return { updater, requests }
  }
}
