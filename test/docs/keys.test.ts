// The guide's page of keys is the app's own list: nothing of it is missing, and nothing else stands there.
import { expect, test } from 'vitest'
import { AppState } from '#renderer/state/app/app-state.svelte.ts'
import { Commands } from '#renderer/state/app/commands/commands.svelte.ts'
import { allCommands } from '#renderer/views/shell/view-commands.ts'
import { views } from '#renderer/views/views.ts'
import { proseOf } from '#test/helpers/markdown.ts'

test('the tables of keys hold what the app lists under “?”', () => {
  const app = new AppState({
    connect: () => new Promise(() => undefined),
    cameras: {
      list: async () => [],
      open: () => Promise.reject(new Error('none')),
      openVideo: () => Promise.reject(new Error('none')),
      onChange: () => () => undefined,
    },
    notifier: { permission: () => 'none', ask: async () => 'none', isAway: () => false, tell: () => undefined },
    states: views.flatMap(({ state }) => state ?? []),
  })
  const rows = new Commands(() => allCommands(app)).rows.map(([keys, what]) => `| ${keys} | ${what} |`)
  const told = proseOf('docs/guide/keys.md')
    .split('\n')
    .filter((line) => /^\| (?!---|key )/.test(line))
  if (process.env.PALM_SHOW) console.log(rows.join('\n'))
  expect(told.toSorted()).toEqual(rows.toSorted())
})
