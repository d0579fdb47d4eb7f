// PALM Studio in Electron: one instance, any number of windows, sessions in utility processes. Wires and starts; computes nothing.
import { join } from 'node:path'
import { app as electronApp } from 'electron'
import { dialogs, electronPlaces, openFolder, refuseToStart } from '#app/hosts/electron/dialogs.ts'
import { electronKeyStore } from '#app/hosts/electron/key-store.ts'
import { prepareSession, registerScheme } from '#app/hosts/electron/page.ts'
import { quitWell } from '#app/hosts/electron/quit.ts'
import { utilitySessions } from '#app/hosts/electron/sessions.ts'
import { electronUpdates } from '#app/hosts/electron/updates.ts'
import type { Quitting } from '#app/hosts/quitting.ts'
import { openWindow } from '#app/hosts/electron/window.ts'
import { keepSessions } from '#app/services/processes/kept-sessions.ts'
import { startNativeSetup, type NativeSetup } from '#app/services/processes/native-setup.ts'
import { firstRun } from '#app/services/runs/lanes.ts'
import { nativeStatus } from '#app/wiring/native-status.ts'
import { openApp } from '#app/wiring/open-app.ts'
import { environmentInWords } from '#app/wiring/processes.ts'
import { programFile } from '#app/wiring/program-files.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'

// electron-vite puts the bundles of main, preload and renderer beside each other under out/.
const bundles = join(import.meta.dirname, '..')
const resourcesFolder = electronApp.isPackaged
  ? join(process.resourcesPath, 'resources')
  : (process.env['PALM_RESOURCES'] ?? join(bundles, '..', 'resources'))

async function start(): Promise<void> {
  const staticFolder = join(bundles, 'renderer')
  prepareSession(staticFolder)
  const processes = {
    session: keepSessions(
      utilitySessions(programFile('session'), processEnvironment, environmentOf),
      environmentInWords,
    ),
    probe: utilitySessions(programFile('probe'), processEnvironment, environmentOf),
  }
  const setup = electronApp.isPackaged && !process.env.PALM_TFJS_BINDING ? supplyNative() : null
  const native = () => (setup ? setup.status() : nativeStatus())
  const { commandLine } = electronApp
  let quitting: Quitting | null = null
  /** The native binding that this version supplied; the next one brings its own. */
  let supplied = false
  const app = await openApp({
    version: electronApp.getVersion(),
    host: 'electron',
    data: commandLine.getSwitchValue('data') || null,
    resourcesFolder,
    processes,
    native,
    dialogs,
    places: electronPlaces,
    openFolder,
    keys: electronKeyStore(),
    tour: !commandLine.hasSwitch('no-tour'),
    updates: electronUpdates({
      resourcesPath: process.resourcesPath,
      platform: process.platform,
      env: process.env,
      end: (install) =>
        quitting?.endWith(() => {
          if (supplied) delete process.env.PALM_TFJS_BINDING
          const data = commandLine.getSwitchValue('data')
          if (data) process.env.PALM_DATA = data // it is started without switches
          electronApp.releaseSingleInstanceLock()
          install()
        }),
    }),
  })
  const show = (): void =>
    void openWindow({
      preload: join(bundles, 'preload', 'preload.cjs'),
      onPort: (port) => app.connect(port),
      onNewWindow: show,
      onDropped: (path) => app.allow(path),
    })
  show()
  const demo = (): void => {
    if (!commandLine.hasSwitch('no-demo')) app.start(firstRun(native().software ?? false))
  }
  if (app.firstLaunch) demo()
  void setup?.binding.then((binding) => {
    if (binding === null) return
    if (binding !== '') {
      process.env.PALM_TFJS_BINDING = binding // sessions inherit it
      supplied = true
    }
    if (app.claimFirstLaunch()) demo()
  })
  quitting = quitWell({
    isBusy: () => app.busy,
    onRunChange: (listener) => app.onRunChange(listener),
    openWindow: show,
    close: () => app.close(),
  })
}

/** The set-up step as it lies beside the package, for the files that were left outside of the archive. */
function supplyNative(): NativeSetup {
  const file = join(process.resourcesPath, 'setup', 'first-run.mjs')
  return startNativeSetup(utilitySessions(file, { PALM_ROOT: join(process.resourcesPath, 'app.asar.unpacked') }))
}

if (electronApp.requestSingleInstanceLock()) {
  registerScheme()
  electronApp.enableSandbox()
  // Not awaited here: Electron is ready only after this module has been evaluated.
  void electronApp.whenReady().then(start).catch(refuseToStart)
} else {
  electronApp.quit()
}
