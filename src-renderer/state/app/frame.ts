/** Does the work with the next picture that the screen draws; at once where there is no screen (tests). */
export const frame = (work: () => void): unknown =>
  typeof requestAnimationFrame === 'function' ? requestAnimationFrame(work) : queueMicrotask(work)
