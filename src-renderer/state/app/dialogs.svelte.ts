// What stands open over every view: the form of a new run, the export, the use of storage, the queue, the list of keys, the palette. Runs without a page.
import type { FormStart, Dropped } from '#renderer/state/new-run/form-start.ts'
import type { ExportForm } from '#renderer/state/live/export-form.svelte.ts'

export class Dialogs {
  /** With what the form of a new run begins; null = it is closed. */
  newRun = $state.raw<FormStart | null>(null)
  exporting = $state.raw<ExportForm | null>(null)
  storage = $state(false)
  shortcuts = $state(false)
  queue = $state(false)
  damage = $state(false)
  palette = $state(false)

  openNewRun(start: FormStart = {}): void {
    this.newRun = start
  }

  /** Into the form, which opens for it. */
  drop(dropped: Dropped): void {
    this.newRun = { ...this.newRun, dropped }
  }

  /** Whether one of them is open, the palette excepted. */
  get isOpen(): boolean {
    return (
      this.newRun !== null || this.exporting !== null || this.storage || this.shortcuts || this.queue || this.damage
    )
  }
}
