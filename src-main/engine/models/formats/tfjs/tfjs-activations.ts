// Activations by Keras' names, from the ops' own tables.
import type { OpName } from '#engine/compute/op.ts'
import type { Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import type { KerasActivation } from '#engine/compute/ops/formats/tfjs.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { ops } from '#engine/compute/ops/registry.ts'

const activations = new Map<string, KerasActivation & { readonly op: OpName }>(
  (Object.entries(ops) as [OpName, OpModule][]).flatMap(([op, { tfjs }]) =>
    Object.entries(tfjs.activations ?? {}).map(([name, activation]) => [name, { op, ...activation }] as const),
  ),
)

/** Adds the activation of that name behind `flow`, called after the node `name`; null when there is none of that name. */
export function activate(network: NetworkBuilder, name: string, kind: string, flow: Flow): Flow | null {
  const known = activations.get(kind)
  if (!known) return null
  const { op, attributes = {}, suffix = op } = known
  return network.add(op, `${name} ${suffix}`, [flow], attributes)
}
