// The transport over ipcRenderer (messages out, messages in, text or bytes, and that the port closed); beside it the menu bar (its description out, the command that was
// chosen in), and where a file lies that was dropped on the window. Nothing else. Runs sandboxed.
import { contextBridge, ipcRenderer, webUtils } from 'electron'

let opened = false
function open(): void {
  if (opened) return
  opened = true
  ipcRenderer.send('palm:open')
}
// Closed from the other side: who speaks or listens again wants a new one.
ipcRenderer.on('palm:close', () => (opened = false))

contextBridge.exposeInMainWorld('palmPort', {
  send(message: string | Uint8Array): void {
    open()
    ipcRenderer.send('palm:message', message)
  },
  onMessage(listener: (message: string | Uint8Array) => void): void {
    ipcRenderer.on('palm:message', (_event, message: string | Uint8Array) => listener(message))
    open()
  },
  onClose(listener: (reason: string) => void): void {
    ipcRenderer.on('palm:close', (_event, reason: string) => listener(reason))
  },
})

contextBridge.exposeInMainWorld('palmMenu', {
  describe(description: string): void {
    ipcRenderer.send('palm:menu', description)
  },
  onCommand(listener: (id: string) => void): void {
    ipcRenderer.on('palm:command', (_event, id: string) => listener(id))
  },
})

// Only a file that a person dropped or chose has a path: a page cannot ask for others. The program is told of it: the page may open it then.
contextBridge.exposeInMainWorld('palmFiles', {
  pathOf(file: File): string {
    const path = webUtils.getPathForFile(file)
    if (path !== '') ipcRenderer.send('palm:dropped', path)
    return path
  },
})
