// Full screen for one element. Where the browser can, Escape stays with the page, so that it asks twice before a visitor leaves.

interface KeyboardLock {
  lock?(keys: readonly string[]): Promise<void>
  unlock?(): void
}
const keyboard = (): KeyboardLock | undefined => (navigator as Navigator & { keyboard?: KeyboardLock }).keyboard

/** @returns whether it is full screen now: without a click just before, browsers refuse */
export async function enterFullScreen(element: HTMLElement): Promise<boolean> {
  try {
    await element.requestFullscreen({ navigationUI: 'hide' })
  } catch {
    return false
  }
  await keyboard()
    ?.lock?.(['Escape'])
    .catch(() => undefined)
  return true
}

export async function leaveFullScreen(): Promise<void> {
  keyboard()?.unlock?.()
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined)
}
