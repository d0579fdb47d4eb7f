// The webcam's stage: what a visitor at a stand sees and can do, and what goes on when nobody is there. Plays by itself after a while without input, puts everything
// back after a longer one, says in plain words what is happening, and starts again what broke. Runs without a page and without a clock: `tick` says what time it is.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { stageDefaults, type Opinion, type StageSettings, type WebcamAnswer } from '#contract/webcam.ts'
import { rgbaOf } from '#renderer/lib/webcam/frame-source.ts'
import { blockLights, type BlockLight } from '#renderer/lib/layers/layer-lights.ts'
import { MinuteRecord, type MinutePoint } from '#renderer/lib/webcam/minute-record.ts'
import { captionOf, type Saying } from '#renderer/lib/webcam/stage-caption.ts'
import { neighbour, scenes, usualSeverity } from '#renderer/lib/webcam/stage-scenes.ts'
import { SteadyPredictions } from '#renderer/lib/webcam/steady-predictions.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { StageButtons } from './stage-buttons.svelte.ts'
import { StageExit } from './stage-exit.svelte.ts'
import { StageRecovery, stageState } from './stage-recovery.svelte.ts'
import type { FrameCompanion, Webcam } from './webcam.svelte.ts'

/** How often a page should call `tick`. */
export const tickMs = 250
const captionEveryMs = 1500
const truthMs = 30_000
/** Stretches that one run may hold before the stage goes on with a new one: its plan is written with each step. */
const domainsPerRun = 200

type Corruption = CorruptionName | null

export class Stage implements FrameCompanion {
  webcam = $state.raw<Webcam>() as Webcam
  settings = $state.raw<StageSettings>(stageDefaults)
  /** Plays by itself: nobody is there. */
  playing = $state(false)
  /** Left of this share of the picture it is as it is. */
  divider = $state(0.5)
  trained = $state.raw<readonly Opinion[]>([])
  adapting = $state.raw<readonly Opinion[]>([])
  caption = $state('')
  /** The same for ears: when the picture changes, not with each step. */
  announced = $state('')
  minute = $state.raw<readonly MinutePoint[]>([])
  /** How often each was right in the last minute; null without a truth. */
  total = $state.raw<{
    readonly unadapted: number | null
    readonly adapted: number | null
    readonly agreement: number | null
  }>({ unadapted: null, adapted: null, agreement: null })
  lights = $state.raw<readonly BlockLight[]>([])
  /** Adaptation steps since the weights were the model's. */
  steps = $state(0)
  /** Seconds that what was said to be in view still counts. */
  truthSeconds = $state(0)
  /** The classes seen last, likely ones first: what a visitor may want to pick. */
  seen = $state.raw<readonly number[]>([])
  private readonly recovery: StageRecovery
  private readonly exit = new StageExit()
  private readonly buttons = new StageButtons()
  private now: number
  private lastInput: number
  private readonly steady = { trained: new SteadyPredictions(), adapting: new SteadyPredictions() }
  private readonly record = new MinuteRecord()
  private scene = 0
  private sceneAt = 0
  /** What the visitor had when it began to play by itself. */
  private kept: { corruption: Corruption; severity: Severity } = { corruption: null, severity: usualSeverity }
  private isReset = true
  private truthUntil = 0
  private stepsAt = { run: 0, reset: 0, change: 0 }
  private lastSteps = 0
  private shownWith = ''
  private captionAt = Number.NEGATIVE_INFINITY
  private lightsOf = -1
  private toldSecond = -1
  private announcedAbout = ''
  private compared: Corruption = 'fog'

  /** `active`: the run that is under way, whoever started it. */
  constructor(webcam: Webcam, settings: StageSettings, now: number, active: () => RunSummary | null) {
    this.recovery = new StageRecovery(active)
    this.now = now
    this.lastInput = now
    this.settings = settings
    this.attach(webcam)
  }

  /** Also to that of a new connection: what was counted and chosen stays. */
  attach(webcam: Webcam): void {
    const before = this.webcam as Webcam | undefined
    if (before && before !== webcam) webcam.resemble(before)
    this.webcam = webcam
    webcam.companion = this
    this.stepsAt = { run: 0, reset: 0, change: 0 }
    this.lastSteps = 0
  }

