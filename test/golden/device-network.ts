// Writes src-main/engine/parity/device/network-numbers.ts: what TensorFlow on this processor computes. Run it only when network.ts itself changes; the
// numbers are what other devices are held against. `node test/golden/device-network.ts`
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDevice } from '#engine/compute/backend.ts'
import type { NetworkNumbers } from '#engine/parity/device/network-numbers.ts'
import { computeNetwork } from '#engine/parity/device/network.ts'

const device = loadDevice()
if (device.kind !== 'cpu') throw new Error('These are the processor’s numbers: set CUDA_VISIBLE_DEVICES=-1')
const numbers = await computeNetwork(device)
const rows = (Object.keys(numbers) as (keyof NetworkNumbers)[]).map(
  (part) => `  ${part}: [${numbers[part].map((value) => Number(value.toPrecision(9))).join(', ')}],`,
)
const path = join(import.meta.dirname, '../../src-main/engine/parity/device/network-numbers.ts')
const [before] = readFileSync(path, 'utf8').split('export const networkNumbers')
writeFileSync(path, `${before}export const networkNumbers: NetworkNumbers = {\n${rows.join('\n')}\n}\n`)
