// `npm run faults`: every fault as often as it should strike, from a seed that may be given: npm run faults -- --seed 7 [--only session-killed]
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
})
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', join('test', 'faults', values.only)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, PALM_FAULTS: 'all', PALM_SEED: values.seed, CI: '1' } },
)
process.exitCode = status ?? 1
