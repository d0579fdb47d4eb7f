// The transport over ipcRenderer (strings out, strings in, and that the port closed), and where a file lies that was dropped on the window. Nothing else.
// Runs sandboxed.
import { contextBridge, ipcRenderer, webUtils } from 'electron'

let opened = false
function open(): void {
  if (opened) return
  opened = true
  ipcRenderer.send('palm:open')
}

contextBridge.exposeInMainWorld('palmPort', {
  send(message: string): void {
    open()
    ipcRenderer.send('palm:message', message)
  },
  onMessage(listener: (message: string) => void): void {
    ipcRenderer.on('palm:message', (_event, message: string) => listener(message))
    open()
  },
  onClose(listener: (reason: string) => void): void {
    ipcRenderer.on('palm:close', (_event, reason: string) => listener(reason))
  },
})

// Only a file that a person dropped or chose has a path: a page cannot ask for others.
contextBridge.exposeInMainWorld('palmFiles', { pathOf: (file: File): string => webUtils.getPathForFile(file) })
