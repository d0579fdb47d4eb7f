// What keys do to a cursor on a row of points: arrows by one, page keys by a page, Home and End to its ends. Pure.

/** Steps along the row; infinite to its ends; null where the key means nothing. */
export function moveAlong(key: string, page: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return -1
    case 'ArrowRight':
      return 1
    case 'PageUp':
      return -page
    case 'PageDown':
      return page
    case 'Home':
      return -Infinity
    case 'End':
      return Infinity
    default:
      return null
  }
}
