// npm run parity [-- DIR ...]: our methods against every folder of traces that is named, or against both that lie beside the checkout.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runSource } from './with-node.mjs'
import { root } from './setup/places.mjs'
import { reporting } from './setup/setup.mjs'

const shared = process.env.PALM_SHARED ?? join(root, '..', 'shared')
const [switches, named] = [
  process.argv.slice(2).filter((arg) => arg.startsWith('-')),
  process.argv.slice(2).filter((arg) => !arg.startsWith('-')),
]
const folders =
  named.length > 0
    ? named
    : ['parity', 'parity-benchmark'].map((name) => join(shared, name)).filter((path) => existsSync(path))
if (folders.length === 0) {
  process.stderr.write(`There are no traces at ${shared}: name a folder (npm run parity -- DIR) or set PALM_SHARED.\n`)
  process.exitCode = 2
}
for (const folder of folders) {
  await reporting(async () => {
    const code = await runSource('src-main/entry/cli.ts', ['parity', folder, ...switches])
    if (code !== 0) process.exitCode = code
    return process.exitCode ?? 0
  })
}
