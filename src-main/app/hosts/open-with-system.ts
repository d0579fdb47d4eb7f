// Hands an address or a folder to the system, where there is a display.
import { spawn } from 'node:child_process'

export function hasDisplay(): boolean {
  const { platform, env } = process
  return platform === 'darwin' || platform === 'win32' || Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY'])
}

/** An address in the browser, a folder in the file manager. */
export function openWithSystem(target: string): void {
  const { platform } = process
  const [command, args] =
    platform === 'darwin'
      ? (['open', [target]] as const)
      : platform === 'win32'
        ? (['cmd', ['/c', 'start', '', target]] as const)
        : (['xdg-open', [target]] as const)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined) // it is printed or shown: whoever reads it can open it
  child.unref()
}
