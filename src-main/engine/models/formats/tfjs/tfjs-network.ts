// A TensorFlow.js model as a graph of ours: ops of a converted TensorFlow graph (tfjs-graph.ts), or layers of Keras (tfjs-layers.ts).
import type { ImportedArchitecture } from '#engine/models/imported-network.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { bytesNormalization, signedNormalization } from '#engine/models/normalization.ts'
import { TfjsGraphReader } from './tfjs-graph.ts'
import { TfjsLayersReader } from './tfjs-layers.ts'
import type { TfjsFile } from './tfjs.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'

/** Models that scale bytes by themselves; of others, which say nothing, most were trained on pixels in [-1, 1]. */
const scaling = new Set(['Rescaling', 'Normalization'])

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the op or layer */
export function tfjsNetwork(
  { topology }: TfjsFile,
  fileName: string,
  weights: ReadonlyMap<string, FileTensor>,
  normalization: ModelNormalization | null,
): ImportedArchitecture {
  if (topology.kind === 'graph') return new TfjsGraphReader(topology.nodes, fileName, weights, normalization).read()
  const scales = topology.layers.some(({ class_name: kind }) => scaling.has(kind))
  return new TfjsLayersReader(
    topology,
    fileName,
    weights,
    normalization ?? (scales ? bytesNormalization : signedNormalization),
  ).read()
}
