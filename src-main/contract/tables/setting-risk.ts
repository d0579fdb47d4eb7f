// Which settings of a method do harm on a stream without labels: a guess, OURS (docs/palm-auto.md says how often it was right). Pure. Two things, both of which
// answers show by themselves: how unsure they are, which falls as long as adapting helps and goes on falling when it does harm; and how much less varied than
// BN-1's on the same batches, which rises exactly where harm begins, because too bold a setting forgets classes first.

export interface Answered {
  readonly classes: ArrayLike<number>
  /** 0..1. */
  readonly confidences: ArrayLike<number>
}

export interface SettingRisk {
  /** `unsurePct` + 3 `lessVariedPct`. */
  readonly riskPct: number
  /** 100 less the mean confidence. */
  readonly unsurePct: number
  /** By how much the entropy of a batch's predicted classes is below that of BN-1's, in per cent of the most that it can be. */
  readonly lessVariedPct: number
}

/** With it risks were in the order of errors on three streams (docs/palm-auto.md); 1 and 2 let too bold settings pass, 4 the timid ones win. */
const weightOfVariety = 3

/** Entropy of the answers' classes, as a share of the most that there can be. */
function variety(answers: ArrayLike<number>, classes: number): number {
  const counts = new Map<number, number>()
  for (const answer of Array.from(answers)) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  const most = Math.log(Math.min(classes, answers.length))
  if (!(most > 0)) return 0
  return [...counts.values()].reduce((sum, n) => sum - (n / answers.length) * Math.log(n / answers.length), 0) / most
}

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0)

export class SettingRisks {
  private readonly classes: number
  private readonly confidence: number[]
  private readonly lost: number[]
  images = 0

  /** `settings`: how many; `classes`: of the model. */
  constructor(settings: number, classes: number) {
    this.classes = classes
    this.confidence = new Array<number>(settings).fill(0)
    this.lost = new Array<number>(settings).fill(0)
  }

  /** What BN-1 and each setting answered to one batch. */
  add(unadapted: Answered, settings: readonly Answered[]): void {
    const images = unadapted.classes.length
    const usual = variety(unadapted.classes, this.classes)
    for (const [i, { classes, confidences }] of settings.entries()) {
      this.confidence[i] = (this.confidence[i] ?? 0) + sumOf(confidences)
      this.lost[i] = (this.lost[i] ?? 0) + images * (usual - variety(classes, this.classes))
    }
    this.images += images
  }

  /** In the settings' order; empty before the first batch. */
  result(): SettingRisk[] {
    if (this.images === 0) return []
    return this.confidence.map((confidence, i) => {
      const unsurePct = 100 - (100 * confidence) / this.images
      // More variety than BN-1's is no harm, and no merit.
      const lessVariedPct = Math.max(0, (100 * (this.lost[i] as number)) / this.images)
      return { riskPct: unsurePct + weightOfVariety * lessVariedPct, unsurePct, lessVariedPct }
    })
  }
}
