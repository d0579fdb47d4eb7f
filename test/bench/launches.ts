// `npm run bench:launches`: what a step of every method asks of a device, and what that would take on a card by a model: a table for docs/benchmarks.md.
import { methodIds } from '#contract/methods/method-info.ts'
import { countsOf } from '#test/helpers/launch-counts.ts'

/**
 * Milliseconds a launch, its share of uploads and waits included: measured on an H200 before the counts were lowered, ResNet-20 at batch 200 with TF32 off: tent 44 ms
 * for 732 launches, palm 121 ms for 1,305.
 */
const perLaunch = [44 / 732, 121 / 1305] as const

process.stdout.write(
  '| method | processor: launches, uploads, reads | as CUDA | model, ms |\n| --- | --- | --- | --- |\n',
)
const only = process.argv.slice(2)
for (const method of methodIds) {
  // RMT trains on 50,000 images before its first step.
  if (only.length > 0 ? !only.includes(method) : method === 'rmt') continue
  const [cpu, cuda] = [await countsOf(method, false), await countsOf(method, true)]
  const [low, high] = perLaunch.map((ms) => Math.round(ms * cuda.launches))
  process.stdout.write(
    `| ${method} | ${cpu.launches}, ${cpu.uploads}, ${cpu.reads} | ${cuda.launches}, ${cuda.uploads}, ${cuda.reads} | ${low} to ${high} |\n`,
  )
}
