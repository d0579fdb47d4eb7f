// PALM Studio in a browser: serves the renderer on the loopback interface, prints the address, opens it where there is a display.
import { openAppWindow } from '#app/hosts/app-window.ts'
import { writeHandOver } from '#app/hosts/hand-over.ts'
import { hasDisplay, openWithSystem } from '#app/hosts/open-with-system.ts'
import { webArguments, webHelp, type WebArguments } from '#app/hosts/web-arguments.ts'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { toWireError } from '#contract/errors.ts'

async function serveWeb(args: WebArguments): Promise<void> {
  const processes = forkedProcesses()
  // Only here: --help and a plain line about what is missing also work where the database's addon cannot be loaded.
  const { openWebApp } = await import('#app/wiring/web-app.ts')
  const opened = await openWebApp(args, processes)
  const { app, host } = opened

  if (app.alsoOpen)
    process.stdout.write(`${app.alsoOpen} This is a second one beside it: each steers the runs that it started.\n`)
  process.stdout.write(`PALM Studio: ${host.address}\nCtrl-C ends it; a run under way is stopped and can be resumed.\n`)
  const handOver = args.open && hasDisplay() ? await writeHandOver(host.oneTimeAddress()) : null
  if (handOver && (args.tab || !(await openAppWindow(handOver.address)))) openWithSystem(handOver.address)

  let closing = false
  const close = (): void => {
    if (closing) process.exit(130)
    closing = true
    process.stdout.write('Closing …\n')
    void handOver?.remove()
    void opened.close().then(() => process.exit(0), fail)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close)
}

function fail(thrown: unknown): never {
  process.stderr.write(`palm: ${toWireError(thrown).message}\n`)
  process.exit(1)
}

try {
  const args = webArguments(process.argv.slice(2))
  if (args === 'help') process.stdout.write(webHelp)
  else await serveWeb(args)
} catch (thrown) {
  fail(thrown)
}
