// How a field for a path asks a person to choose one: by the system's dialog, or by the program's own where the host has none. Set once by the window, so that no field
// needs to know the program.
import { getContext, setContext } from 'svelte'
import type { PickedKind } from '#contract/files/listing.ts'

/** `from`: what the field says now, where it begins. Null = nothing was chosen. */
export type PickPath = (kind: PickedKind, from: string) => Promise<string | null>

const key = Symbol('picker')

/** Call while the window is made. */
export const setPicker = (pick: PickPath): void => void setContext(key, pick)
export const picker = (): PickPath => getContext<PickPath | undefined>(key) ?? (async () => null)
