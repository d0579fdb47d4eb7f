// Records what torchvision's ImageFolder and pandas say of the generated trees and lists that the suite compares (test/golden/listings.json):
//   PALM_PYTHON=… node test/fuzz/differential/record-listings.ts
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawList, drawTree } from './draw-listing.ts'
import { plantList, plantTree, recordedAt, Reference } from './listings.ts'

const count = 200
const reference = new Reference()
const { versions } = await reference.line()
if (versions === undefined) throw new Error('This Python has no torchvision or no pandas.')
const folder = mkdtempSync(join(tmpdir(), 'palm-listings-'))
const trees: Record<string, string> = {}
const lists: Record<string, string> = {}
for (let seed = 1; seed <= count; seed++) {
  const drawn = drawTree(seed)
  trees[seed] = await reference.answer({ kind: 'tree', root: plantTree(folder, seed, drawn), base: drawn.base })
  const { text: _, ...how } = drawList(seed)
  lists[seed] = await reference.answer({ ...how, kind: 'list', file: plantList(folder, seed, drawList(seed)) })
}
reference.close()
rmSync(folder, { recursive: true })
writeFileSync(recordedAt, `${JSON.stringify({ ...versions, trees, lists }, null, 1)}\n`)
