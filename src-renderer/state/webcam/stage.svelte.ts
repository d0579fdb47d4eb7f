// The webcam's stage: what a visitor at a stand sees and can do, and what goes on when nobody is there. Plays by itself after a while without input, puts everything
// back after a longer one, says in plain words what is happening, and starts again what broke. Runs without a page and without a clock: `tick` says what time it is.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { stageDefaults, type StageSettings, type WebcamAnswer } from '#contract/webcam.ts'
import { rgbaOf } from '#renderer/lib/webcam/frame-source.ts'
import { neighbour } from '#renderer/lib/webcam/stage-scenes.ts'
import type { FrameCompanion } from './frame-loop.svelte.ts'
import { StageButtons } from './stage-buttons.svelte.ts'
import { StageExit } from './stage-exit.svelte.ts'
import { StageNumbers } from './stage-numbers.svelte.ts'
import { cleanLook, StagePlaying } from './stage-playing.svelte.ts'
import { StageRecovery } from './stage-recovery.svelte.ts'
import { classNameOf, StageWords } from './stage-words.svelte.ts'
import type { Webcam } from './webcam.svelte.ts'

/** How often a page should call `tick`. */
export const tickMs = 250
const truthMs = 30_000
/** Stretches that one run may hold before the stage goes on with a new one: its plan is written with each step. */
const domainsPerRun = 200

type Corruption = CorruptionName | null

export class Stage implements FrameCompanion {
  webcam = $state.raw<Webcam>() as Webcam
  settings = $state.raw<StageSettings>(stageDefaults)
  /** Left of this share of the picture it is as it is. */
  divider = $state(0.5)
  /** Seconds that what was said to be in view still counts. */
  truthSeconds = $state(0)
  readonly numbers = new StageNumbers()
  readonly words = new StageWords()
  private readonly recovery: StageRecovery
  private readonly show = new StagePlaying()
  private readonly exit = new StageExit()
  private readonly buttons = new StageButtons()
  private now: number
  private lastInput: number
  private isReset = true
  private truthUntil = 0
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
    webcam.frames.companion = this
    this.numbers.attach()
  }

  /** Nobody looks any more. */
  detach(): void {
    const { frames } = this.webcam
    if (frames.companion === this) frames.companion = null
  }

  /** Plays by itself: nobody is there. */
  get playing(): boolean {
    return this.show.playing
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
    return classNameOf(this.webcam, index)
  }

  // What a visitor does. Each says first that somebody is there; what ends the playing by itself does nothing else.

  /** @returns whether it ended the playing, and should do nothing else */
  input(now: number): boolean {
    this.now = now
    this.lastInput = now
    if (!this.playing) return false
    this.show.end(this.webcam)
    this.words.retell(now, tickMs)
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
    this.webcam.truth.teach(truth)
    this.truthUntil = truth === null ? 0 : this.now + truthMs
    this.tellTruth()
  }

  /** Weights, corruption, counts and what was said to be in view go back. */
  startOver(): void {
    void this.webcam.act('reset')
    if (this.playing) this.show.forget()
    else void this.webcam.set({ ...cleanLook })
    this.forget()
  }

  private forget(): void {
    this.webcam.truth.teach(null)
    this.truthUntil = 0
    this.numbers.clear()
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
      this.webcam.truth.teach(null)
    }
    const { attractSeconds, resetMinutes, sceneSeconds } = this.settings
    const idleMs = now - this.lastInput
    if (resetMinutes > 0 && idleMs >= resetMinutes * 60_000 && !this.isReset && this.webcam.phase === 'running')
      this.startOver()
    if (attractSeconds > 0 && idleMs >= attractSeconds * 1000 && !this.playing && this.webcam.phase === 'running')
      this.show.begin(this.webcam, now)
    else if (this.playing) this.show.tick(this.webcam, now, sceneSeconds * 1000, () => this.beginRound())
    this.recovery.tick(this.webcam, now)
    this.tell()
  }

  /** Nobody came for a whole round: the next one begins with the model as it was, and a run that has grown long gives way to a new one. */
  private beginRound(): void {
    this.startOver()
    if ((this.webcam.reports.plan?.domains.length ?? 0) > domainsPerRun) void this.webcam.renew()
  }

  // What the answers say.

  /** What the next frame should also be corrupted as: for a button's picture. */
  wish(): { corruption: CorruptionName; severity: Severity } | null {
    return this.buttons.wish(this.now, this.severity)
  }

  answered(answer: WebcamAnswer): void {
    if (this.numbers.take(answer, this.webcam, this.now)) this.words.retell(this.now, tickMs)
    const { side } = this.webcam.frames
    if (answer.sketch) this.buttons.take(rgbaOf(answer.sketch, side * side))
  }

  private tellTruth(): void {
    this.truthSeconds = this.truthUntil > 0 ? Math.max(0, Math.ceil((this.truthUntil - this.now) / 1000)) : 0
  }

  private tell(): void {
    this.tellTruth()
    this.numbers.tell(this.webcam, this.now)
    this.words.tell(this.webcam, this.numbers, this.now)
  }
}
