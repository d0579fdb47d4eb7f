// Softmax and its logarithm over the last axis: short rows by a thread each, long ones by a work group.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { eachElement, groupsFor, groupsOf, kept, kernel } from '#engine/compute/webgpu/runtime/kernel.ts'
import { mustBeFloat } from './elementwise.ts'
import { exponential, logarithm, mergeTree } from './maths.ts'

/** Columns that one thread takes alone. */
const shortRow = 32
const lanes = 64
const parameters = { count: 'u32', columns: 'u32' } as const
const result = (log: boolean) =>
  log ? 'x[k] - largest - natural_logarithm(sum)' : 'natural_exponential(x[k] - largest) / sum'
const name = (log: boolean) => (log ? 'logarithm of softmax' : 'softmax')

const shortKernel = kept((log: boolean) =>
  kernel({
    name: `${name(log)}, short rows`,
    parameters,
    reads: ['x: f32'],
    writes: ['y: f32'],
    body: `${exponential}${log ? logarithm : ''}
${eachElement('p.count', lanes)}
  let first = i * p.columns;
  let end = first + p.columns;
  var largest = x[first];
  for (var k = first + 1u; k < end; k = k + 1u) { largest = max(largest, x[k]); }
  var sum = 0.0;
  for (var k = first; k < end; k = k + 1u) { sum = sum + natural_exponential(x[k] - largest); }
  for (var k = first; k < end; k = k + 1u) { y[k] = ${result(log)}; }
}`,
  }),
)

const longKernel = kept((log: boolean) =>
  kernel({
    name: `${name(log)}, long rows`,
    parameters,
    reads: ['x: f32'],
    writes: ['y: f32'],
    body: `${exponential}${log ? logarithm : ''}
var<workgroup> gathered: array<f32, ${lanes}>;
fn added(a: f32, b: f32) -> f32 { return a + b; }
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= p.count) { return; }
  let first = i * p.columns;
  let end = first + p.columns;
  var own = x[first];
  for (var k = first + local; k < end; k = k + ${lanes}u) { own = max(own, x[k]); }
  gathered[local] = own;${mergeTree(lanes, '1u', 'max')}
  let largest = gathered[0];
  workgroupBarrier();
  var part = 0.0;
  for (var k = first + local; k < end; k = k + ${lanes}u) { part = part + natural_exponential(x[k] - largest); }
  gathered[local] = part;${mergeTree(lanes, '1u', 'added')}
  let sum = gathered[0];
  for (var k = first + local; k < end; k = k + ${lanes}u) { y[k] = ${result(log)}; }
}`,
  }),
)

export function softmaxKernels(call: WebGpuCaller) {
  function softmax(x: DeviceTensor, log: boolean): DeviceTensor {
    mustBeFloat(name(log), x)
    const columns = x.shape.at(-1) ?? 1
    const count = elementCount(x.shape) / columns
    const short = columns <= shortRow
    const groups = short ? groupsFor(count, lanes) : groupsOf(count)
    return call.make((short ? shortKernel : longKernel)(log), [x], x.shape, { count, columns }, groups)
  }
  return {
    softmax: (x) => softmax(x, false),
    logSoftmax: (x) => softmax(x, true),
  } satisfies Partial<Device>
}
