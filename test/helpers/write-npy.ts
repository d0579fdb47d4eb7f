// Writes `.npy` files (NumPy format 1.0) of bytes or of int64 numbers, for made-up inputs.

export function npy(dtype: '|u1' | '<i8', shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  let header = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${dims}), }`
  header += `${' '.repeat(63 - ((10 + header.length) % 64))}\n`
  const data =
    dtype === '|u1' ? Uint8Array.from(values) : new Uint8Array(BigInt64Array.from(Array.from(values), BigInt).buffer)
  const head = Buffer.alloc(10 + header.length)
  head.write('\x93NUMPY\x01\x00', 0, 'latin1')
  head.writeUInt16LE(header.length, 8)
  head.write(header, 10, 'latin1')
  return new Uint8Array(Buffer.concat([head, data]))
}
