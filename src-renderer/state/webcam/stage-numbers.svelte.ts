// What the stage shows of the answers: what both models say, how often each was right in the last minute, how many steps were made, and which layers move.
import type { ClassPrediction, WebcamAnswer } from '#contract/webcam.ts'
import { blockLights, type BlockLight } from '#renderer/lib/layers/layer-lights.ts'
import { MinuteRecord, type MinutePoint } from '#renderer/lib/webcam/minute-record.ts'
import { SteadyPredictions } from '#renderer/lib/webcam/steady-predictions.ts'
import type { Webcam } from './webcam.svelte.ts'

export class StageNumbers {
  trained = $state.raw<readonly ClassPrediction[]>([])
  adapting = $state.raw<readonly ClassPrediction[]>([])
  minute = $state.raw<readonly MinutePoint[]>([])
  /** How often each was right in the last minute; null without a truth. */
  total = $state.raw<Omit<MinutePoint, 'secondsAgo'>>({ unadapted: null, adapted: null, agreement: null })
  lights = $state.raw<readonly BlockLight[]>([])
  /** Adaptation steps since the weights were the model's. */
  steps = $state(0)
  /** The classes seen last, likely ones first: what a visitor may want to pick. */
  seen = $state.raw<readonly number[]>([])
  /** Corruption and severity of the last answer. */
  shownWith = ''
  private readonly steady = { trained: new SteadyPredictions(), adapting: new SteadyPredictions() }
  private readonly record = new MinuteRecord()
  /** How many steps had been made when the run was taken up, when all went back, and when the picture changed. */
  private stepsAt = { run: 0, reset: 0, change: 0 }
  private lastSteps = 0
  private lightsOf = -1
  private toldSecond = -1

  /** Adaptation steps since the picture changed. */
  get stepsSinceChange(): number {
    return Math.max(0, this.lastSteps - this.stepsAt.change)
  }

  /** Another connection counts its steps anew; what was seen stays. */
  attach(): void {
    this.stepsAt = { run: 0, reset: 0, change: 0 }
    this.lastSteps = 0
  }

  /** @returns whether the picture changed: it is corrupted in another way than before */
  take(answer: WebcamAnswer, webcam: Webcam, now: number): boolean {
    const { corruption, severity } = webcam.settings
    const run = webcam.run ?? 0
    this.lastSteps = answer.steps
    if (run !== this.stepsAt.run) this.stepsAt = { run, reset: answer.steps, change: answer.steps }
    const shownWith = `${corruption} ${severity}`
    const changed = shownWith !== this.shownWith
    if (changed) {
      this.shownWith = shownWith
      this.stepsAt.change = answer.steps
      this.steady.trained.clear()
      this.steady.adapting.clear()
    }
    this.steps = Math.max(0, answer.steps - this.stepsAt.reset)
    this.steady.trained.push(answer.unadapted, now)
    this.steady.adapting.push(answer.adapted, now)
    this.judge(answer, webcam.truth.current, now)
    return changed
  }

  private judge({ unadapted, adapted }: WebcamAnswer, truth: number | null, now: number): void {
    const [trained, adapting] = [unadapted[0], adapted[0]]
    if (!trained || !adapting) return
    this.record.push(now, {
      same: trained.index === adapting.index,
      right: truth === null ? null : { unadapted: trained.index === truth, adapted: adapting.index === truth },
    })
  }

  /** Counts from here. */
  clear(): void {
    this.record.clear()
    this.steady.trained.clear()
    this.steady.adapting.clear()
    this.stepsAt.reset = this.lastSteps
    this.stepsAt.change = this.lastSteps
  }

  /** What the screen shows from now on. */
  tell({ reports }: Webcam, now: number): void {
    this.trained = this.steady.trained.top(3)
    this.adapting = this.steady.adapting.top(3)
    if (reports.version !== this.lightsOf) {
      this.lightsOf = reports.version
      const lane = reports.plan?.lanes.find(({ method }) => method !== 'source')
      this.lights = lane ? blockLights(lane.tensors, reports.layerMap?.latestOf(lane.id) ?? null) : []
    }
    const second = Math.floor(now / 1000)
    if (second === this.toldSecond) return
    this.toldSecond = second
    this.minute = this.record.points(now)
    this.total = this.record.total(now)
    this.seen = [
      ...new Set(
        [...this.steady.trained.top(5), ...this.steady.adapting.top(5)]
          .sort((a, b) => b.probability - a.probability)
          .map(({ index }) => index),
      ),
    ].slice(0, 6)
  }
}
