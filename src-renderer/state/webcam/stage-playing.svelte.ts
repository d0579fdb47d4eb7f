// The stage plays by itself, scene by scene, while nobody is there. Runs without a clock.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { scenes, usualSeverity } from '#renderer/lib/webcam/stage-scenes.ts'
import type { Webcam } from './webcam.svelte.ts'

/** How a picture is corrupted, or not at all. */
export interface Look {
  readonly corruption: CorruptionName | null
  readonly severity: Severity
}

/** The picture as it is. */
export const cleanLook: Look = { corruption: null, severity: usualSeverity }

export class StagePlaying {
  playing = $state(false)
  private scene = 0
  private sceneAt = 0
  /** What the visitor had when it began. */
  private kept = cleanLook

  begin(webcam: Webcam, now: number): void {
    const { corruption, severity } = webcam.settings
    this.kept = { corruption, severity }
    this.playing = true
    this.scene = 0
    this.show(webcam, now)
  }

  /** The next scene after `sceneMs`; `round`: all were shown, and it begins with the first again. */
  tick(webcam: Webcam, now: number, sceneMs: number, round: () => void): void {
    if (now - this.sceneAt < sceneMs) return
    this.scene = (this.scene + 1) % scenes.length
    if (this.scene === 0) round()
    this.show(webcam, now)
  }

  /** Somebody came, and finds what the last visitor had. */
  end(webcam: Webcam): void {
    this.playing = false
    void webcam.set({ ...this.kept })
  }

  /** Who comes next begins with the clean picture. */
  forget(): void {
    this.kept = cleanLook
  }

  private show(webcam: Webcam, now: number): void {
    this.sceneAt = now
    const scene = scenes[this.scene]
    if (scene) void webcam.set({ ...scene })
  }
}
