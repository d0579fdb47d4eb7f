// The end of the program: Electron's events handed to the rules of quitting, and a second start that shows the first one's window.
import { app, BrowserWindow } from 'electron'
import { Quitting } from '#app/hosts/quitting.ts'
import { askQuit, tellOver } from './menu.ts'

export interface Quittable {
  /** Whether a run or a sweep is under way. */
  readonly isBusy: () => boolean
  /** Calls back whenever that may have changed. */
  readonly onRunChange: (listener: () => void) => void
  readonly openWindow: () => void
  readonly close: () => Promise<void>
}

/** Asks before a run under way would end with its window, and closes the app before the program goes. */
export function quitWell({ isBusy, onRunChange, openWindow, close }: Quittable): Quitting {
  const windows = (): BrowserWindow[] => BrowserWindow.getAllWindows()
  const quitting = new Quitting({
    isBusy,
    ask: askQuit,
    closeWindows: () => windows().forEach((window) => window.destroy()),
    hasWindow: () => windows().length > 0,
    openWindow,
    closeApp: close,
    quit: () => app.quit(),
    tellOver,
  })
  onRunChange(() => quitting.runChanged())
  app.on('before-quit', (event) => {
    if (!quitting.wanted()) event.preventDefault()
  })
  app.on('window-all-closed', () => quitting.allClosed(process.platform))
  const opened = (): void => {
    const window = windows()[0]
    if (!window) return quitting.opened()
    if (window.isMinimized()) window.restore()
    window.focus()
  }
  app.on('second-instance', opened)
  app.on('activate', opened)
  return quitting
}
