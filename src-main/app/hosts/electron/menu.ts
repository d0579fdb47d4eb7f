// The menu bar, made from what the page of the window in front says of its commands; and the questions that use that page's words.
import { app, dialog, ipcMain, Menu, Notification } from 'electron'
import type { BrowserWindow, IpcMainEvent, MenuItemConstructorOptions } from 'electron'
import { menuTemplate, type MenuItem } from '#app/hosts/menu.ts'
import { quitChoices, type QuitChoice } from '#app/hosts/quitting.ts'
import { isOfPage } from './page.ts'
import { menuDescriptionSchema, type MenuDescription } from '#contract/menu.ts'

const mostMenuLength = 100_000

/** What the page of the window in front says of its commands; the menu bar is made from it. */
let described: MenuDescription | null = null
let ofWindow: BrowserWindow | null = null

export function describeMenu(window: BrowserWindow): void {
  let own: MenuDescription | null = null
  const show = (): void => {
    if (!own || (ofWindow !== window && !window.isFocused() && ofWindow !== null)) return
    described = own
    ofWindow = window
    Menu.setApplicationMenu(
      Menu.buildFromTemplate(menuTemplate(own, process.platform, app.name).map((item) => electronItem(item, window))),
    )
  }
  const heard = (event: IpcMainEvent, message: unknown): void => {
    if (!isOfPage(event, window.webContents) || typeof message !== 'string' || message.length > mostMenuLength) return
    try {
      own = menuDescriptionSchema.parse(JSON.parse(message))
    } catch {
      return // not from this version of the page
    }
    show()
  }
  ipcMain.on('palm:menu', heard)
  window.on('focus', show)
  window.on('closed', () => {
    ipcMain.off('palm:menu', heard)
    if (ofWindow === window) ofWindow = null
  })
}

function electronItem({ command, submenu, ...rest }: MenuItem, window: BrowserWindow): MenuItemConstructorOptions {
  return {
    ...(rest as MenuItemConstructorOptions),
    ...(submenu ? { submenu: submenu.map((item) => electronItem(item, window)) } : {}),
    ...(command === undefined
      ? {}
      : { click: () => void (window.isDestroyed() || window.webContents.send('palm:command', command)) }),
  }
}

/** Stop it, let it go on without a window, or stay: in the words of the page that was in front last. */
export async function askQuit(): Promise<QuitChoice> {
  const { message, detail, stop, background, cancel } = described?.quitting ?? englishQuitting
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message,
    detail,
    buttons: [stop, background, cancel],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  })
  return quitChoices[response] ?? 'cancel'
}

export function tellOver(): void {
  if (Notification.isSupported())
    new Notification({ title: app.name, body: (described?.quitting ?? englishQuitting).over }).show()
}

/** Before any page has spoken. */
const englishQuitting: MenuDescription['quitting'] = {
  message: 'A run is under way.',
  detail: 'It can be stopped and resumed later.',
  stop: 'Stop it and quit',
  background: 'Go on without a window',
  cancel: 'Cancel',
  over: 'The run is over.',
}