  /** Nobody looks any more. */
  detach(): void {
    if (this.webcam.companion === this) this.webcam.companion = null
  }

  /** It has run since it was opened: from then on it is kept going. */
  get ran(): boolean {
    return this.recovery.ran
  }

  /** It broke, and is tried again. */
  get retrying(): boolean {
    return this.recovery.retrying
  }

  /** The next press leaves. */
  get leaving(): boolean {
    return this.exit.leaving
  }

  /** Of the buttons, as far as they are there. */
  get sketches(): ReadonlyMap<CorruptionName, Uint8ClampedArray> {
    return this.buttons.pictures
  }

  get corruption(): Corruption {
    return this.webcam.settings.corruption
  }

  get severity(): Severity {
    return this.webcam.settings.severity
  }

  nameOf(index: number): string {
    return this.webcam.classNames[index] ?? strings.charts.classOf(index)
  }

  // What a visitor does. Each says first that somebody is there; what ends the playing by itself does nothing else.

  /** @returns whether it ended the playing, and should do nothing else */
  input(now: number): boolean {
    this.now = now
    this.lastInput = now
    if (!this.playing) return false
    this.playing = false
    void this.webcam.set({ ...this.kept })
    this.retellAt(now)
    return true
  }

  choose(corruption: Corruption): void {
    this.isReset = false
    if (this.corruption !== null) this.compared = this.corruption
    void this.webcam.set({ corruption })
  }

  turn(step: 1 | -1): void {
    this.choose(neighbour(this.corruption, step))
  }

  strengthen(severity: number): void {
    this.isReset = false
    void this.webcam.set({ severity: Math.max(1, Math.min(5, Math.round(severity))) as Severity })
  }

  /** Between the clean picture and the corruption before it. */
  compare(): void {
    this.choose(this.corruption === null ? this.compared : null)
  }

  /** What is truly in view; null = it is gone. Counts for half a minute. */
  teach(truth: number | null): void {
    this.isReset = false
    this.webcam.teach(truth)
    this.truthUntil = truth === null ? 0 : this.now + truthMs
    this.tellTruth()
  }

  /** Weights, corruption, counts and what was said to be in view go back. */
  startOver(): void {
    void this.webcam.act('reset')
    if (this.playing) this.kept = { corruption: null, severity: usualSeverity }
    else void this.webcam.set({ corruption: null, severity: usualSeverity })
    this.forget()
  }

  private forget(): void {
    this.webcam.teach(null)
    this.truthUntil = 0
    this.record.clear()
    this.steady.trained.clear()
    this.steady.adapting.clear()
    this.stepsAt.reset = this.lastSteps
    this.stepsAt.change = this.lastSteps
    this.divider = 0.5
    this.isReset = true
    this.tell()
  }

  /** A press of the way out. @returns whether it is the second one, so that the stage closes. `repeated`: the key is held */
  leave(now: number, repeated = false): boolean {
    return this.exit.press(now, repeated)
  }

  // What happens by itself.

  tick(now: number): void {
    this.now = now
    this.exit.tick(now)
    if (this.truthUntil > 0 && now >= this.truthUntil) {
      this.truthUntil = 0
      this.webcam.teach(null)
    }
    const { attractSeconds, resetMinutes } = this.settings
    const idleMs = now - this.lastInput
    if (resetMinutes > 0 && idleMs >= resetMinutes * 60_000 && !this.isReset && this.webcam.phase === 'running')
      this.startOver()
    if (attractSeconds > 0 && idleMs >= attractSeconds * 1000 && !this.playing && this.webcam.phase === 'running')
      this.play(now)
    else if (this.playing && now - this.sceneAt >= this.settings.sceneSeconds * 1000) this.nextScene(now)
    this.recovery.tick(this.webcam, now)
    this.tell()
  }

  private play(now: number): void {
    this.kept = { corruption: this.corruption, severity: this.severity }
    this.playing = true
    this.scene = 0
    this.showScene(now)
  }

