// Tells somebody who looks elsewhere that a long run or a sweep is over, and offers that at the first long one. Runs without a page: the page's
// abilities are given to it.
import { said, saidName, saidWords } from '#renderer/lib/german/said.svelte.ts'
import type { Settings } from '#contract/app/settings.ts'
import { isUnderWay, type RunSummary } from '#contract/tables/report.ts'
import type { SweepState } from '#contract/sweeps/sweep.ts'
import { errorText } from '#renderer/lib/text/format.ts'
import type { Notifier } from '#renderer/lib/notifier.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { bestLane } from '#renderer/lib/runs/run-filters.ts'

export const longRunMs = 60_000

export class RunEnds {
  /** A long run is under way and nobody said yet whether its end shall be told. */
  offering = $state(false)
  private readonly began = new Map<number, number>()
  private readonly running = new Set<number>()
  /** Runs of sweeps. */
  private readonly ofSweeps = new Set<number>()
  private readonly notifier: Notifier
  private readonly now: () => number
  private readonly settings: () => Settings

  constructor(parts: { readonly notifier: Notifier; readonly now: () => number; readonly settings: () => Settings }) {
    this.notifier = parts.notifier
    this.now = parts.now
    this.settings = parts.settings
  }

  /** A run's state, at first and whenever it changes. `ofSweep`: a sweep runs it; its own end is told instead. */
  run(summary: RunSummary, ofSweep: boolean): void {
    const { id, status } = summary
    if (ofSweep) this.ofSweeps.add(id)
    if (isUnderWay(status)) {
      if (!this.began.has(id)) this.began.set(id, this.now())
      this.look()
      return
    }
    const began = this.began.get(id)
    if (began === undefined) return
    this.began.delete(id)
    this.offering = false
    if (this.ofSweeps.delete(id) || status === 'stopped' || this.now() - began < longRunMs) return
    const words = strings.shell.runEnded
    const name = words.runName(id, saidName(summary.name) || said(summary.inputName))
    const best = bestLane(summary)
    const text =
      status === 'done' ? words.done(name) : status === 'failed' ? words.failed(name) : words.interrupted(name)
    this.tell(
      status === 'done' && best
        ? `${text} ${words.best(saidWords(best.label), errorText(best.meanErrorPct))}`
        : summary.error?.message
          ? `${text} ${said(summary.error.message)}`
          : text,
      `palm-run-${id}`,
    )
  }

  sweep({ id, name, state, message }: SweepState): void {
    if (state === 'running' || state === 'stopping') {
      this.running.add(id)
      return
    }
    if (!this.running.delete(id)) return
    if (state === 'done' || state === 'failed')
      this.tell(`${strings.shell.runEnded.sweep(name)}${message ? ` ${message}` : ''}`, `palm-sweep-${id}`)
  }

  /** Called now and then while something is under way. */
  look(): void {
    const long = [...this.began.values()].some((began) => this.now() - began >= longRunMs)
    this.offering =
      long &&
      this.settings().notifications === 'ask' &&
      this.notifier.permission() !== 'denied' &&
      this.notifier.permission() !== 'none'
  }

  /** At a click. @returns what the settings shall hold: null = leave them, the system was not answered */
  async accept(): Promise<'on' | 'off' | null> {
    this.offering = false
    const given = await this.notifier.ask()
    return given === 'granted' ? 'on' : given === 'denied' ? 'off' : null
  }

  private tell(text: string, tag: string): void {
    if (this.settings().notifications === 'on' && this.notifier.permission() === 'granted' && this.notifier.isAway())
      this.notifier.tell(strings.appName, text, tag)
  }
}

/** What the window is called: how far the run under way is. `percent` null = none is. */
export const windowTitle = (percent: number | null): string =>
  percent === null ? strings.appName : strings.shell.progressTitle(percent, strings.appName)
