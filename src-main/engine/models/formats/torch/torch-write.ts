// Writes PyTorch's .pth in the zip format, so that `torch.load(path, weights_only=True)` takes it.
import { zipSync } from 'fflate'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'

/** A state dict of float32 tensors that `torch.load(path, weights_only=True)` gives back as an OrderedDict. */
export function writeTorch(tensors: ReadonlyMap<string, FileTensor>): Uint8Array {
  const files: Record<string, Uint8Array> = {}
  const pickle = new PickleWriter()
  pickle.begin()
  let key = 0
  for (const [name, { shape, data }] of tensors) {
    pickle.tensor(name, String(key), shape, data.length)
    files[`archive/data/${key}`] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    key += 1
  }
  return zipSync(
    {
      'archive/data.pkl': pickle.end(),
      'archive/byteorder': new TextEncoder().encode('little'),
      ...files,
      'archive/version': new TextEncoder().encode('3\n'),
    },
    { level: 0 },
  )
}

/** Only what a state dict needs, in protocol 2. */
class PickleWriter {
  private readonly parts: number[] = []

  begin(): void {
    this.parts.push(0x80, 2)
    this.global('collections', 'OrderedDict')
    this.parts.push(0x29, 0x52, 0x28) // ) R (
  }

  tensor(name: string, key: string, shape: readonly number[], elements: number): void {
    this.text(name)
    this.global('torch._utils', '_rebuild_tensor_v2')
    this.parts.push(0x28, 0x28) // ( (
    this.text('storage')
    this.global('torch', 'FloatStorage')
    this.text(key)
    this.text('cpu')
    this.int(elements)
    this.parts.push(0x74, 0x51) // t Q
    this.int(0)
    this.tuple(shape)
    this.tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1)))
    this.parts.push(0x89) // False: wants no gradient
    this.global('collections', 'OrderedDict')
    this.parts.push(0x29, 0x52, 0x74, 0x52) // ) R t R
  }

  end(): Uint8Array {
    this.parts.push(0x75, 0x2e) // u .
    return Uint8Array.from(this.parts)
  }

  private global(module: string, name: string): void {
    this.parts.push(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`))
  }

  private text(value: string): void {
    const bytes = new TextEncoder().encode(value)
    this.parts.push(
      0x58,
      bytes.length & 255,
      (bytes.length >> 8) & 255,
      (bytes.length >> 16) & 255,
      bytes.length >>> 24,
      ...bytes,
    )
  }

  private int(value: number): void {
    if (value < 0x7fffffff) this.parts.push(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24)
    else {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true)
      this.parts.push(0x8a, 8, ...bytes)
    }
  }

  private tuple(values: readonly number[]): void {
    this.parts.push(0x28)
    for (const value of values) this.int(value)
    this.parts.push(0x74)
  }
}
