// Whether a device computes what the processor computes. A driver or a library can be wrong without a word: CUDA's gradient of batch norm once took its
// input for another quantity, and nothing but the error rates showed it. So a device proves itself before numbers are taken from it.
import type { DeviceProof } from '#contract/device-proof.ts'
import type { Precision } from '#contract/devices.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { relative, type DeviceDeviation } from './deviation.ts'
import { longProof } from './long-networks.ts'
import { networkProof } from './network.ts'
import type { DeviceOperation, OperationCase } from './operation-case.ts'
import { operations } from './operations.ts'
import type { Numbers } from './plain-loops.ts'

/** Sums of a few hundred float32 products in any order, and the last bits of exp and erf. */
const floatLimit = 3e-5
/** TF32 keeps ten bits of each factor. */
const productsLimit = { float32: floatLimit, tf32: 5e-3 } as const satisfies Record<Precision, number>

/** What is told on the way: of `operations` or `networks`, how many are done. */
export type ToldPart = (what: 'operations' | 'networks', done: number, total: number) => void

/** `precision` as the process was started with: TF32 is allowed what it costs. Takes a tenth of a second on a processor, and seconds on a GPU's first use. */
export async function proveDevice(device: Device, precision: Precision = 'float32'): Promise<DeviceProof> {
  const found = await operationDeviations(device, precision)
  // What operations pass one by one, a step puts together.
  const network = found.every(isWithin) ? await networkProof(device, precision) : []
  return proofOf(found, network, precision)
}

/** The same with more networks and steps; `told` hears how far it is. */
export async function proveAtLength(device: Device, precision: Precision, told: ToldPart): Promise<DeviceProof> {
  const found = await operationDeviations(device, precision, (done, total) => told('operations', done, total))
  const network = await networkProof(device, precision)
  const longer = await longProof(device, precision, (done, total) => told('networks', done, total))
  return proofOf([...found, ...longer], network, precision)
}

async function operationDeviations(
  device: Device,
  precision: Precision,
  told: (done: number, total: number) => void = () => undefined,
): Promise<DeviceDeviation[]> {
  const found: DeviceDeviation[] = []
  const products = productsLimit[precision]
  const all = Object.entries(operations) as [DeviceOperation, readonly OperationCase[]][]
  for (const [i, [name, cases]] of all.entries()) {
    told(i, all.length)
    for (const one of cases) {
      const limit = one.limit ?? (one.products ? products : floatLimit)
      found.push({ what: one.what ? `${name} (${one.what})` : name, limit, ...(await compared(device, one)) })
    }
  }
  told(all.length, all.length)
  return found
}

const isWithin = ({ deviation, limit }: DeviceDeviation): boolean => deviation <= limit

function proofOf(
  others: readonly DeviceDeviation[],
  network: readonly DeviceDeviation[],
  precision: Precision,
): DeviceProof {
  const found = [...others, ...network]
  return {
    checks: found.length,
    deviations: found.filter((one) => !isWithin(one)).map((one) => ({ ...one, deviation: finite(one.deviation) })),
    largest: found
      .filter((one) => isWithin(one) && one.limit <= productsLimit[precision])
      .reduce((most, { deviation }) => Math.max(most, deviation), 0),
    network: network.length === 0 ? null : finite(Math.max(...network.map(({ deviation }) => deviation))),
  }
}

/** No JSON holds infinity. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

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
