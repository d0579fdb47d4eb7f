// Reads the uint8 `.npy` fixtures (NumPy format 1.0): shape and bytes.
import { readFileSync } from 'node:fs'

export function readNpy(file: string): { shape: number[]; data: Uint8Array } {
  const bytes = readFileSync(file)
  const headerLength = bytes.readUInt16LE(8)
  const header = bytes.subarray(10, 10 + headerLength).toString('latin1')
  if (!header.includes("'|u1'")) throw new Error(`${file} is not uint8: ${header}`)
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number)
  return { shape, data: new Uint8Array(bytes.subarray(10 + headerLength)) }
}
