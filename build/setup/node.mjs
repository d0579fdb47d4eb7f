// A Node that is new enough: the one that runs this, else one from the npm registry's platform package, kept in the cache.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, isNodeNewEnough, versions } from './places.mjs'
import { runProgram, step, StepError } from './step.mjs'

/** Path of the Node to use, without providing it. @returns {string | null} */
export function findNode() {
  if (isNodeNewEnough(process.version)) return process.execPath
  const own = nodeInCache()
  return existsSync(own) ? own : null
}

function nodeInCache() {
  const folder = join(cacheFolder(), 'node', versions.node)
  return process.platform === 'win32' ? join(folder, 'bin', 'node.exe') : join(folder, 'bin', 'node')
}

/** @returns {Promise<string>} the path of a Node >= 22.18 */
export async function provideNode() {
  const found = findNode()
  if (found) return found
  const target = join(cacheFolder(), 'node', versions.node)
  await step(`Node ${versions.node} (this machine's ${process.version} is too old)`, async () => {
    const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
    mkdirSync(join(cacheFolder(), 'node'), { recursive: true })
    const scratch = mkdtempSync(join(cacheFolder(), 'node', 'unpack-'))
    try {
      const todo = 'Check that npm reaches its registry and run the command again, or install Node 24 yourself.'
      await runProgram('npm', ['pack', `${name}@${versions.node}`, '--silent'], { cwd: scratch, todo })
      const archive = readdirSync(scratch).find((file) => file.endsWith('.tgz'))
      if (!archive) throw new StepError('npm delivered nothing', todo)
      await runProgram('tar', ['xzf', archive], { cwd: scratch, todo: 'Is tar installed? Is the disk full?' })
      rmSync(target, { recursive: true, force: true })
      renameSync(join(scratch, 'package'), target)
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
    await runProgram(nodeInCache(), ['--version'], { todo: 'Install Node 24 yourself and run the command again.' })
  })
  return nodeInCache()
}
