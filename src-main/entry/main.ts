// PALM Studio in Electron: one instance, any number of windows, sessions in utility processes. Wires and starts; computes nothing.
import { join } from 'node:path'
import { app as electronApp, BrowserWindow, dialog } from 'electron'
import {
  askQuit,
  dialogs,
  openFolder,
  openWindow,
  prepareSession,
  registerScheme,
  tellOver,
  utilitySessions,
} from '#app/hosts/electron/window.ts'
import { Quitting } from '#app/hosts/quitting.ts'
import { firstRun } from '#app/services/runs/lanes.ts'
import { startNativeSetup, type NativeSetup } from '#app/services/processes/native-setup.ts'
import { toWireError } from '#contract/errors.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { openApp, type OpenedApp } from '#app/wiring/open-app.ts'
import { nativeStatus } from '#app/wiring/abilities.ts'

// electron-vite puts the bundles of main, preload and renderer beside each other under out/.
const bundles = join(import.meta.dirname, '..')
const resourcesFolder = electronApp.isPackaged
  ? join(process.resourcesPath, 'resources')
  : join(bundles, '..', 'resources')

interface Started {
  readonly app: OpenedApp
  readonly show: () => void
}

async function start(): Promise<Started> {
  const staticFolder = join(bundles, 'renderer')
  prepareSession(staticFolder)
  const processes = {
    session: utilitySessions(join(import.meta.dirname, 'session.js'), processEnvironment, environmentOf),
    probe: utilitySessions(join(import.meta.dirname, 'probe.js'), processEnvironment),
  }
  const setup = electronApp.isPackaged && !process.env.PALM_TFJS_BINDING ? supplyNative() : null
  const native = setup ? setup.status : nativeStatus
  const { commandLine } = electronApp
  const app = await openApp({
    version: electronApp.getVersion(),
    host: 'electron',
    data: commandLine.getSwitchValue('data') || null,
    resourcesFolder,
    processes,
    native,
    dialogs,
    openFolder,
    tour: !commandLine.hasSwitch('no-tour'),
  })
  const show = (): void =>
    void openWindow({
      preload: join(bundles, 'preload', 'preload.cjs'),
      onPort: (port) => app.connect(port),
      onNewWindow: show,
    })
  show()
  const demo = (): void => {
    if (!commandLine.hasSwitch('no-demo')) app.start(firstRun())
  }
  if (app.firstLaunch) demo()
  void setup?.binding.then((binding) => {
    if (binding === null) return
    process.env.PALM_TFJS_BINDING = binding // sessions inherit it
    if (app.claimFirstLaunch()) demo()
  })
  return { app, show }
}

/** The set-up step as it lies beside the package, for the files that were left outside of the archive. */
function supplyNative(): NativeSetup {
  const file = join(process.resourcesPath, 'setup', 'first-run.mjs')
  return startNativeSetup(utilitySessions(file, { PALM_ROOT: join(process.resourcesPath, 'app.asar.unpacked') }))
}

function quitWell({ app, show }: Started): void {
  const windows = (): BrowserWindow[] => BrowserWindow.getAllWindows()
  const quitting = new Quitting({
    isBusy: () => app.busy,
    ask: askQuit,
    closeWindows: () => windows().forEach((window) => window.destroy()),
    hasWindow: () => windows().length > 0,
    openWindow: show,
    closeApp: () => app.close(),
    quit: () => electronApp.quit(),
    tellOver,
  })
  app.onRunChange(() => quitting.runChanged())
  electronApp.on('before-quit', (event) => {
    if (!quitting.wanted()) event.preventDefault()
  })
  electronApp.on('window-all-closed', () => quitting.allClosed(process.platform))
  const opened = (): void => {
    const window = windows()[0]
    if (!window) return quitting.opened()
    if (window.isMinimized()) window.restore()
    window.focus()
  }
  electronApp.on('second-instance', opened)
  electronApp.on('activate', opened)
}

function refuse(thrown: unknown): void {
  const { message, detail } = toWireError(thrown)
  dialog.showErrorBox('PALM Studio cannot start', detail === undefined ? message : `${message}\n\n${detail}`)
  electronApp.exit(1)
}

if (electronApp.requestSingleInstanceLock()) {
  registerScheme()
  electronApp.enableSandbox()
  // Not awaited here: Electron is ready only after this module has been evaluated.
  void electronApp.whenReady().then(start).then(quitWell, refuse)
} else {
  electronApp.quit()
}
