// Which image under which corruption comes in which batch: planned before anything is decoded, from ids, labels, options and seed alone.
import { createHash } from 'node:crypto'
import { PalmError } from '../contract/errors.ts'
import type { Domain } from '../contract/report.ts'
import type { RunOptions } from '../contract/run-options.ts'
import { NumpyRandom } from './images/random.ts'
import { scheduleDomains, type ScheduledDomain } from './schedule.ts'

export interface PlannedItem {
  readonly sample: number
  readonly distribution: ScheduledDomain
}

export interface PlannedBatch {
  readonly step: number
  readonly domain: number
  readonly items: readonly PlannedItem[]
}

export interface Plan {
  readonly domains: readonly Domain[]
  readonly batches: readonly PlannedBatch[]
}

/** A 32-bit seed from words: the same on every machine. */
export function seedFrom(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(parts.join('\u0000')).digest().readUInt32LE(0)
}

/** `labels[i]` is sample i's class, -1 without one. Every domain streams the same chosen samples in an order of its own. */
export function planBatches(labels: ArrayLike<number>, options: RunOptions, drift: Drift | null = null): Plan {
  const kept = Array.from({ length: labels.length }, (_, i) => i).filter((sample) => labels[sample] !== leftOut)
  if (drift) return planDrift(kept, labels, options, drift)
  const chosen = chooseSamples(kept, labels, options.limit, options.seed)
  const distributions = scheduleDomains(options)
  const { domains, batches, append } = newPlan(options.batchSize)
  if (options.schedule === 'mixed') {
    const all = distributions.flatMap((distribution) => chosen.map((sample) => ({ sample, distribution })))
    append('mixed', null, new NumpyRandom(seedFrom(options.seed, 'mixed')).shuffle(all))
    return { domains, batches }
  }
  for (const [index, distribution] of distributions.entries()) {
    const random = new NumpyRandom(seedFrom(options.seed, 'order', index, distribution.name))
    const order = options.schedule === 'correlated' ? correlatedOrder(chosen, labels, options.dirichletDelta, random) : random.shuffle([...chosen])
    append(distribution.name, distribution, order.map((sample) => ({ sample, distribution })))
  }
  return { domains, batches }
}

function newPlan(batchSize: number) {
  const domains: Domain[] = []
  const batches: PlannedBatch[] = []
  const append = (name: string, distribution: ScheduledDomain | null, items: readonly PlannedItem[]) => {
    const firstStep = batches.length
    for (let at = 0; at < items.length; at += batchSize) batches.push({ step: batches.length, domain: domains.length, items: items.slice(at, at + batchSize) })
    domains.push({ index: domains.length, name, corruption: distribution?.corruption ?? null, severity: distribution?.severity ?? null, images: items.length, steps: batches.length - firstStep, firstStep })
  }
  return { domains, batches, append }
}

/** Of a sample whose class the user left out; -1 is one without a label. */
export const leftOut = -2

/** Real drift: which domain each sample is of. `ordered`: they come as they came in the world. */
export interface Drift {
  readonly names: readonly string[]
  readonly domainOf: (sample: number) => number
  readonly ordered: boolean
}

/** Each domain has its own images, uncorrupted. The limit is per domain. */
function planDrift(kept: readonly number[], labels: ArrayLike<number>, options: RunOptions, { names, domainOf, ordered }: Drift): Plan {
  if (options.schedule === 'gradual' || options.schedule === 'custom') throw new PalmError('bad-request', `The schedule ${options.schedule} orders corruptions, and these images have domains of their own. Use continual, reset-per-domain, mixed or correlated.`)
  const { domains, batches, append } = newPlan(options.batchSize)
  const grouped = Map.groupBy(kept, domainOf)
  const distribution = (name: string): ScheduledDomain => ({ name, corruption: null, severity: null })
  const chosenOf = (index: number) => chooseSamples(grouped.get(index) ?? [], labels, options.limit, options.seed)
  if (options.schedule === 'mixed') {
    const all = names.flatMap((name, index) => chosenOf(index).map((sample) => ({ sample, distribution: distribution(name) })))
    append('mixed', null, new NumpyRandom(seedFrom(options.seed, 'mixed')).shuffle(all))
    return { domains, batches }
  }
  for (let cycle = 0; cycle < options.cycles; cycle++) {
    for (const [index, name] of names.entries()) {
      const chosen = chosenOf(index)
      const shown = cycle === 0 ? name : `${name} #${cycle + 1}`
      const random = new NumpyRandom(seedFrom(options.seed, 'order', index, shown))
      const order = ordered ? chosen : options.schedule === 'correlated' ? correlatedOrder(chosen, labels, options.dirichletDelta, random) : random.shuffle([...chosen])
      append(shown, distribution(shown), order.map((sample) => ({ sample, distribution: distribution(shown) })))
    }
  }
  return { domains, batches }
}

/** A seeded choice with equal numbers per class as far as they go; all samples when there is no limit. Sorted. */
export function chooseSamples(all: readonly number[], labels: ArrayLike<number>, limit: number | null, seed: number): number[] {
  if (limit === null || limit >= all.length) return [...all]
  const random = new NumpyRandom(seedFrom(seed, 'limit'))
  const byClass = [...Map.groupBy(all, (sample) => labels[sample] as number).entries()].sort((a, b) => a[0] - b[0]).map(([, samples]) => random.shuffle(samples))
  const chosen: number[] = []
  for (let round = 0; chosen.length < limit; round++) {
    for (const samples of byClass) {
      const sample = samples[round]
      if (sample !== undefined && chosen.length < limit) chosen.push(sample)
    }
  }
  return chosen.sort((a, b) => a - b)
}

/**
 * Labels ordered by a Dirichlet draw, as in the correlated protocols (Gong et al., NeurIPS 2022): the domain is cut into as many slots as
 * there are classes, each class spreads over the slots by Dirichlet(delta), and the slots follow one another. Small delta = strongly ordered.
 */
function correlatedOrder(chosen: readonly number[], labels: ArrayLike<number>, delta: number, random: NumpyRandom): number[] {
  const classes = [...Map.groupBy(chosen, (sample) => labels[sample] as number).entries()].sort((a, b) => a[0] - b[0])
  const slots: number[][] = classes.map(() => [])
  for (const [, samples] of classes) {
    const shuffled = random.shuffle([...samples])
    const shares = dirichlet(slots.length, delta, random)
    let at = 0
    let share = 0
    for (const [slot, target] of slots.entries()) {
      share += shares[slot] as number
      const end = slot === slots.length - 1 ? shuffled.length : Math.round(share * shuffled.length)
      target.push(...shuffled.slice(at, Math.max(at, end)))
      at = Math.max(at, end)
    }
  }
  return slots.flatMap((slot) => {
    const byLabel = [...Map.groupBy(slot, (sample) => labels[sample] as number).values()]
    return random.shuffle(byLabel).flat()
  })
}

function dirichlet(n: number, delta: number, random: NumpyRandom): number[] {
  const logs = Array.from({ length: n }, () => logGammaDraw(delta, random))
  const max = Math.max(...logs)
  const weights = logs.map((log) => Math.exp(log - max))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** The logarithm of a Gamma(shape) draw (Marsaglia & Tsang, 2000): tiny shapes underflow otherwise. */
function logGammaDraw(shape: number, random: NumpyRandom): number {
  if (shape < 1) return logGammaDraw(shape + 1, random) + Math.log(1 - random.random()) / shape
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.gauss()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v)
  }
}
