// Whether the panel around a chart has all of the room, and the way there and back: given by the view, where it has one. Set while a component is made.
import { getContext, setContext } from 'svelte'

export interface PanelFocus {
  readonly large: boolean
  /** What is pressed for it; '' = nothing. */
  readonly key: string
  toggle(): void
}

const key = Symbol('panel-focus')

export const setPanelFocus = (focus: PanelFocus): void => void setContext(key, focus)

/** Null where a panel stays as it is. */
export const panelFocus = (): PanelFocus | null => getContext<PanelFocus | undefined>(key) ?? null
