// Puts a convolution into a network that is read, or says what is wrong with it.
import type { AttributeValue } from '#engine/compute/op.ts'
import {
  asRow,
  type FileTensor,
  type Flow,
  type NamedTensor,
  type NetworkBuilder,
} from '#engine/compute/ops/formats/network.ts'

export interface ConvSettings {
  readonly stride: number
  readonly padding: AttributeValue
  readonly dilation: number
  readonly groups: number
}

/** weight [out, in / groups, k, k]. @throws PalmError `model-unsupported` */
export function addConv(
  network: NetworkBuilder,
  name: string,
  input: Flow,
  weightName: string,
  weight: FileTensor,
  bias: NamedTensor | null,
  { stride, padding, dilation, groups }: ConvSettings,
): Flow {
  const [out = 0, perGroup = 0, kh = 0, kw = 0] = weight.shape
  const refused = (what: string) => network.refused(`the convolution ${name} ${what}`)
  if (input.rank !== 4 || weight.shape.length !== 4) throw refused('is not two-dimensional')
  if (!(groups >= 1)) throw refused(`has ${groups} groups`)
  if (kh !== kw) throw refused(`has a kernel of ${kh} x ${kw}, and only square ones are taken`)
  if (input.channels !== null && perGroup * groups !== input.channels)
    throw refused(`takes ${perGroup * groups} channels where ${input.channels} come in`)
  if (out % groups !== 0) throw refused(`has ${out} outputs in ${groups} groups`)
  const params: Record<string, string> = { weight: network.tensor(weightName, 'conv', weight) }
  if (bias) params.bias = network.tensor(bias.name, 'conv-bias', asRow(bias.value))
  const attributes = {
    stride,
    padding,
    ...(groups === 1 ? {} : { groups }),
    ...(dilation === 1 ? {} : { dilation }),
  }
  return network.add('conv2d', name, [input], attributes, params, { channels: out })
}
