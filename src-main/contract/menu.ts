// The menus of a window, as its page describes them in its language: which commands there are, with which keys, in which menu.
// What the system makes of it is app/hosts/menu.ts.
import { z } from 'zod'

export const menuNames = ['file', 'edit', 'view', 'run', 'help'] as const
export type MenuName = (typeof menuNames)[number]

/** What the system does by itself, and what it is called. */
export const menuRoles = [
  'undo',
  'redo',
  'cut',
  'copy',
  'paste',
  'selectAll',
  'reload',
  'resetZoom',
  'zoomIn',
  'zoomOut',
  'togglefullscreen',
  'minimize',
  'close',
  'quit',
] as const
export type MenuRole = (typeof menuRoles)[number]

/** `Mod` is Ctrl, on macOS Command; then Shift; then the key as it stands on the keyboard. */
const keysSchema = z.string().regex(/^(Mod\+)?(Shift\+)?(\S|Space)$/)

export const menuCommandSchema = z.strictObject({
  id: z.string().min(1).max(60),
  title: z.string().min(1).max(200),
  menu: z.enum(menuNames),
  keys: keysSchema.nullable(),
  enabled: z.boolean(),
})
export type MenuCommand = z.output<typeof menuCommandSchema>

const word = z.string().min(1).max(300)
export const menuDescriptionSchema = z.strictObject({
  menus: z.strictObject({ file: word, edit: word, view: word, run: word, window: word, help: word }),
  roles: z.record(z.enum(menuRoles), word),
  commands: z.array(menuCommandSchema).max(200),
  /** What is asked when somebody quits in the middle of a run. */
  quitting: z.strictObject({ message: word, detail: word, stop: word, background: word, cancel: word, over: word }),
})
export type MenuDescription = z.output<typeof menuDescriptionSchema>
