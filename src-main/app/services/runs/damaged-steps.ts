// Steps whose stored predictions cannot be read: they are in no number, and that is said. A class that the model does not have is no answer of it.
import type { Coverage } from '#contract/runs/images.ts'
import type { PredictedStep } from '#store/tables/predictions-table.ts'

export class DamagedSteps {
  private count = 0
  private first: number | null = null

  look({ step, damage }: PredictedStep): void {
    if (damage === null) return
    this.count += 1
    this.first ??= step
  }

  get told(): Coverage['damaged'] {
    return this.first === null ? null : { steps: this.count, first: this.first }
  }
}

const beyond = (values: ArrayLike<number>, classes: number): boolean => {
  for (let i = 0; i < values.length; i++) if ((values[i] as number) >= classes) return true
  return false
}

/** Without what names a class that the model does not have: all of the step where a label does, else the lane that does. */
export function withinClasses(step: PredictedStep, classes: number): PredictedStep {
  if (beyond(step.labels, classes))
    return { ...step, images: 0, samples: [], labels: [], positions: [], lanes: new Map(), damage: 'a label' }
  const wrong = [...step.lanes].filter(([, own]) => beyond(own.classes, classes)).map(([lane]) => lane)
  if (wrong.length === 0) return step
  return {
    ...step,
    lanes: new Map([...step.lanes].filter(([lane]) => !wrong.includes(lane))),
    unread: [...step.unread, ...wrong],
    damage: wrong.join(),
  }
}
