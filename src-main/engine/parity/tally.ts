// Largest deviations by method, mode and quantity, against their limits: the usual ones, or a folder's own.
import { z } from 'zod'

/** `step`: one step from the stored state. `chain`: all steps from the model. */
export type Mode = 'step' | 'chain'

export interface ParityRow {
  readonly method: string
  readonly mode: Mode
  readonly quantity: string
  readonly largest: number
  readonly limit: number
  readonly over: boolean
  /** Where the largest one was. */
  readonly where: string
}

/** The fixture's README, "Comparing": one step; the chain has 1e-3 for logits and ten times the other limits. Exact: 0. */
const oneStep = { logits: 1e-4, losses: 1e-5, relative: 1e-3, parameters: 1e-3, exact: 0 } as const
type LimitKind = keyof typeof oneStep
export type Limits = Readonly<Record<LimitKind, number>>

const limit = z.number().positive().finite().optional()
const some = z.strictObject({ logits: limit, losses: limit, relative: limit, parameters: limit }).optional()
/** What a folder's index.json may state for itself. Decisions (what is selected, kept, predicted) must agree exactly in every folder. */
export const limitsSchema = z.strictObject({ step: some, chain: some }).optional()
export type OwnLimits = z.output<typeof limitsSchema>

const usual = (mode: Mode): Limits => {
  const scale = mode === 'chain' ? 10 : 1
  const { logits, losses, relative, parameters, exact } = oneStep
  return {
    logits: logits * scale,
    losses: losses * scale,
    relative: relative * scale,
    parameters: parameters * scale,
    exact,
  }
}

/** The folder's own where it states one, else `others`. */
export function limitsOf(mode: Mode, own: OwnLimits, others: Limits = usual(mode)): Limits {
  const stated = Object.entries(own?.[mode] ?? {}).filter(([, value]) => value !== undefined)
  return { ...others, ...Object.fromEntries(stated) }
}

export class Tally {
  private readonly rows = new Map<string, ParityRow>()
  private readonly method: string
  private readonly mode: Mode
  readonly limits: Limits

  constructor(method: string, mode: Mode, limits: Limits) {
    this.method = method
    this.mode = mode
    this.limits = limits
  }

  add(quantity: string, kind: LimitKind, deviation: number, where: string): void {
    const before = this.rows.get(quantity)
    const size = Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : deviation
    if (before && before.largest >= size) return
    const bound = this.limits[kind]
    this.rows.set(quantity, {
      method: this.method,
      mode: this.mode,
      quantity,
      largest: size,
      limit: bound,
      over: size > bound,
      where,
    })
  }

  relative(quantity: string, kind: LimitKind, ours: number, theirs: number, where: string): void {
    this.add(quantity, kind, Math.abs(ours - theirs) / Math.max(Math.abs(theirs), 1e-12), where)
  }

  list(): ParityRow[] {
    return [...this.rows.values()]
  }
}

/** Largest absolute difference; infinite when the sizes differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number))
    if (!(difference <= largest)) largest = difference
  }
  return largest
}

/** Share of the elements that differ by more than 1e-5. */
export function shareOff(pairs: readonly (readonly [ArrayLike<number>, ArrayLike<number>])[]): number {
  let off = 0
  let all = 0
  for (const [a, b] of pairs) {
    if (a.length !== b.length) return Number.POSITIVE_INFINITY
    all += a.length
    for (let i = 0; i < a.length; i++) if (!(Math.abs((a[i] as number) - (b[i] as number)) <= 1e-5)) off += 1
  }
  return all > 0 ? off / all : 0
}
