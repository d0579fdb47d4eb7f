import { expect, test } from 'vitest'
import { Commands, type Command } from '../../src-renderer/state/commands.svelte.ts'

const plain = { ctrlKey: false, metaKey: false, altKey: false, focused: 'BODY' }
const made = (): { done: string[]; commands: Commands } => {
  const done: string[] = []
  const command = (id: string, key: string | null, enabled = true): Command => ({ id, title: `Title of ${id}`, key, enabled, run: () => done.push(id) })
  return { done, commands: new Commands(() => [command('off', 'x', false), command('on', 'x'), command('space', ' '), command('keyless', null)]) }
}

test('a key runs the command that is possible now, and no other', () => {
  const { done, commands } = made()
  expect(commands.press({ ...plain, key: 'x' })).toBe(true)
  expect(commands.press({ ...plain, key: 'q' })).toBe(false)
  expect(done).toEqual(['on'])
})

test('keys typed into a field, or with Ctrl, Meta or Alt, are not commands', () => {
  const { done, commands } = made()
  for (const focused of ['INPUT', 'SELECT', 'TEXTAREA', 'BUTTON']) expect(commands.press({ ...plain, key: 'x', focused })).toBe(false)
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) expect(commands.press({ ...plain, ...held, key: 'x' })).toBe(false)
  expect(done).toEqual([])
})

test('the list of shortcuts names every command that has a key, in words', () => {
  const rows = made().commands.rows
  expect(rows).toContainEqual(['Space', 'Title of space'])
  expect(rows).toContainEqual(['X', 'Title of on'])
  expect(rows.some(([, what]) => what === 'Title of keyless')).toBe(false)
})
