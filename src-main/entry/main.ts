// PALM Studio in Electron: one instance, one window, sessions in utility processes. Wires and starts; computes nothing.
import { join } from 'node:path'
import { app as electronApp, dialog } from 'electron'
import { dialogs, openWindow, prepareSession, registerScheme, utilitySessions } from '../app/hosts/electron.ts'
import { createApp } from '../app/services/app.ts'
import type { App } from '../app/services/app.ts'
import { firstRun } from '../app/services/lanes.ts'
import { startNativeSetup, type NativeSetup } from '../app/services/native-setup.ts'
import { claimFirstLaunch } from '../app/services/settings.ts'
import { toWireError } from '../contract/errors.ts'
import { processEnvironment } from '../engine/compute/environment.ts'
import { abilities, nativeStatus, sweepsOf } from './wiring.ts'
import { openWorkspace } from './workspace.ts'

// electron-vite puts the bundles of main, preload and renderer beside each other under out/.
const bundles = join(import.meta.dirname, '..')
const resourcesFolder = electronApp.isPackaged ? join(process.resourcesPath, 'resources') : join(bundles, '..', 'resources')

async function start(): Promise<App> {
  const staticFolder = join(bundles, 'renderer')
  prepareSession(staticFolder)
  const session = utilitySessions(join(import.meta.dirname, 'session.js'), processEnvironment)
  const workspace = await openWorkspace({
    data: electronApp.commandLine.getSwitchValue('data') || null,
    resourcesFolder,
    startSession: session,
    workers: null,
    preview: true,
  })
  const setup = electronApp.isPackaged && !process.env.PALM_TFJS_BINDING ? supplyNative() : null
  const native = setup ? setup.status : nativeStatus
  const probe = utilitySessions(join(import.meta.dirname, 'probe.js'), processEnvironment)
  // Not claimed while the native library is missing: the sample shall still run by itself once it is there.
  const firstLaunch = native().ok && claimFirstLaunch(workspace.store)
  const app = createApp({ sweeps: sweepsOf(workspace, probe), version: electronApp.getVersion(), host: 'electron', firstLaunch, ...workspace, ...abilities(workspace, { session, probe }), native, dialogs })
  openWindow({ preload: join(bundles, 'preload', 'preload.cjs'), onPort: (port) => app.connect(port) })
  const demo = (): void => {
    if (!electronApp.commandLine.hasSwitch('no-demo')) workspace.runs.start(firstRun())
  }
  if (firstLaunch) demo()
  void setup?.binding.then((binding) => {
    if (binding === null) return
    process.env.PALM_TFJS_BINDING = binding // sessions inherit it
    if (claimFirstLaunch(workspace.store)) demo()
  })
  return app
}

/** The set-up step as it lies beside the package, for the files that were left outside of the archive. */
function supplyNative(): NativeSetup {
  const file = join(process.resourcesPath, 'setup', 'first-run.mjs')
  return startNativeSetup(utilitySessions(file, { PALM_ROOT: join(process.resourcesPath, 'app.asar.unpacked') }))
}

function closeBeforeQuit(app: App): void {
  let closed = false
  electronApp.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    void app.close().finally(() => {
      closed = true
      electronApp.quit()
    })
  })
  electronApp.on('window-all-closed', () => electronApp.quit())
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
  void electronApp.whenReady().then(start).then(closeBeforeQuit, refuse)
} else {
  electronApp.quit()
}
