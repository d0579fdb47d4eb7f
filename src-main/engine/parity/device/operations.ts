// Every operation of a device against plain loops in double precision, on small tensors: what a device must pass before numbers are taken from it. A list
// that misses an operation of `Device` does not compile.
import { elementCases } from './element-cases.ts'
import { layerCases } from './layer-cases.ts'
import type { DeviceOperation, OperationCase } from './operation-case.ts'
import { viewCases } from './view-cases.ts'

export const operations: Readonly<Record<DeviceOperation, readonly OperationCase[]>> = {
  ...layerCases,
  ...elementCases,
  ...viewCases,
}
