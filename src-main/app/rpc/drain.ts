// Counts work under way, so that a connection or a service closes only after what it began is answered: drain, then close.

export interface Drain {
  /** True once `drained` was called: begin nothing new. */
  readonly draining: boolean
  /** Counts `work` until it settles, and gives it back. */
  track<T>(work: Promise<T>): Promise<T>
  /** Stops taking work and resolves when all that is under way has settled. */
  drained(): Promise<void>
}

export function createDrain(): Drain {
  const pending = new Set<Promise<unknown>>()
  let draining = false
  return {
    get draining() {
      return draining
    },
    track(work) {
      const settled = work.then(
        () => undefined,
        () => undefined,
      )
      pending.add(settled)
      void settled.then(() => pending.delete(settled))
      return work
    },
    async drained() {
      draining = true
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
