// The model's own tensors on the host, by which checkpoints know what they can leave out.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import { toFileLayout, type Model } from '#engine/models/model.ts'

/** Whether an array is still the model's tensor of that name, to the bit. */
export type Unchanged = (name: string, array: NamedArray) => boolean

export async function originalsOf(device: Device, model: Model): Promise<Unchanged> {
  const values = await device.readMany(model.tensors.map(({ name }) => model.parameters.get(name) as DeviceTensor))
  const originals = new Map(
    model.tensors.map((info, i) => [info.name, toFileLayout(info, values[i] as Float32Array)] as const),
  )
  return (name, array) => {
    const original = originals.get(name)
    return original !== undefined && Buffer.compare(bytesOf(original), bytesOf(array.data)) === 0
  }
}

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
