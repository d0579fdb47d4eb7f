// Which image under which corruption comes in which batch: planned before anything is decoded, from ids, labels, options and seed alone. A plan is held as
// numbers, four bytes an image, and spelled out a batch at a time: a million images in fifteen domains are 60 MB.
import { createHash } from 'node:crypto'
import { PalmError } from '#contract/errors.ts'
import type { Domain } from '#contract/tables/report.ts'
import { drawnSchedules, type RunOptions } from '#contract/runs/run-options.ts'
import { NumpyRandom } from './images/random.ts'
import { scheduleDomains, type ScheduledDomain } from './schedule.ts'

export interface PlannedItem {
  readonly sample: number
  readonly distribution: ScheduledDomain
}

export interface PlannedBatch {
  readonly step: number
  readonly domain: number
  readonly images: number
  /** All of its domain's. */
  readonly distributions: readonly ScheduledDomain[]
  /** Made anew each time it is asked for. */
  readonly items: readonly PlannedItem[]
}

/** One domain's images in order, cut into batches. */
class DomainOrder {
  private readonly samples: Int32Array
  private readonly distributions: readonly ScheduledDomain[]
  /** Index into `distributions` for each image; null = all are of the first. */
  private readonly which: Int32Array | null

  constructor(samples: Int32Array, distributions: readonly ScheduledDomain[], which: Int32Array | null) {
    this.samples = samples
    this.distributions = distributions
    this.which = which
  }

  batch(step: number, domain: number, from: number, to: number): PlannedBatch {
    const itemAt = (i: number): PlannedItem => ({
      sample: this.samples[i] as number,
      distribution: this.distributions[this.which?.[i] ?? 0] as ScheduledDomain,
    })
    return {
      step,
      domain,
      images: to - from,
      distributions: this.distributions,
      get items() {
        return Array.from({ length: to - from }, (_, i) => itemAt(from + i))
      },
    }
  }
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
  if (options.imageOrder === 'file' && drawnSchedules.includes(options.schedule))
    throw new PalmError(
      'bad-request',
      `The schedule ${options.schedule} orders the images itself: in the order of the file they come with continual, reset-per-domain, gradual or custom.`,
    )
  const inFileOrder = options.imageOrder === 'file'
  const kept = Array.from({ length: labels.length }, (_, i) => i).filter((sample) => labels[sample] !== leftOut)
  if (drift) return planDrift(kept, labels, options, drift)
  const chosen = chooseSamples(kept, labels, options.limit, options.seed)
  const distributions = scheduleDomains(options)
  const { domains, batches, append, mixed } = newPlan(options.batchSize, options.seed)
  if (options.schedule === 'mixed') {
    mixed(
      distributions,
      distributions.map(() => chosen),
    )
    return { domains, batches }
  }
  for (const [index, distribution] of distributions.entries()) {
    const random = new NumpyRandom(seedFrom(options.seed, 'order', index, distribution.name))
    const order =
      options.schedule === 'correlated'
        ? correlatedOrder(chosen, labels, options.dirichletDelta, random)
        : inFileOrder
          ? chosen
          : random.shuffle([...chosen])
    append(distribution, order)
  }
  return { domains, batches }
}

function newPlan(batchSize: number, seed: number) {
  const domains: Domain[] = []
  const batches: PlannedBatch[] = []
  const add = (name: string, distribution: ScheduledDomain | null, images: number, order: DomainOrder) => {
    const firstStep = batches.length
    for (let at = 0; at < images; at += batchSize)
      batches.push(order.batch(batches.length, domains.length, at, Math.min(images, at + batchSize)))
    domains.push({
      index: domains.length,
      name,
      corruption: distribution?.corruption ?? null,
      severity: distribution?.severity ?? null,
      images,
      steps: batches.length - firstStep,
      firstStep,
    })
  }
  const append = (distribution: ScheduledDomain, samples: readonly number[]) =>
    add(
      distribution.name,
      distribution,
      samples.length,
      new DomainOrder(Int32Array.from(samples), [distribution], null),
    )
  /** The samples of all distributions shuffled into one domain. */
  const mixed = (distributions: readonly ScheduledDomain[], samplesOf: readonly (readonly number[])[]) => {
    const images = samplesOf.reduce((sum, samples) => sum + samples.length, 0)
    const [all, from] = [new Int32Array(images), new Int32Array(images)]
    let at = 0
    for (const [index, samples] of samplesOf.entries()) {
      all.set(samples, at)
      from.fill(index, at, at + samples.length)
      at += samples.length
    }
    const order = new NumpyRandom(seedFrom(seed, 'mixed')).shuffle(new Int32Array(images).map((_, i) => i))
    add(
      'mixed',
      null,
      images,
      new DomainOrder(
        order.map((i) => all[i] as number),
        distributions,
        order.map((i) => from[i] as number),
      ),
    )
  }
  return { domains, batches, append, mixed }
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
function planDrift(
  kept: readonly number[],
  labels: ArrayLike<number>,
  options: RunOptions,
  { names, domainOf, ordered }: Drift,
): Plan {
  if (options.schedule === 'gradual' || options.schedule === 'custom')
    throw new PalmError(
      'bad-request',
      `The schedule ${options.schedule} orders corruptions, and these images have domains of their own. Use continual, reset-per-domain, mixed or correlated.`,
    )
  const { domains, batches, append, mixed } = newPlan(options.batchSize, options.seed)
  const grouped = Map.groupBy(kept, domainOf)
  const distribution = (name: string): ScheduledDomain => ({ name, corruption: null, severity: null })
  const chosenOf = (index: number) => chooseSamples(grouped.get(index) ?? [], labels, options.limit, options.seed)
  if (options.schedule === 'mixed') {
    mixed(
      names.map(distribution),
      names.map((_, index) => chosenOf(index)),
    )
    return { domains, batches }
  }
  for (let cycle = 0; cycle < options.cycles; cycle++) {
    for (const [index, name] of names.entries()) {
      const chosen = chosenOf(index)
      const shown = cycle === 0 ? name : `${name} #${cycle + 1}`
      const random = new NumpyRandom(seedFrom(options.seed, 'order', index, shown))
      const order =
        ordered || options.imageOrder === 'file'
          ? chosen
          : options.schedule === 'correlated'
            ? correlatedOrder(chosen, labels, options.dirichletDelta, random)
            : random.shuffle([...chosen])
      append(distribution(shown), order)
    }
  }
  return { domains, batches }
}

/** A seeded choice with equal numbers per class as far as they go; all samples when there is no limit. Sorted. */
function chooseSamples(
  all: readonly number[],
  labels: ArrayLike<number>,
  limit: number | null,
  seed: number,
): number[] {
  if (limit === null || limit >= all.length) return [...all]
  const random = new NumpyRandom(seedFrom(seed, 'limit'))
  const byClass = [...Map.groupBy(all, (sample) => labels[sample] as number).entries()]
    .sort((a, b) => a[0] - b[0])
    .map(([, samples]) => random.shuffle(samples))
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
function correlatedOrder(
  chosen: readonly number[],
  labels: ArrayLike<number>,
  delta: number,
  random: NumpyRandom,
): number[] {
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
