// Everything that a key, the command palette or a menu can do, said once: a table of commands. Runs without a page.
import { strings } from '../lib/strings/strings.svelte.ts'

export interface Command {
  readonly id: string
  /** In the language that is set. */
  readonly title: string
  /** As `KeyboardEvent.key` gives it, without Ctrl, Alt or Meta; several may share a key where only one is enabled at a time. Null = none. */
  readonly key: string | null
  readonly enabled: boolean
  run(): void
}

export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** The tag of what has the focus, in capitals. */
  readonly focused: string
}

const typing: readonly string[] = ['INPUT', 'SELECT', 'TEXTAREA', 'BUTTON']

export class Commands {
  private readonly list: () => readonly Command[]

  /** `list` is asked anew each time: a command says by itself whether it is possible now. */
  constructor(list: () => readonly Command[]) {
    this.list = list
  }

  get all(): readonly Command[] {
    return this.list()
  }

  /** Runs what the key stands for. @returns whether there was such a command */
  press({ key, ctrlKey, metaKey, altKey, focused }: KeyPress): boolean {
    if (ctrlKey || metaKey || altKey || typing.includes(focused)) return false
    const command = this.list().find((one) => one.key === key && one.enabled)
    command?.run()
    return command !== undefined
  }

  /** Keys and what they do: the commands' own, then those that belong to one place. */
  get rows(): readonly (readonly [string, string])[] {
    const own = this.list().flatMap(({ key, title }) => (key === null ? [] : [[key === ' ' ? strings.spaceKey : key.toUpperCase(), title] as const]))
    return [...own, ...[...strings.shortcutRows, ...strings.curves.shortcuts, ...strings.compare.keys].map(([key, what]) => [key, what] as const)]
  }
}
