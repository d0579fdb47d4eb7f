// The transport over ipcRenderer, and nothing else: strings out, strings in, and that the port closed. Runs sandboxed.
import { contextBridge, ipcRenderer } from 'electron'

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
