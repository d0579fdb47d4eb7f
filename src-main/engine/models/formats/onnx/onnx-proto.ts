// The part of ONNX's protocol buffers (onnx.proto3, IR version 3 and later) that a classifier's file uses, read with field numbers as the standard
// gives them (written: onnx-proto-write.ts). Lengths are checked by the protobuf reader's bounds; subgraphs, training information and functions are not read.
import { PbfReader } from 'pbf'

export interface OnnxTensor {
  dims: number[]
  dataType: number
  name: string
  raw: Uint8Array | null
  floats: Float32Array
  /** Whole numbers as float32: exact where they are sizes, axes or bits of halves. */
  ints: Float32Array
  doubles: Float64Array
  external: Record<string, string> | null
  /** Of whole numbers, where its numbers were unpacked; null = as its data type says. */
  whole: boolean | null
  /** A matrix of which only its transposed values are still held. */
  turned: { readonly shape: readonly number[]; readonly data: Float32Array } | null
}

export interface OnnxAttribute {
  name: string
  type: number
  f: number
  i: number
  s: string
  t: OnnxTensor | null
  floats: number[]
  ints: number[]
}

export interface OnnxNode {
  input: string[]
  output: string[]
  name: string
  opType: string
  domain: string
  attributes: Map<string, OnnxAttribute>
}

export interface OnnxValueInfo {
  name: string
  /** null = not fixed. */
  dims: (number | null)[]
  elementType: number
}

export interface OnnxModel {
  opset: number
  domains: string[]
  producer: string
  nodes: OnnxNode[]
  initializers: Map<string, OnnxTensor>
  inputs: OnnxValueInfo[]
  outputs: OnnxValueInfo[]
  metadata: Record<string, string>
}

/** ONNX's numbers for what we read: 1 float, 2 uint8, 3 int8, 5 int16, 6 int32, 7 int64, 9 bool, 10 float16, 11 double, 16 bfloat16. */
export const onnxTypes = {
  1: 'F32',
  2: 'U8',
  3: 'I8',
  5: 'I16',
  6: 'I32',
  7: 'I64',
  9: 'BOOL',
  10: 'F16',
  11: 'F64',
  16: 'BF16',
} as const

/** What parts take in memory, roughly; an empty one is two bytes of a file and several hundred here. */
const cost = { node: 320, attribute: 240, tensor: 320, info: 160, other: 64, text: 32, number: 8 } as const
/** Of the reader that is at work: a hundred thousand nodes' worth, more for a larger file, whose weights take most of it. */
let budget = 0
const leastBudget = 48 * 2 ** 20

function spend(bytes: number): void {
  budget -= bytes
  if (budget < 0) throw new RangeError('it has more parts than a classifier can need')
}

function message<T>(
  pbf: PbfReader,
  read: (tag: number, into: T, pbf: PbfReader) => void,
  into: T,
  bytes: number = cost.other,
): T {
  spend(bytes)
  const end = pbf.readVarint() + pbf.pos
  if (!(end <= pbf.length)) throw new RangeError('a part reaches beyond its end')
  pbf.readFields(read, into, end)
  if (pbf.pos !== end) throw new RangeError('a part does not end where it says')
  return into
}

/** Numbers of a tensor: kept in arrays of bytes, because a list of JavaScript's numbers is many times as large as the file. */
function numbers<T extends Float32Array | Float64Array>(
  pbf: PbfReader,
  before: T,
  make: (length: number) => T,
  read: () => number,
  width: number,
): T {
  const end = pbf.readPackedEnd()
  if (!(end <= pbf.length)) throw new RangeError('a list reaches beyond its end')
  let length = 0
  if (width > 0) length = Math.floor((end - pbf.pos) / width)
  else for (let at = pbf.pos; at < end; at++) if ((pbf.buf[at] as number) < 0x80) length += 1
  // Not packed: one at a time, each a copy of those before, as only old writers do with a few.
  if (pbf.type !== packedType) {
    spend(cost.other + before.length)
    length = 1
  }
  const out = make(before.length + length)
  out.set(before)
  for (let i = 0; i < length; i++) out[before.length + i] = read()
  if (pbf.type === packedType && pbf.pos !== end) throw new RangeError('a list does not end where it says')
  return out
}

const packedType = 2

/** A short list: axes, sizes, dims. */
function integers(pbf: PbfReader, into: number[]): void {
  const end = pbf.readPackedEnd()
  if (!(end <= pbf.length)) throw new RangeError('a list reaches beyond its end')
  while (pbf.pos < end) {
    spend(cost.number)
    into.push(pbf.readVarint(true))
    if (pbf.type !== packedType) return
  }
}

function readTensor(tag: number, t: OnnxTensor, pbf: PbfReader): void {
  if (tag === 1) integers(pbf, t.dims)
  else if (tag === 2) t.dataType = pbf.readVarint()
  else if (tag === 4) t.floats = numbers(pbf, t.floats, floats, () => pbf.readFloat(), 4)
  else if (tag === 5 || tag === 7) t.ints = numbers(pbf, t.ints, floats, () => pbf.readVarint(true), 0)
  else if (tag === 8) t.name = pbf.readString()
  else if (tag === 9) t.raw = pbf.readBytes()
  else if (tag === 10) t.doubles = numbers(pbf, t.doubles, doubles, () => pbf.readDouble(), 8)
  else if (tag === 13) {
    const pair = message(
      pbf,
      (field, into: { key: string; value: string }, reader) => {
        if (field === 1) into.key = reader.readString()
        else if (field === 2) into.value = reader.readString()
      },
      { key: '', value: '' },
    )
    if (pair.key === 'location' || pair.key === 'offset' || pair.key === 'length')
      t.external = { ...t.external, [pair.key]: pair.value }
  }
}

