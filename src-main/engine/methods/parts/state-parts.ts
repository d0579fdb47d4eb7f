// Pieces of a method's state that are written and read with it: named arrays under a prefix of their own.
import type { AdaptedParameters } from './adapted-parameters.ts'
import type { NamedArray } from '#engine/methods/method.ts'

export type Arrays = Map<string, NamedArray>

export interface StatePart {
  export(arrays: Arrays): void | Promise<void>
  /** Reads what `export` wrote. @throws Error when it does not fit */
  restore(arrays: ReadonlyMap<string, NamedArray>): void
  /** As new (after a warm-up: as it was then). */
  clear(): void
  dispose(): void
}

/** Another set of the model's tensors: a teacher, a hidden average. `first` writes what it begins with after a reset; without it, the model's own. */
export function parametersPart(
  parameters: AdaptedParameters,
  prefix: string,
  first: (() => void) | null = null,
): StatePart {
  return {
    export: async (arrays) => {
      for (const [name, array] of await parameters.export()) arrays.set(`${prefix}/${name}`, array)
    },
    restore: (arrays) => parameters.restoreFrom(arrays, `${prefix}/`),
    clear: () => {
      parameters.reset()
      first?.()
    },
    dispose: () => parameters.dispose(),
  }
}

const copyOf = ({ shape, data }: NamedArray): NamedArray => ({ shape, data: data.slice() })

/** Arrays on the host, which the method may write into: what is exported or restored shares none of them. `kept` survives a reset. */
export class HostArrays implements StatePart {
  private readonly prefix: string
  private readonly kept: boolean
  private readonly arrays = new Map<string, NamedArray>()

  constructor(prefix: string, kept = false) {
    this.prefix = prefix
    this.kept = kept
  }

  get(name: string): NamedArray | null {
    return this.arrays.get(name) ?? null
  }

  set(name: string, array: NamedArray): void {
    this.arrays.set(name, array)
  }

  delete(name: string): void {
    this.arrays.delete(name)
  }

  export(arrays: Arrays): void {
    for (const [name, array] of this.arrays) arrays.set(`${this.prefix}/${name}`, copyOf(array))
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    this.arrays.clear()
    for (const [key, array] of arrays)
      if (key.startsWith(`${this.prefix}/`)) this.arrays.set(key.slice(this.prefix.length + 1), copyOf(array))
  }

  clear(): void {
    if (!this.kept) this.arrays.clear()
  }

  dispose(): void {
    this.arrays.clear()
  }
}
