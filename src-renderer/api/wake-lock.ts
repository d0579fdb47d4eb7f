// Keeps the screen awake while somebody may be looking, where the browser can. The system takes the lock away when the page is hidden: it is asked for again.

/** @returns what ends it */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null
  let over = false
  const ask = async (): Promise<void> => {
    if (over || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    try {
      const given = await navigator.wakeLock.request('screen')
      if (over) await given.release()
      else lock = given
    } catch {
      // Refused (battery low, a policy): the stage runs all the same, and the system's own settings hold.
    }
  }
  const changed = () => void ask()
  document.addEventListener('visibilitychange', changed)
  void ask()
  return () => {
    over = true
    document.removeEventListener('visibilitychange', changed)
    void lock?.release().catch(() => undefined)
  }
}
