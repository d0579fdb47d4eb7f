// `npm run dist`: the desktop package for the system it runs on. Electron's binary does not come with its npm package and many machines
// do not reach the place it is fetched from: then this says so and packs nothing.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup/places.mjs'
import { reporting, setUp } from './setup/setup.mjs'
import { runNode } from './with-node.mjs'

await reporting(async () => {
  const { node, env } = await setUp({ renderer: true })
  if (!existsSync(join(root, 'node_modules', 'electron', 'path.txt'))) {
    process.stdout.write('Fetching Electron’s binary …\n')
    const code = await runNode(node, [join(root, 'node_modules', 'electron', 'install.js')], env)
    if (code !== 0) {
      process.stderr.write(
        '\nElectron’s binary could not be had on this machine, so nothing was packed. Run this where it can be fetched, or put an unpacked Electron into node_modules/electron/dist with its path.txt. The app itself runs in a browser: npm start.\n',
      )
      return 1
    }
  }
  return runNode(
    node,
    [join(root, 'node_modules', 'electron-builder', 'cli.js'), '--config', join(root, 'build', 'electron-builder.yml')],
    env,
  )
})
