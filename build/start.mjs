// `npm start`: the set-up, then the app: Electron where there is a display and its binary is there or can be fetched, else the same interface in a window of a
// browser, else in a tab of one.
import { join } from 'node:path'
import { provideElectron } from './setup/electron.mjs'
import { reporting, setUp } from './setup/setup.mjs'
import { root } from './setup/places.mjs'
import { compileCache, runNode } from './with-node.mjs'

const help = `npm start [-- options]      sets up what is missing, then opens PALM Studio

  --web        in a tab of the browser, also where Electron could run
  --electron   try again to fetch Electron, where that failed before
  --allow DIR  in a browser: let the page open this folder, too
  --port N     serve on this port (default 7256, or the next that is free)
  --data DIR   where runs are kept
  --no-open    print the address, open no browser
  --no-demo    do not run the bundled sample on the first launch
  --no-tour    show no newcomer around
  --help       this

Environment: PALM_CACHE (what the set-up provides), PALM_DATA (runs), PALM_DEVICE=auto|cpu|cuda|webgpu (what computes, and which library is set up), PALM_LIBTENSORFLOW=/path (your own library)
Headless: npx palm --help
`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) process.stdout.write(help)
else {
  await reporting(async () => {
    const { node, env } = await setUp({ renderer: true })
    const hasDisplay =
      process.platform === 'darwin' ||
      process.platform === 'win32' ||
      Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
    const web = args.includes('--web') || !hasDisplay
    const electron = web ? null : await provideElectron({ node, env, again: args.includes('--electron') })
    const others = args.filter((arg) => arg !== '--web' && arg !== '--electron')
    if (electron) return runNode(electron, [root, ...others], env)
    const tab = args.includes('--web') ? ['--tab'] : []
    const cached = { ...compileCache, ...env }
    return runNode(node, [join(root, 'src-main', 'entry', 'web.ts'), ...tab, ...others], cached)
  })
}
