// Everything that a key, the command palette or a menu can do, said once: a table of commands. Runs without a page.
import type { MenuDescription, MenuName } from '#contract/menu.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export interface Command {
  readonly id: string
  /** In the language that is set. */
  readonly title: string
  /** As `KeyboardEvent.key` gives it, without Ctrl, Alt or Meta; several may share a key where only one is enabled at a time. Null = none. */
  readonly key: string | null
  /** With Ctrl, on macOS Command: `Mod+K`, `Mod+Shift+N`. Works in fields too. What browsers keep for themselves counts in a window of our own only. */
  readonly keys?: string
  /** Belongs to the field while one is typed in, as Ctrl Z does. */
  readonly leavesFields?: boolean
  /** In which menu it stands, where the system has a menu bar. */
  readonly menu?: MenuName
  readonly enabled: boolean
  run(): void
}

export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey?: boolean
  /** What has the focus (`focusedOf`): a tag, in capitals. */
  readonly focused: string
}

const fields: readonly string[] = ['INPUT', 'TEXTAREA']
/** Inputs that nothing is typed into: they are worked like buttons. */
const pressedInputs: readonly string[] = ['checkbox', 'radio', 'range', 'file', 'button', 'color', 'submit', 'reset']

/** What has the focus, for `KeyPress.focused`. */
export const focusedOf = ({ tagName, type }: { readonly tagName: string; readonly type?: unknown }): string =>
  tagName === 'INPUT' && pressedInputs.includes(String(type)) ? 'BUTTON' : tagName

/** Whether what has the focus has a use of its own for a key: fields for all, a list for what its entries begin with, buttons for those that press them. */
function keeps(focused: string, key: string): boolean {
  if (fields.includes(focused)) return true
  if (focused === 'SELECT') return /^[\p{L}\p{N} ]$|^.{2,}$/u.test(key)
  return ['BUTTON', 'SUMMARY', 'A'].includes(focused) && (key === ' ' || key === 'Enter')
}

/** Keys as a person reads them: `Ctrl Shift N`, on a Mac `⇧⌘N`. */
export function keysText(keys: string, mac: boolean): string {
  if (mac) return keys.replace('Mod+Shift+', '⇧⌘').replace('Mod+', '⌘').replace('Shift+', '⇧')
  return keys.replace('Mod', strings.shell.keys.mod).replace('Shift', strings.shell.keys.shift).replaceAll('+', ' ')
}

/** Keys that a browser's window does not leave to its page. */
const keptByBrowsers = /^Mod\+([1-9NE.]|Shift\+N)$/

function inBrowser(command: Command): Command {
  if (!command.keys || !keptByBrowsers.test(command.keys)) return command
  const { keys: _, ...rest } = command
  return rest
}

export class Commands {
  private readonly list: () => readonly Command[]
  private readonly mac: boolean

  /** `list` is asked again each time: a command says by itself whether it is possible now. `browser`: the window is a browser's. */
  constructor(list: () => readonly Command[], mac = false, browser = false) {
    this.list = browser ? () => list().map(inBrowser) : list
    this.mac = mac
  }

  get all(): readonly Command[] {
    return this.list()
  }

  /** Runs what the key stands for. @returns whether there was such a command */
  press({ key, ctrlKey, metaKey, altKey, shiftKey, focused }: KeyPress): boolean {
    if (altKey) return false
    let command: Command | undefined
    if (ctrlKey || metaKey) {
      const keys = `Mod+${shiftKey ? 'Shift+' : ''}${key.length === 1 ? key.toUpperCase() : key}`
      command = this.list().find(
        (one) => one.keys === keys && one.enabled && !(one.leavesFields && fields.includes(focused)),
      )
    } else if (!keeps(focused, key)) {
      command = this.list().find((one) => one.key === key && one.enabled)
    }
    command?.run()
    return command !== undefined
  }

  /** Does the command of that name where it is possible now: a menu or the palette asked for it. */
  do(id: string): void {
    this.list()
      .find((one) => one.id === id && one.enabled)
      ?.run()
  }

  /** What is pressed for it; '' = nothing. */
  shortcut({ key, keys }: Pick<Command, 'key' | 'keys'>): string {
    const own = key === null ? '' : key === ' ' ? strings.spaceKey : key.toUpperCase()
    return [own, keys ? keysText(keys, this.mac) : ''].filter(Boolean).join(' / ')
  }

  /** Keys and what they do: the commands' own, then those that belong to one place. */
  get rows(): readonly (readonly [string, string])[] {
    const own = this.list().flatMap((command) =>
      this.shortcut(command) === '' ? [] : [[this.shortcut(command), command.title] as const],
    )
    return [
      ...own,
      ...[...strings.shortcutRows, ...strings.curves.shortcuts, ...strings.compare.keys].map(
        ([key, what]) => [key, what] as const,
      ),
    ]
  }

  /** For the system's menu bar. */
  describe(): MenuDescription {
    const { menus, roles, quitting } = strings.shell
    const commands = this.list().flatMap(({ id, title, key, keys, menu, enabled }) =>
      menu ? [{ id, title, menu, enabled, keys: keys ?? (key === ' ' ? 'Space' : (key?.toUpperCase() ?? null)) }] : [],
    )
    return { menus, roles: { ...roles }, commands, quitting }
  }
}
