// What a model says of the last moment instead of the last frame: probabilities averaged over the answers of a short time, so that big letters do not flicker. Pure.
import type { ClassPrediction } from '#contract/webcam.ts'

const keptMs = 1200

export class SteadyPredictions {
  private answers: { readonly at: number; readonly predictions: readonly ClassPrediction[] }[] = []

  push(predictions: readonly ClassPrediction[], at: number): void {
    this.answers.push({ at, predictions })
    while (this.answers.length > 1 && (this.answers[0]?.at ?? at) < at - keptMs) this.answers.shift()
  }

  /** Most likely first. A class that an answer does not name counts as 0 there, which it nearly is. */
  top(count: number): ClassPrediction[] {
    const sums = new Map<number, number>()
    for (const { predictions } of this.answers)
      for (const { index, probability } of predictions) sums.set(index, (sums.get(index) ?? 0) + probability)
    return [...sums]
      .map(([index, sum]) => ({ index, probability: sum / this.answers.length }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index)
      .slice(0, count)
  }

  clear(): void {
    this.answers = []
  }
}
