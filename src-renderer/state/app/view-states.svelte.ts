// What the views show, a state for each that has one: made when the connection is open, found by its class. Which there are stands in views/views.ts. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import type { Cameras } from '#renderer/lib/webcam/frame-source.ts'
import type { AppSettings } from './app-settings.svelte.ts'
import type { Navigation } from './navigation.svelte.ts'
import type { RunList } from './run-list.svelte.ts'
import type { Undo } from './undo.svelte.ts'

/** What a state is made from. */
export interface Session {
  readonly client: PalmClient
  readonly runs: RunList
  readonly settings: AppSettings
  readonly navigation: Navigation
  readonly undo: Undo
  readonly cameras: Cameras
  /** Hears every change of a run, as long as the connection lasts. */
  readonly onRun: (listener: (run: RunSummary) => void) => void
}

type ClassOf<State> = abstract new (...args: never[]) => State

/** How a view's state is made: of which class, and from what. `before`: what there was before the connection was lost. */
export interface ViewStateMaker<State extends object = object> {
  readonly of: ClassOf<State>
  make(session: Session, before: State | null): State
}

export class ViewStates {
  private made = $state.raw<ReadonlyMap<ClassOf<object>, object>>(new Map())
  private readonly makers: readonly ViewStateMaker[]

  constructor(makers: readonly ViewStateMaker[]) {
    this.makers = makers
  }

  /** Null before the first connection. */
  get<State extends object>(of: ClassOf<State>): State | null {
    // A maker gives a state of its own class.
    return (this.made.get(of) as State | undefined) ?? null
  }

  /** Anew for each connection. */
  open(session: Session): void {
    this.made = new Map(this.makers.map((maker) => [maker.of, maker.make(session, this.get(maker.of))]))
  }
}
