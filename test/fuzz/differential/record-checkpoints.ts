// Records PyTorch's answers to the generated checkpoints that the suite compares (test/golden/checkpoints.json):
//   PALM_PYTHON=… node test/fuzz/differential/record-checkpoints.ts
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordedAt, Torch } from './checkpoints.ts'
import { drawCheckpoint } from './draw-checkpoint.ts'

const count = 200
const torch = new Torch()
const { torch: version } = await torch.line()
if (version === undefined) throw new Error('This Python has no PyTorch.')
const folder = mkdtempSync(join(tmpdir(), 'palm-checkpoints-'))
const hashes: Record<string, string> = {}
for (let seed = 1; seed <= count; seed++) {
  const drawn = drawCheckpoint(seed)
  const path = join(folder, 'checkpoint.pth')
  writeFileSync(path, drawn.bytes)
  hashes[seed] = await torch.hashOf(path, drawn)
}
torch.close()
rmSync(folder, { recursive: true })
writeFileSync(recordedAt, `${JSON.stringify({ torch: version, hashes }, null, 1)}\n`)