  private nextScene(now: number): void {
    this.scene = (this.scene + 1) % scenes.length
    if (this.scene === 0) {
      // Nobody came for a whole round: the next one begins with the model as it was, and a run that has grown long gives way to a new one.
      this.startOver()
      if ((this.webcam.plan?.domains.length ?? 0) > domainsPerRun) void this.webcam.renew()
    }
    this.showScene(now)
  }

  private showScene(now: number): void {
    this.sceneAt = now
    const scene = scenes[this.scene]
    if (scene) void this.webcam.set({ ...scene })
  }

  // What the answers say.

  /** What the next frame should also be corrupted as: for a button's picture. */
  wish(): { corruption: CorruptionName; severity: Severity } | null {
    return this.buttons.wish(this.now, this.severity)
  }

  answered(answer: WebcamAnswer): void {
    const { corruption, severity } = this.webcam.settings
    this.lastSteps = answer.steps
    if ((this.webcam.run ?? 0) !== this.stepsAt.run)
      this.stepsAt = { run: this.webcam.run ?? 0, reset: answer.steps, change: answer.steps }
    const shownWith = `${corruption} ${severity}`
    if (shownWith !== this.shownWith) {
      this.shownWith = shownWith
      this.stepsAt.change = answer.steps
      this.steady.trained.clear()
      this.steady.adapting.clear()
      this.retellAt(this.now)
    }
    this.steps = Math.max(0, answer.steps - this.stepsAt.reset)
    this.steady.trained.push(answer.unadapted, this.now)
    this.steady.adapting.push(answer.adapted, this.now)
    const [trained, adapting] = [answer.unadapted[0], answer.adapted[0]]
    const { truth } = this.webcam
    if (trained && adapting)
      this.record.push(this.now, {
        same: trained.index === adapting.index,
        right: truth === null ? null : { unadapted: trained.index === truth, adapted: adapting.index === truth },
      })
    if (answer.sketch) this.buttons.take(rgbaOf(answer.sketch, this.webcam.side * this.webcam.side))
  }

  private retellAt(now: number): void {
    this.captionAt = now - captionEveryMs + tickMs
  }

  private tellTruth(): void {
    this.truthSeconds = this.truthUntil > 0 ? Math.max(0, Math.ceil((this.truthUntil - this.now) / 1000)) : 0
  }

  private tell(): void {
    this.trained = this.steady.trained.top(3)
    this.adapting = this.steady.adapting.top(3)
    this.tellTruth()
    const { webcam } = this
    if (webcam.version !== this.lightsOf) {
      this.lightsOf = webcam.version
      const lane = webcam.plan?.lanes.find(({ method }) => method !== 'source')
      this.lights = lane ? blockLights(lane.tensors, webcam.layerMap?.latestOf(lane.id) ?? null) : []
    }
    const second = Math.floor(this.now / 1000)
    if (second !== this.toldSecond) {
      this.toldSecond = second
      this.minute = this.record.points(this.now)
      this.total = this.record.total(this.now)
      this.seen = [
        ...new Set(
          [...this.steady.trained.top(5), ...this.steady.adapting.top(5)]
            .sort((a, b) => b.probability - a.probability)
            .map(({ index }) => index),
        ),
      ].slice(0, 6)
    }
    if (this.now - this.captionAt >= captionEveryMs) {
      const caption = this.situation()
      if (caption !== this.caption) this.captionAt = this.now
      this.caption = caption
      const about = `${webcam.phase} ${webcam.lost} ${this.shownWith} ${webcam.truth}`
      if (about !== this.announcedAbout) this.announced = caption
      this.announcedAbout = about
    }
  }

  private situation(): string {
    const { webcam } = this
    const saying = (of: readonly Opinion[]): Saying | null =>
      of[0] ? { name: this.nameOf(of[0].index), probability: of[0].probability } : null
    return captionOf(
      {
        state: stageState(webcam),
        corruption: this.corruption,
        trained: saying(this.trained),
        adapting: saying(this.adapting),
        steps: Math.max(0, this.lastSteps - this.stepsAt.change),
        truth:
          webcam.truth === null
            ? null
            : { name: this.nameOf(webcam.truth), trained: this.total.unadapted, adapting: this.total.adapted },
      },
      strings.stage,
    )
  }
}
