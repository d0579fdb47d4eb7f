// The system's menu bar, where the host has one (Electron): what is in it goes out, the command that was chosen comes in.
import type { MenuDescription } from '#contract/menu.ts'

interface PreloadMenu {
  describe(description: string): void
  onCommand(listener: (id: string) => void): void
}

const preload = (): PreloadMenu | undefined => (window as { palmMenu?: PreloadMenu }).palmMenu

export const hasMenu = (): boolean => preload() !== undefined

let described = ''

/** Does nothing when nothing changed. */
export function describeMenu(description: MenuDescription): void {
  const text = JSON.stringify(description)
  if (text === described) return
  described = text
  preload()?.describe(text)
}

export function onMenuCommand(listener: (id: string) => void): void {
  preload()?.onCommand(listener)
}
