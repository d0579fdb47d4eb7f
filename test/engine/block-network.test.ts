// Every architecture that is known by its tensors as a network of blocks: small, whole, in order, with residuals round their blocks.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { networkSchema } from '#contract/columns/layers.ts'
import { blockNetwork } from '#engine/models/architectures/block-network.ts'
import { recognizeArchitecture } from '#engine/models/registry.ts'

const goldens = z
  .record(z.string(), z.looseObject({ shapes: z.record(z.string(), z.array(z.number())).optional() }))
  .parse(JSON.parse(readFileSync(fileURLToPath(new URL('../golden/architectures.json', import.meta.url)), 'utf8')))
/** Blocks that something goes round, by name of the golden. */
const residuals: Readonly<Record<string, number>> = {
  'cifar-resnet-14b': 4,
  'resnet-18-gn': 5,
  'vgg-11-bn': 0,
  'densenet-121': 58,
  'vit-w128-8': 3,
}

for (const [name, { shapes }] of Object.entries(goldens)) {
  if (!shapes) continue
  test(`${name} is told in blocks: every tensor in one of them, every block fed by an earlier one`, () => {
    const architecture = recognizeArchitecture(new Map(Object.entries(shapes)), 'file')
    const network = networkSchema.parse(blockNetwork(architecture))
    expect(JSON.stringify(network).length).toBeLessThan(60_000)
    const inBlocks = new Set(network.blocks.flatMap(({ ops }) => ops.flatMap(({ tensors }) => tensors)))
    for (const { name: tensor, block } of architecture.tensors) {
      expect(inBlocks.has(tensor), tensor).toBe(true)
      expect(
        network.blocks.some((one) => one.name === block),
        block,
      ).toBe(true)
    }
    for (const { from, to } of network.edges) expect(from).toBeLessThan(to)
    for (let i = 1; i < network.blocks.length; i++)
      expect(
        network.edges.some(({ to }) => to === i),
        network.blocks[i]?.name,
      ).toBe(true)
    const expected = residuals[name]
    if (expected !== undefined) expect(network.edges.filter(({ skips }) => skips)).toHaveLength(expected)
  })
}
