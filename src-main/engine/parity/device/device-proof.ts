// Whether a device computes what the processor computes. A driver or a library can be wrong without a word: CUDA's gradient of batch norm once took its
// input for another quantity, and nothing but the error rates showed it. So a device proves itself before numbers are taken from it.
import type { DeviceProof } from '#contract/device-proof.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { relative, type DeviceDeviation } from './deviation.ts'
import { networkProof } from './network.ts'
import type { DeviceOperation, OperationCase } from './operation-case.ts'
import { operations } from './operations.ts'
import type { Numbers } from './plain-loops.ts'

/** Sums of a few hundred float32 products in any order, and the last bits of exp and erf. */
const floatLimit = 3e-5
/** TF32 keeps ten bits of each factor. */
const shortLimit = 5e-3

/** `precision` as the process was started with: TF32 is allowed what it costs. Takes a tenth of a second on a processor, and seconds on a GPU's first use. */
export async function proveDevice(device: Device, precision: 'float32' | 'tf32' = 'float32'): Promise<DeviceProof> {
  const found: DeviceDeviation[] = []
  const products = precision === 'tf32' ? shortLimit : floatLimit
  for (const [name, cases] of Object.entries(operations) as [DeviceOperation, readonly OperationCase[]][])
    for (const one of cases) {
      const limit = one.limit ?? (one.products ? products : floatLimit)
      found.push({ what: one.what ? `${name} (${one.what})` : name, limit, ...(await compared(device, one)) })
    }
  // What operations pass one by one, a step puts together.
  if (found.every(({ deviation, limit }) => deviation <= limit)) found.push(...(await networkProof(device, precision)))
  const deviations = found.filter(({ deviation, limit }) => !(deviation <= limit))
  return {
    checks: found.length,
    deviations: deviations.map((one) => ({ ...one, deviation: Number.isFinite(one.deviation) ? one.deviation : null })),
    largest: found
      .filter(({ deviation, limit }) => deviation <= limit && limit <= products)
      .reduce((most, { deviation }) => Math.max(most, deviation), 0),
  }
}

async function compared(
  device: Device,
  { run, expected }: OperationCase,
): Promise<Pick<DeviceDeviation, 'deviation' | 'failure'>> {
  const inputs: DeviceTensor[] = []
  try {
    const given = await run(device, ({ shape, data }) => {
      const tensor = device.fromArray(Float32Array.from(data), shape)
      inputs.push(tensor)
      return tensor
    })
    const results = given instanceof Float32Array ? [given] : 'dispose' in given ? [given] : given
    let deviation = results.length === expected.length ? 0 : Infinity
    for (const [i, result] of results.entries())
      deviation = Math.max(deviation, await apart(device, result, expected[i]))
    return { deviation, failure: null }
  } catch (thrown) {
    return { deviation: Infinity, failure: thrown instanceof Error ? thrown.message : String(thrown) }
  } finally {
    for (const input of inputs) input.dispose()
  }
}

/** Reads and disposes the result. */
async function apart(
  device: Device,
  result: DeviceTensor | Float32Array,
  expected: Numbers | undefined,
): Promise<number> {
  const values =
    result instanceof Float32Array
      ? result
      : result.dtype === 'int32'
        ? await device.readInts(result)
        : await device.read(result)
  const shape = result instanceof Float32Array ? expected?.shape : result.shape
  if (!(result instanceof Float32Array)) result.dispose()
  if (!expected || shape?.join() !== expected.shape.join() || values.length !== expected.data.length) return Infinity
  return relative(values, expected.data)
}
