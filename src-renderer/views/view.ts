// What a view is: one row that says all that the window must know of it. The rows stand in views.ts.
import type { Component } from 'svelte'
import type { IconName } from '#renderer/components/icon-paths.ts'
import type { MenuName } from '#contract/menu.ts'
import type { InEachLanguage } from '#renderer/lib/strings/words.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import type { Command } from '#renderer/state/app/commands/commands.svelte.ts'
import type { ViewStateMaker } from '#renderer/state/app/view-states.svelte.ts'

export type Theme = 'light' | 'dark'

export interface ViewContext {
  readonly app: AppState
  readonly theme: Theme
}

/** How a person gets to a view: a button in the header, and a command of the same place in keys, palette and menu. */
export interface ViewEntry {
  readonly title: InEachLanguage<string>
  /** What the command is called. */
  readonly command: InEachLanguage<string>
  readonly key: string
  /** With Ctrl, on macOS Command: `Mod+1`. */
  readonly keys: string
  readonly menu: MenuName
  /** Shown for the title at the right of the header; null = the title, in the row of views. */
  readonly icon: IconName | null
}

/** The part of the page's address from `#` that leads to what a view shows: kept over a reload, by the way back and by bookmarks. */
export interface ViewAddress {
  /** '' = nothing that an address could lead to. */
  of(app: AppState): string
  /** @returns whether the address was this view's, which is shown then */
  open(app: AppState, address: string): boolean
}

interface ViewBase {
  readonly id: string
  /** Null: it is reached from the view `under` which it stands. */
  readonly entry: ViewEntry | null
  /** The id of the view whose button is marked, and to which the way back leads. */
  readonly under?: string
  readonly address?: ViewAddress
  /** Of this view alone. */
  readonly commands?: (app: AppState) => readonly Command[]
  /** What is awaited, in words, in the view's place; '' = it can be shown. */
  readonly waiting?: (app: AppState) => string
  /** Whether its command is possible now; without it, it always is. */
  readonly possible?: (app: AppState) => boolean
  /** How its entry opens it; without it, by its id. */
  readonly open?: (app: AppState) => void
}

/** A view as it is written down. `State`: what it shows of its own; `P`: what its component takes. */
export interface ViewRow<State extends object, P extends object> extends ViewBase {
  /** Null: it shows what the app has anyway. */
  readonly state: ViewStateMaker<State> | null
  readonly component: Component<P>
  props(context: ViewContext, state: State): P
}

/** A view as the window uses it. */
export interface View extends ViewBase {
  readonly state: ViewStateMaker | null
  readonly component: Component<object>
  /** Null while there is no state yet. */
  props(context: ViewContext): object | null
}

/** Checks a row: its component takes what `props` gives, which takes the state that `state` makes. */
export function defineView<State extends object, P extends object>(row: ViewRow<State, P>): View {
  const { state } = row
  return {
    ...row,
    component: row.component as unknown as Component<object>, // it gets what its own `props` gives
    props(context) {
      const made = state ? context.app.states.get(state.of) : ({} as State) // without a state `props` reads none
      return made && row.props(context, made)
    },
  }
}
