// The size of an element, now and whenever it changes.

/**
 * Calls `onsize` soon and after each change, in CSS pixels without borders and scroll bars.
 *
 * @returns ends the watch: what an effect returns
 */
export function watchSize(element: HTMLElement, onsize: (width: number, height: number) => void): () => void {
  const observer = new ResizeObserver(() => onsize(element.clientWidth, element.clientHeight))
  observer.observe(element)
  return () => observer.disconnect()
}
