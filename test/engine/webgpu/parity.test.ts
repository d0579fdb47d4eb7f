// A cut of the published methods' traces on WebGPU: the first step of some. All of them: `npm run parity -- DIR --device webgpu` (minutes on a software card).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Device } from '#engine/compute/device.ts'
import { runParity } from '#engine/parity/parity.ts'
import { sharedPath } from '#test/helpers/shared.ts'
import { webGpu } from '#test/helpers/webgpu.ts'

const folder = sharedPath('parity')
const steps = 1
const methods = ['norm', 'palm_reference']

/** The folder with these methods' first steps. */
function cut(name: string): Uint8Array {
  const bytes = new Uint8Array(readFileSync(join(folder as string, name)))
  if (!name.endsWith('.json')) return bytes
  const json = JSON.parse(new TextDecoder().decode(bytes)) as { methods: string[]; steps: unknown[] }
  if (name === 'index.json') json.methods = methods
  else json.steps = json.steps.slice(0, steps)
  return new TextEncoder().encode(JSON.stringify(json))
}

describe.skipIf(!folder || !webGpu)('parity on WebGPU', () => {
  test('the first step is within every limit', async () => {
    const device = webGpu as Device
    const before = device.liveTensors()
    const report = await runParity(device, cut)
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(new Set(report.rows.map((row) => row.method))).toEqual(new Set(methods))
    expect(report.rows.length).toBeGreaterThan(40)
    expect(device.liveTensors()).toBe(before)
  })
})
