// What a pickle may hold.

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleObject
export interface PickleList {
  readonly kind: 'list'
  readonly items: PickleValue[]
}
/** Keys in order of insertion; what stands under other keys than strings and numbers is left out. */
export interface PickleDict {
  readonly kind: 'dict'
  readonly entries: Map<string | number, PickleValue>
}
interface PickleGlobal {
  readonly kind: 'global'
  readonly name: string
}
/** What a permitted call gave. */
export interface PickleObject {
  readonly kind: 'object'
  readonly name: string
  readonly value: unknown
}

export const listOf = (items: PickleValue[]): PickleList => ({ kind: 'list', items })
export const dictOf = (): PickleDict => ({ kind: 'dict', entries: new Map() })

export function isKind<K extends 'list' | 'dict' | 'global' | 'object'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}
