// The line that says in plain words what is happening on the stage. Says “sure”, never “right”, unless somebody said what is really in view. Pure.
import type { CorruptionName } from '#contract/inputs/corruption.ts'
import { percent } from '#renderer/lib/text/format.ts'
import type { Strings } from '#renderer/lib/strings/en/en.ts'

export interface Saying {
  readonly name: string
  readonly probability: number
}

export interface Situation {
  readonly state: 'starting' | 'lost' | 'broken' | 'running'
  readonly corruption: CorruptionName | null
  readonly trained: Saying | null
  readonly adapting: Saying | null
  /** Adaptation steps since the picture changed. */
  readonly steps: number
  /** What is truly in view, and how often each was right in the last minute. */
  readonly truth: { readonly name: string; readonly trained: number | null; readonly adapting: number | null } | null
}

/** From here on a model counts as sure, and a difference as one. */
const sureFrom = 0.5
const difference = 0.1
/** Steps that the second model gets before it is judged. */
const patience = 3

export function captionOf(
  { state, corruption, trained, adapting, steps, truth }: Situation,
  text: Strings['stage'],
): string {
  const { captions } = text
  if (state !== 'running') return captions[state]
  if (!trained || !adapting) return captions.starting
  const happened = corruption === null ? '' : `${text.happened[corruption]} `
  if (truth && truth.trained !== null && truth.adapting !== null)
    return happened + captions.counted(truth.name, percent(truth.trained, 0), percent(truth.adapting, 0))
  const [sure, ownSure] = [trained.probability >= sureFrom, adapting.probability >= sureFrom]
  const same = trained.name === adapting.name
  if (corruption === null)
    return !sure && !ownSure
      ? captions.cleanUnsure
      : same
        ? captions.cleanSeen(trained.name)
        : captions.cleanDiffer(trained.name, adapting.name)
  const done = text.learned(steps)
  if (steps < patience)
    return happened + (sure ? captions.begins(trained.name, percent(trained.probability, 0)) : captions.beginsUnsure)
  if (adapting.probability < trained.probability - difference) return happened + captions.worse(done)
  if (!sure && !ownSure) return happened + captions.bothUnsure(done)
  if (!same) return happened + captions.differ(trained.name, adapting.name, done)
  if (!sure || adapting.probability > trained.probability + difference)
    return happened + captions.helps(percent(trained.probability, 0), done, percent(adapting.probability, 0))
  return happened + captions.even(trained.name, done)
}
