// Writes network-numbers.ts and long-network-numbers.ts in src-main/engine/parity/device: what TensorFlow on this processor computes. Run it only when network.ts or long-networks.ts itself changes; the
// numbers are what other devices are held against. `node test/golden/device-network.ts`
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDevice } from '#engine/compute/backend.ts'
import type { NetworkNumbers } from '#engine/parity/device/network-numbers.ts'
import { computeLong, longNetworks } from '#engine/parity/device/long-networks.ts'
import { computeNetwork } from '#engine/parity/device/network.ts'

const device = loadDevice()
if (device.kind !== 'cpu') throw new Error('These are the processor’s numbers: set CUDA_VISIBLE_DEVICES=-1')
const numbers = await computeNetwork(device)
const rows = (Object.keys(numbers) as (keyof NetworkNumbers)[]).map(
  (part) => `  ${part}: [${numbers[part].map((value) => Number(value.toPrecision(9))).join(', ')}],`,
)
write('network-numbers.ts', 'export const networkNumbers', `: NetworkNumbers = {\n${rows.join('\n')}\n}\n`)

const long: string[] = []
for (const network of longNetworks)
  long.push(`  [${(await computeLong(device, network)).map((value) => Number(value.toPrecision(9))).join(', ')}],`)
write(
  'long-network-numbers.ts',
  'export const longNetworkNumbers',
  `: readonly (readonly number[])[] = [\n${long.join('\n')}\n]\n`,
)

/** Replaces what follows `name` in the file. */
function write(file: string, name: string, text: string): void {
  const path = join(import.meta.dirname, '../../src-main/engine/parity/device', file)
  const [before] = readFileSync(path, 'utf8').split(name)
  writeFileSync(path, `${before}${name}${text}`)
}
