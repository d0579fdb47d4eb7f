// One input, listed, inspected, planned, fingerprinted, and the first steps of it streamed; one line of JSON.
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { fingerprintInput, inspectInput } from '#stream/inputs/inspect.ts'
import { imageNetClasses } from '#stream/inputs/labels.ts'
import { openInput } from '#stream/inputs/open-input.ts'
import { openStream } from '#stream/open-stream.ts'

const path = process.argv[2] as string
const input = { kind: 'folder' as const, path, split: null, domains: 'none' as const, labels: {} }
const folders = { sampleFolder: '' }
const imageNet = await imageNetClasses(fileURLToPath(new URL('../../resources', import.meta.url)))
// Of 224 x 224: the cache of clean images, 256 MiB, is full after 28 of them.
const steps = 120

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now()
  return [await work(), performance.now() - start]
}

const [listing, listMs] = await timed(() => openInput(input, folders))
const images = listing.samples.length
const [, inspectMs] = await timed(() => inspectInput(input, folders, { classes: 1000, classNames: null }, imageNet))
const options = runOptionsSchema.parse({
  input,
  model: { kind: 'sample' },
  batchSize: 64,
  lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
  corruptions: ['contrast', 'brightness'],
})
const [stream, planMs] = await timed(() =>
  openStream(options, {
    sampleFolder: '',
    inputSize: 224,
    modelClasses: 1000,
    classNames: null,
    imageNet,
    workers: 1,
    previewCount: 0,
  }),
)
// The pool's threads do not keep a process alive; whoever waits for them has to.
const awake = setInterval(() => undefined, 1000)
const memory = () => process.memoryUsage().rss / 2 ** 20
let halfwayMiB = 0
for await (const { step } of stream.batches(0)) {
  if (step === steps / 2) halfwayMiB = memory()
  if (step === steps) break
}
const endMiB = memory()
await stream.close()
clearInterval(awake)
const [, fingerprintMs] = await timed(() => fingerprintInput(input, folders))
process.stdout.write(
  `${JSON.stringify({ input: basename(path), images, listMs, inspectMs, planMs, fingerprintMs, peakMiB: process.resourceUsage().maxRSS / 1024, streamedSteps: steps, halfwayMiB, endMiB })}\n`,
)
