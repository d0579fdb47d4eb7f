// Notifications as the state needs them; api/notifier.ts gives the browser's.
/** What a page can do. */
export interface Notifier {
  /** `none`: there is no such thing here. */
  permission(): 'granted' | 'denied' | 'default' | 'none'
  /** Only at a click. */
  ask(): Promise<'granted' | 'denied' | 'default' | 'none'>
  /** Whether nobody looks at the page. */
  isAway(): boolean
  /** One with the same `tag` takes its place, so that two windows tell it once. */
  tell(title: string, text: string, tag: string): void
}
