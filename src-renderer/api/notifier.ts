// Notifications of the browser or of Electron's window, which are the same to a page.
import type { Notifier } from '#renderer/lib/notifier.ts'

export const browserNotifier: Notifier = {
  permission: () => (typeof Notification === 'undefined' ? 'none' : Notification.permission),
  ask: async () => (typeof Notification === 'undefined' ? 'none' : Notification.requestPermission()),
  isAway: () => document.hidden || !document.hasFocus(),
  tell(title, text, tag) {
    const notification = new Notification(title, { body: text, tag, icon: './icon.svg' })
    notification.addEventListener('click', () => {
      window.focus()
      notification.close()
    })
  },
}
