// `npm run photographs`: the set-up, the built app, then pictures of its screens (test/photographs/photographs.ts). Arguments are passed on.
import { join } from 'node:path'
import { root } from './setup/places.mjs'
import { reporting, setUp } from './setup/setup.mjs'
import { runNode } from './with-node.mjs'

await reporting(async () => {
  const { node, env } = await setUp({ renderer: true, tests: true })
  return runNode(node, [join(root, 'test/photographs/photographs.ts'), ...process.argv.slice(2)], env)
})
