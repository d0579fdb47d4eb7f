// PALM Studio in a browser: serves the renderer on the loopback interface, prints the address, opens it where there is a display.
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { startWebHost } from '#app/hosts/web.ts'
import { firstRun } from '#app/services/runs/lanes.ts'
import { toWireError } from '#contract/errors.ts'
import { appVersion, forkedProcesses, nativeStatus, sourceFolders } from '#app/wiring/abilities.ts'

const help = `PALM Studio in a browser

  --port N     serve on this port (default: 7256, or the next that is free)
  --data DIR   where runs are kept (default: PALM_DATA, else the system's place)
  --no-open    do not open a browser
  --no-demo    do not run the sample by itself on the first launch
  --no-tour    show no newcomer around
  --help       show this help
`

interface WebArguments {
  readonly port: number | null
  readonly data: string | null
  readonly open: boolean
  readonly demo: boolean
  readonly tour: boolean
}

/** Throws with a sentence for whoever typed it. */
function webArguments(args: readonly string[]): WebArguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      'no-open': { type: 'boolean' },
      'no-demo': { type: 'boolean' },
      'no-tour': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return 'help'
  const port = values.port === undefined ? null : Number(values.port)
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw new Error(`--port needs a number from 1 to 65535, not '${values.port}'`)
  return {
    port,
    data: values.data ?? null,
    open: !values['no-open'],
    demo: !values['no-demo'],
    tour: !values['no-tour'],
  }
}

async function serveWeb(args: WebArguments): Promise<void> {
  const processes = forkedProcesses()
  const { openApp } = await import('#app/wiring/open-app.ts')
  const app = await openApp({
    version: appVersion(),
    host: 'web',
    data: args.data,
    resourcesFolder: sourceFolders.resources,
    processes,
    native: nativeStatus,
    dialogs: null,
    tour: args.tour,
    openFolder: hasDisplay() ? async (folder) => openWithSystem(folder) : null,
  })
  const host = await startWebHost({
    staticFolder: sourceFolders.renderer,
    port: args.port,
    onPort: (port) => app.connect(port),
  })
  if (app.firstLaunch && args.demo) app.start(firstRun())

  process.stdout.write(`PALM Studio: ${host.address}\nCtrl-C ends it; a run under way is stopped and can be resumed.\n`)
  if (args.open && hasDisplay()) openWithSystem(host.address)

  let closing = false
  const close = (): void => {
    if (closing) process.exit(130)
    closing = true
    process.stdout.write('Closing …\n')
    void app
      .close()
      .then(() => host.close())
      .then(() => process.exit(0), fail)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close)
}

function hasDisplay(): boolean {
  const { platform, env } = process
  return platform === 'darwin' || platform === 'win32' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY'])
}

/** An address in the browser, a folder in the file manager. */
function openWithSystem(target: string): void {
  const { platform } = process
  const [command, args] =
    platform === 'darwin'
      ? (['open', [target]] as const)
      : platform === 'win32'
        ? (['cmd', ['/c', 'start', '', target]] as const)
        : (['xdg-open', [target]] as const)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined) // it is printed or shown: whoever reads it can open it
  child.unref()
}

function fail(thrown: unknown): never {
  process.stderr.write(`palm: ${toWireError(thrown).message}\n`)
  process.exit(1)
}

try {
  const args = webArguments(process.argv.slice(2))
  if (args === 'help') process.stdout.write(help)
  else await serveWeb(args)
} catch (thrown) {
  fail(thrown)
}
