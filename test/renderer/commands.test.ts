import { expect, test } from 'vitest'
import { menuDescriptionSchema } from '#contract/menu.ts'
import { Commands, focusedOf, keysText, type Command } from '#renderer/state/app/commands/commands.svelte.ts'

const plain = { ctrlKey: false, metaKey: false, altKey: false, focused: 'BODY' }
const made = (): { done: string[]; commands: Commands } => {
  const done: string[] = []
  const command = (id: string, key: string | null, enabled = true): Command => ({
    id,
    title: `Title of ${id}`,
    key,
    enabled,
    run: () => done.push(id),
  })
  return {
    done,
    commands: new Commands(() => [
      command('off', 'x', false),
      command('on', 'x'),
      command('space', ' '),
      command('keyless', null),
    ]),
  }
}

test('a key runs the command that is possible now, and no other', () => {
  const { done, commands } = made()
  expect(commands.press({ ...plain, key: 'x' })).toBe(true)
  expect(commands.press({ ...plain, key: 'q' })).toBe(false)
  expect(done).toEqual(['on'])
})

test('keys typed into a field, or with Ctrl, Meta or Alt, are not commands', () => {
  const { done, commands } = made()
  for (const focused of ['INPUT', 'SELECT', 'TEXTAREA'])
    expect(commands.press({ ...plain, key: 'x', focused })).toBe(false)
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }])
    expect(commands.press({ ...plain, ...held, key: 'x' })).toBe(false)
  expect(done).toEqual([])
})

test('what has the focus keeps only the keys that it has a use for', () => {
  const { done, commands } = made()
  // A button that was just pressed keeps the focus: the keys of the window go on working.
  for (const focused of ['BUTTON', 'SUMMARY', 'A']) {
    expect(commands.press({ ...plain, key: 'x', focused })).toBe(true)
    expect(commands.press({ ...plain, key: ' ', focused })).toBe(false)
  }
  expect(done).toEqual(['on', 'on', 'on'])
  const comma = new Commands(() => [{ id: ',', title: ',', key: ',', enabled: true, run: () => done.push(',') }])
  expect(comma.press({ ...plain, key: ',', focused: 'SELECT' })).toBe(true)
  expect(comma.press({ ...plain, key: ',', focused: 'INPUT' })).toBe(false)
  expect(focusedOf({ tagName: 'INPUT', type: 'checkbox' })).toBe('BUTTON')
  expect(focusedOf({ tagName: 'INPUT', type: 'number' })).toBe('INPUT')
})

test('the list of shortcuts names every command that has a key, in words', () => {
  const rows = made().commands.rows
  expect(rows).toContainEqual(['Space', 'Title of space'])
  expect(rows).toContainEqual(['X', 'Title of on'])
  expect(rows.some(([, what]) => what === 'Title of keyless')).toBe(false)
})

test('Ctrl or Command with a letter works in fields too, but where the field has a use for it', () => {
  const done: string[] = []
  const command = (id: string, keys: string, leavesFields = false): Command => ({
    id,
    title: id,
    key: null,
    keys,
    leavesFields,
    enabled: true,
    run: () => done.push(id),
  })
  const commands = new Commands(() => [
    command('palette', 'Mod+K'),
    command('window', 'Mod+Shift+N'),
    command('undo', 'Mod+Z', true),
  ])
  const ctrl = { ...plain, ctrlKey: true }
  expect(commands.press({ ...ctrl, key: 'k', focused: 'INPUT' })).toBe(true)
  expect(commands.press({ ...plain, metaKey: true, key: 'k' })).toBe(true)
  expect(commands.press({ ...ctrl, key: 'N', shiftKey: true })).toBe(true)
  expect(commands.press({ ...ctrl, key: 'n' })).toBe(false)
  expect(commands.press({ ...ctrl, altKey: true, key: 'k' })).toBe(false)
  expect(commands.press({ ...ctrl, key: 'z', focused: 'TEXTAREA' })).toBe(false)
  expect(commands.press({ ...ctrl, key: 'z', focused: 'BUTTON' })).toBe(true)
  expect(done).toEqual(['palette', 'palette', 'window', 'undo'])
})

test('keys are told as each platform writes them', () => {
  expect([keysText('Mod+Shift+N', false), keysText('Mod+Shift+N', true), keysText('Mod+,', false)]).toEqual([
    'Ctrl Shift N',
    '⇧⌘N',
    'Ctrl ,',
  ])
})

test('what goes to the menu bar is what the host takes', () => {
  const commands = new Commands(() => [
    { id: 'pause', title: 'Pause', key: ' ', menu: 'run', enabled: false, run: () => undefined },
    { id: 'settings', title: 'Settings', key: ',', keys: 'Mod+,', menu: 'file', enabled: true, run: () => undefined },
    { id: 'none', title: 'In no menu', key: 'x', enabled: true, run: () => undefined },
  ])
  expect(menuDescriptionSchema.parse(commands.describe()).commands).toEqual([
    { id: 'pause', title: 'Pause', menu: 'run', keys: 'Space', enabled: false },
    { id: 'settings', title: 'Settings', menu: 'file', keys: 'Mod+,', enabled: true },
  ])
})

test('what a browser keeps for itself is no key of a command there', () => {
  const commands = ['Mod+1', 'Mod+N', 'Mod+Shift+N', 'Mod+.', 'Mod+E', 'Mod+K', 'Mod+,'].map((keys) => ({
    id: keys,
    title: keys,
    key: null,
    keys,
    enabled: true,
    run: () => undefined,
  }))
  const keysOf = (browser: boolean) =>
    new Commands(() => commands, false, browser).all.flatMap(({ keys }) => keys ?? [])
  expect(keysOf(true)).toEqual(['Mod+K', 'Mod+,'])
  expect(keysOf(false).length).toBe(7)
})
