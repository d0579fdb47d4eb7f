// `npm start`: the set-up, then the app: Electron where its binary and a display are there, else the same interface in a browser.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reporting, setUp } from './setup/setup.mjs'
import { root } from './setup/places.mjs'
import { runNode } from './with-node.mjs'

const help = `npm start [-- options]      sets up what is missing, then opens PALM Studio

  --web        in a browser, also where Electron could run
  --port N     serve on this port (default 7256, or the next that is free)
  --data DIR   where runs are kept
  --no-open    print the address, open no browser
  --no-demo    do not run the bundled sample on the first launch
  --no-tour    show no newcomer around
  --help       this

Environment: PALM_CACHE (what the set-up provides), PALM_DATA (runs), PALM_DEVICE=auto|cpu|cuda|webgpu (what computes, and which library is set up), PALM_LIBTENSORFLOW=/path (your own library)
Headless: npx palm --help
`

/** @returns {string | null} */
function electronBinary() {
  const folder = join(root, 'node_modules', 'electron')
  try {
    const binary = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
    return existsSync(binary) ? binary : null
  } catch {
    return null
  }
}

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) process.stdout.write(help)
else {
  await reporting(async () => {
    const { node, env } = await setUp({ renderer: true })
    const hasDisplay =
      process.platform === 'darwin' ||
      process.platform === 'win32' ||
      Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
    const electron = electronBinary()
    if (electron && hasDisplay && !args.includes('--web')) return runNode(electron, [root, ...args], env)
    return runNode(node, [join(root, 'src-main', 'entry', 'web.ts'), ...args.filter((arg) => arg !== '--web')], env)
  })
}