const floats = (length: number) => new Float32Array(length)
const doubles = (length: number) => new Float64Array(length)
const emptyTensor = (): OnnxTensor => ({
  dims: [],
  dataType: 0,
  name: '',
  raw: null,
  floats: floats(0),
  ints: floats(0),
  doubles: new Float64Array(0),
  external: null,
  whole: null,
  turned: null,
})

function readAttribute(tag: number, a: OnnxAttribute, pbf: PbfReader): void {
  if (tag === 1) a.name = pbf.readString()
  else if (tag === 2) a.f = pbf.readFloat()
  else if (tag === 3) a.i = pbf.readVarint(true)
  else if (tag === 4) a.s = pbf.readString()
  else if (tag === 5) a.t = message(pbf, readTensor, emptyTensor(), cost.tensor)
  else if (tag === 7) a.floats.push(...numbers(pbf, floats(0), floats, () => pbf.readFloat(), 4).subarray(0, 1000))
  else if (tag === 8) integers(pbf, a.ints)
  else if (tag === 20) a.type = pbf.readVarint()
}

function readNode(tag: number, n: OnnxNode, pbf: PbfReader): void {
  spend(cost.text)
  if (tag === 1) n.input.push(pbf.readString())
  else if (tag === 2) n.output.push(pbf.readString())
  else if (tag === 3) n.name = pbf.readString()
  else if (tag === 4) n.opType = pbf.readString()
  else if (tag === 7) n.domain = pbf.readString()
  else if (tag === 5) {
    const attribute = message(
      pbf,
      readAttribute,
      { name: '', type: 0, f: 0, i: 0, s: '', t: null, floats: [], ints: [] },
      cost.attribute,
    )
    n.attributes.set(attribute.name, attribute)
  }
}

function readValueInfo(tag: number, v: OnnxValueInfo, pbf: PbfReader): void {
  if (tag === 1) v.name = pbf.readString()
  else if (tag === 2) {
    message(
      pbf,
      (typeTag, value: OnnxValueInfo, type) => {
        if (typeTag !== 1) return
        message(
          type,
          (tensorTag, info: OnnxValueInfo, tensor) => {
            if (tensorTag === 1) info.elementType = tensor.readVarint()
            else if (tensorTag === 2) {
              message(
                tensor,
                (shapeTag, shaped: OnnxValueInfo, shape) => {
                  if (shapeTag !== 1) return
                  const dim = message(
                    shape,
                    (dimTag, into: { value: number | null }, reader) => {
                      if (dimTag === 1) into.value = reader.readVarint(true)
                    },
                    { value: null as number | null },
                  )
                  shaped.dims.push(dim.value !== null && dim.value > 0 ? dim.value : null)
                },
                info,
              )
            }
          },
          value,
        )
      },
      v,
    )
  }
}

function readGraph(tag: number, m: OnnxModel, pbf: PbfReader): void {
  if (tag === 1)
    m.nodes.push(
      message(
        pbf,
        readNode,
        { input: [], output: [], name: '', opType: '', domain: '', attributes: new Map() },
        cost.node,
      ),
    )
  else if (tag === 5) {
    const tensor = message(pbf, readTensor, emptyTensor(), cost.tensor)
    m.initializers.set(tensor.name, tensor)
  } else if (tag === 11) m.inputs.push(message(pbf, readValueInfo, { name: '', dims: [], elementType: 0 }, cost.info))
  else if (tag === 12) m.outputs.push(message(pbf, readValueInfo, { name: '', dims: [], elementType: 0 }, cost.info))
}

/** @throws Error when the bytes are no such message */
export function parseOnnx(bytes: Uint8Array): OnnxModel {
  const model: OnnxModel = {
    opset: 0,
    domains: [],
    producer: '',
    nodes: [],
    initializers: new Map(),
    inputs: [],
    outputs: [],
    metadata: {},
  }
  const pbf = new PbfReader(bytes)
  budget = leastBudget + bytes.length / 2
  pbf.readFields((tag, m: OnnxModel, reader) => {
    if (tag === 2) m.producer = reader.readString()
    else if (tag === 7) message(reader, readGraph, m)
    else if (tag === 8) {
      const set = message(
        reader,
        (field, into: { domain: string; version: number }, r) => {
          if (field === 1) into.domain = r.readString()
          else if (field === 2) into.version = r.readVarint(true)
        },
        { domain: '', version: 0 },
      )
      if (set.domain === '' || set.domain === 'ai.onnx') m.opset = set.version
      else m.domains.push(set.domain)
    } else if (tag === 14) {
      const pair = message(
        reader,
        (field, into: { key: string; value: string }, r) => {
          if (field === 1) into.key = r.readString()
          else if (field === 2) into.value = r.readString()
        },
        { key: '', value: '' },
      )
      m.metadata[pair.key] = pair.value
    }
  }, model)
  if (pbf.pos !== bytes.length) throw new RangeError('it ends in the middle of a part')
  return model
}
