// What the stage says in plain words, for eyes and for ears: seldom enough to be read.
import type { ClassPrediction } from '#contract/webcam.ts'
import { captionOf, type Saying, type Situation } from '#renderer/lib/webcam/stage-caption.ts'
import { language, strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { StageNumbers } from './stage-numbers.svelte.ts'
import { stageState } from './stage-recovery.svelte.ts'
import type { Webcam } from './webcam.svelte.ts'

const captionEveryMs = 1500

export class StageWords {
  caption = $state('')
  /** The same for ears: when the picture changes, not with each step. */
  announced = $state('')
  private captionAt = Number.NEGATIVE_INFINITY
  private announcedAbout = ''
  private spoken = ''

  /** Something changed: what is said next is said after `waitMs`, however short the last words have stood. */
  retell(now: number, waitMs: number): void {
    this.captionAt = now - captionEveryMs + waitMs
  }

  tell(webcam: Webcam, numbers: StageNumbers, now: number): void {
    if (now - this.captionAt < captionEveryMs && this.spoken === language()) return
    this.spoken = language()
    const caption = captionOf(situation(webcam, numbers), strings.stage)
    if (caption !== this.caption) this.captionAt = now
    this.caption = caption
    const about = `${this.spoken} ${webcam.phase} ${webcam.source.lost} ${numbers.shownWith} ${webcam.truth.current}`
    if (about !== this.announcedAbout) this.announced = caption
    this.announcedAbout = about
  }
}

/** What the model that runs calls it. */
export function classNameOf(webcam: Webcam, index: number): string {
  return webcam.classNames[index] ?? strings.charts.classOf(index)
}

function situation(webcam: Webcam, numbers: StageNumbers): Situation {
  const saying = ([first]: readonly ClassPrediction[]): Saying | null =>
    first ? { name: classNameOf(webcam, first.index), probability: first.probability } : null
  const truth = webcam.truth.current
  const { total } = numbers
  return {
    state: stageState(webcam),
    corruption: webcam.settings.corruption,
    trained: saying(numbers.trained),
    adapting: saying(numbers.adapting),
    steps: numbers.stepsSinceChange,
    truth:
      truth === null ? null : { name: classNameOf(webcam, truth), trained: total.unadapted, adapting: total.adapted },
  }
}
