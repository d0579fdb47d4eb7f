// Lays the sample's source images beside the sample: 50 tiles a class of those that neither trained the model nor are scored. Their bytes are
// EuroSAT's own. Usage: npm run sample:source -- --data DIR (with EuroSAT's train.tar.gz)
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readTrainingTiles } from './tiles.ts'

const perClass = 50
const { values } = parseArgs({ options: { data: { type: 'string' } } })
if (!values.data) throw new Error('Give the folder with EuroSAT’s train.tar.gz: --data DIR')
const target = fileURLToPath(new URL('../../resources/sample/source', import.meta.url))
const { search } = await readTrainingTiles(values.data)
const scratch = mkdtempSync(join(tmpdir(), 'palm-source-'))
try {
  if (spawnSync('tar', ['xzf', join(values.data, 'train.tar.gz'), '-C', scratch]).status !== 0)
    throw new Error('tar could not unpack train.tar.gz')
  const taken = new Map<number, number>()
  for (const [i, name] of search.names.entries()) {
    const label = search.labels[i] as number
    const count = taken.get(label) ?? 0
    if (count >= perClass) continue
    taken.set(label, count + 1)
    const file = join(target, name)
    mkdirSync(dirname(file), { recursive: true })
    copyFileSync(join(scratch, 'train', name), file)
  }
  console.log(`${perClass * taken.size} tiles in ${target}`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
