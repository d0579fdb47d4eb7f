// The reader takes hostile bytes: a clear error or a right answer, nothing else.
import { describe, expect, test } from 'vitest'
import { PalmError } from '#contract/errors.ts'
import { readSafetensors, writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const file = (header: unknown, data = new Uint8Array(16)): Uint8Array => {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + text.length + data.length)
  new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true)
  out.set(text, 8)
  out.set(data, 8 + text.length)
  return out
}
const tensor = (begin: number, end: number, shape = [2, 2], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('the safetensors reader', () => {
  test('reads back what the writer wrote', () => {
    const tensors = new Map([
      ['b', { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-20) }],
      ['a', { shape: [], data: Float32Array.of(7) }],
    ])
    const read = readSafetensors(writeSafetensors(tensors, { note: 'ü' }), 'x')
    expect(read.metadata).toEqual({ note: 'ü' })
    expect([...read.tensors.keys()]).toEqual(['a', 'b'])
    expect(read.tensors.get('b')).toEqual(tensors.get('b'))
  })

  for (const [what, bytes, message] of [
    ['an empty file', new Uint8Array(0), /shorter than its 8-byte header/],
    ['a header longer than the file', file('{}').subarray(0, 9), /longer than the file/],
    ['a header that is no JSON', file('{"a":'), /not valid JSON/],
    ['a list for a header', file([]), /not an object/],
    ['a tensor beyond the end', file({ a: tensor(0, 64, [4, 4]) }), /beyond the end/],
    ['a length that does not fit the shape', file({ a: tensor(0, 12) }), /12 bytes where/],
    ['overlapping tensors', file({ a: tensor(0, 16), b: tensor(8, 16, [2]) }), /overlaps/],
    ['a type that is not known', file({ a: tensor(0, 16, [2, 2], 'X99') }), /X99/],
    [
      'a name that occurs twice',
      file(
        '{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}',
      ),
      /occurs twice/,
    ],
    ['a shape that overflows', file({ a: tensor(0, 16, [2 ** 40, 2 ** 40]) }), /beyond the end/],
  ] as const) {
    test(`refuses ${what}, naming the file`, () => {
      expect(() => readSafetensors(bytes, 'weights.safetensors')).toThrow(message)
      expect(() => readSafetensors(bytes, 'weights.safetensors')).toThrow('weights.safetensors')
    })
  }

  test('2,000 mutations give an error of ours or an answer', () => {
    const good = writeSafetensors(
      new Map([
        ['conv.weight', { shape: [4, 3, 3, 3], data: new Float32Array(108).fill(0.5) }],
        ['bn.bias', { shape: [4], data: new Float32Array(4) }],
      ]),
      { a: 'b' },
    )
    const random = new NumpyRandom(2)
    let refused = 0
    for (let i = 0; i < 2000; i++) {
      let bytes = good.slice(0, random.randint(0, 3) === 0 ? random.randint(0, good.length) : good.length)
      for (let k = random.randint(0, 6); k > 0 && bytes.length > 0; k--)
        bytes[random.randint(0, Math.min(bytes.length, 200))] = random.randint(0, 256)
      if (random.randint(0, 10) === 0) bytes = new Uint8Array([...bytes, ...bytes])
      try {
        readSafetensors(bytes, 'x')
      } catch (error) {
        expect(error).toBeInstanceOf(PalmError)
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(500)
  })
})

test('an architecture that is not known is refused with what was found', () => {
  expect(() => recognizeArchitecture(new Map([['features.0.weight', [64, 3, 3, 3]]]), 'vgg.safetensors')).toThrow(
    /vgg\.safetensors holds weights of an architecture that cannot be recognised/,
  )
})
