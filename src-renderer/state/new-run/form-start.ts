// With what the form of a new run opens: a model that was chosen elsewhere, a run to repeat, what was dropped on the window. Plain data.
import type { RunSummary } from '#contract/tables/report.ts'
import type { ModelChoice } from '#renderer/state/models/models.svelte.ts'

export interface FormStart {
  readonly model?: ModelChoice | null
  readonly again?: RunSummary | null
  readonly dropped?: Dropped | null
}

export interface Dropped {
  /** Of images; null = none. */
  readonly input: string | null
  /** Of a model's file; null = none. */
  readonly model: string | null
  /** What should be known of it. */
  readonly note: string
}
