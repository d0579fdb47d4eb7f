// The app and the host that serves it to a browser on this machine.
import { openWithSystem, hasDisplay } from '#app/hosts/open-with-system.ts'
import type { WebArguments } from '#app/hosts/web-arguments.ts'
import { noKeyStore, noUpdatesInBrowser, webPlaces } from '#app/hosts/web-places.ts'
import { startWebHost, type WebHost } from '#app/hosts/web.ts'
import { firstRun } from '#app/services/runs/lanes.ts'
import { nativeStatus } from './native-status.ts'
import { openApp, type OpenedApp } from './open-app.ts'
import type { Processes } from './processes.ts'
import { sourceFolders } from './program-files.ts'
import { version } from './version.ts'

export interface WebApp {
  readonly app: OpenedApp
  readonly host: WebHost
  /** Ends what is under way, which can be resumed, then the host. */
  close(): Promise<void>
}

/** On a first launch the sample runs at once, unless `args.demo` is false. Throws as `openApp` and `startWebHost` do. */
export async function openWebApp(args: WebArguments, processes: Processes): Promise<WebApp> {
  const app = await openApp({
    version: version(),
    host: 'web',
    data: args.data,
    resourcesFolder: sourceFolders.resources,
    processes,
    native: nativeStatus,
    dialogs: null,
    places: webPlaces(args.allow),
    tour: args.tour,
    updates: noUpdatesInBrowser,
    keys: noKeyStore,
    openFolder: hasDisplay() ? async (folder) => openWithSystem(folder) : null,
  })
  const host = await startWebHost({
    staticFolder: sourceFolders.renderer,
    port: args.port,
    onPort: (port) => app.connect(port),
  })
  if (app.firstLaunch && args.demo) app.start(firstRun(nativeStatus().software ?? false))
  return {
    app,
    host,
    async close() {
      await app.close()
      await host.close()
    },
  }
}
