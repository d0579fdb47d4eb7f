// The way out of the stage, which a visitor should not find by accident: two presses within a few seconds, or a key held down.

const leaveWithinMs = 4000
const holdToLeaveMs = 1500

export class StageExit {
  /** The next press leaves. */
  leaving = $state(false)
  private leaveUntil = 0
  private heldSince: number | null = null

  /** @returns whether the stage closes. `repeated`: the key is held */
  press(now: number, repeated: boolean): boolean {
    if (!repeated) this.heldSince = now
    if (repeated) return this.heldSince !== null && now - this.heldSince >= holdToLeaveMs
    if (this.leaving && now <= this.leaveUntil) return true
    this.leaving = true
    this.leaveUntil = now + leaveWithinMs
    return false
  }

  tick(now: number): void {
    if (this.leaving && now > this.leaveUntil) this.leaving = false
  }
}
