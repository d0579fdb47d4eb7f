// What a kernel is: WGSL text with a fixed way of being called. Binding 0 holds its numbers, then come the tensors that it reads, then those that it writes.

type Scalar = 'u32' | 'i32' | 'f32'
export type Parameters = Readonly<Record<string, Scalar>>

export interface Kernel<P extends Parameters = Parameters> {
  readonly name: string
  readonly code: string
  readonly reads: number
  readonly writes: number
  /** In the order in which they lie in the uniform buffer; 64 at most. */
  readonly parameters: P
}

interface KernelText<P extends Parameters> {
  readonly name: string
  readonly parameters: P
  /** `name: element type` of each tensor. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** Functions and `main`; its numbers are `p.NAME`. */
  readonly body: string
}

/** Numbers a slot of the uniform ring holds. */
export const mostParameters = 64

export function kernel<const P extends Parameters>({
  name,
  parameters,
  reads,
  writes,
  body,
}: KernelText<P>): Kernel<P> {
  const fields = Object.entries(parameters).map(([field, type]) => `  ${field}: ${type},`)
  if (fields.length > mostParameters) throw new RangeError(`${name} has ${fields.length} numbers`)
  const tensors = [
    ...reads.map((one, i) => binding(i + 1, 'read', one)),
    ...writes.map((one, i) => binding(reads.length + i + 1, 'read_write', one)),
  ]
  const code = [
    'struct Parameters {',
    ...fields,
    '}',
    '@group(0) @binding(0) var<uniform> p: Parameters;',
    ...tensors,
    body,
  ].join('\n')
  return { name, code, reads: reads.length, writes: writes.length, parameters }
}

function binding(place: number, access: string, tensor: string): string {
  const [name, type] = tensor.split(': ')
  return `@group(0) @binding(${place}) var<storage, ${access}> ${name}: array<${type}>;`
}

/** `make`, called once for each list of arguments. */
export function kept<A extends readonly (string | number | boolean)[], R>(
  make: (...given: A) => R,
): (...given: A) => R {
  const made = new Map<string, R>()
  return (...given) => {
    const key = given.join('|')
    let result = made.get(key)
    if (result === undefined) made.set(key, (result = make(...given)))
    return result
  }
}

export const threads = 256

/** The head of `main` for kernels with one thread an element: `i` is its number; more groups than one axis holds go on in the second. */
export const eachElement = (count: string, size = threads): string => `
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let i = (group.y * groups.x + group.x) * ${size}u + local;
  if (i >= ${count}) { return; }`

export type Groups = readonly [x: number, y: number, z: number]
const mostGroups = 65535

/** `count` work groups, in two axes where one does not hold them: a kernel leaves those beyond. */
export function groupsOf(count: number): Groups {
  if (count <= mostGroups) return [count, 1, 1]
  const rows = Math.ceil(count / mostGroups)
  return [Math.ceil(count / rows), rows, 1]
}

export const groupsFor = (elements: number, size = threads): Groups => groupsOf(Math.ceil(elements / size))
