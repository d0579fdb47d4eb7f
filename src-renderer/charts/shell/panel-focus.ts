// What can be done with the panel around a chart, where its view has a way: all of the room and back, another place. Given by the view, set while a component is made.
import { getContext, setContext } from 'svelte'

export interface PanelMove {
  readonly title: string
  /** Told on hovering. */
  readonly help: string
  readonly exchangeWith: string
  readonly others: readonly { readonly id: string; readonly title: string }[]
  /** @returns whether there is another place in that direction */
  step(direction: 'left' | 'right' | 'up' | 'down'): boolean
  exchange(other: string): void
}

export interface PanelFocus {
  readonly large: boolean
  /** What is pressed for it; '' = nothing. */
  readonly key: string
  /** Absent where a panel stays in its place. */
  readonly move?: PanelMove
  toggle(): void
}

const key = Symbol('panel-focus')

export const setPanelFocus = (focus: PanelFocus): void => void setContext(key, focus)

/** Null where a panel stays as it is. */
export const panelFocus = (): PanelFocus | null => getContext<PanelFocus | undefined>(key) ?? null
