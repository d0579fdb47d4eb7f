// What the native binding of @tensorflow/tfjs-node-gpu looks like from here, and the attributes of kernels as its calls want them.

export interface Attribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

interface TensorMetadata {
  readonly id: number
  readonly shape: number[]
  readonly dtype: number
}

export interface Binding {
  createTensor(shape: readonly number[], dtype: number, data: Float32Array | Int32Array | Uint8Array): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[]
  isUsingGpuDevice(): boolean
  TF_Version: string
}

// TensorFlow's C API: TF_DataType and TF_AttrType.
export const FLOAT = 1
export const INT32 = 3
export const UINT8 = 4
const ATTR_STRING = 0
const ATTR_INT = 1
const ATTR_FLOAT = 2
const ATTR_BOOL = 3
const ATTR_TYPE = 4

export const string = (name: string, value: string): Attribute => ({ name, type: ATTR_STRING, value })
export const ints = (name: string, value: readonly number[]): Attribute => ({ name, type: ATTR_INT, value })
export const int = (name: string, value: number): Attribute => ({ name, type: ATTR_INT, value })
export const float = (name: string, value: number): Attribute => ({ name, type: ATTR_FLOAT, value })
export const bool = (name: string, value: boolean): Attribute => ({ name, type: ATTR_BOOL, value })
export const type = (name: string, value: number): Attribute => ({ name, type: ATTR_TYPE, value })
export const noAttributes: readonly Attribute[] = []
