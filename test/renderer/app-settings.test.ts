// The settings as a window has them while its own changes are on their way, over a real client and a host that answers when it is told to: without a page.
import { expect, test } from 'vitest'
import { createClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { settingsSchema, type Settings } from '#contract/app/settings.ts'
import { PalmError } from '#contract/errors.ts'
import { AppSettings } from '#renderer/state/app/app-settings.svelte.ts'
import { Problems } from '#renderer/state/app/problems.svelte.ts'
import { Undo } from '#renderer/state/app/undo.svelte.ts'
import { tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

/** A window, and a host whose answer to each change waits for `answer` (null = it is refused). */
function windowOf() {
  let told: (settings: Settings) => void = () => undefined
  let kept = settingsSchema.parse({ language: 'en', theme: 'light' })
  const waiting: { changes: Record<string, unknown>; answer(accepted: boolean): void }[] = []
  const [near, far] = portPair()
  serve(
    far,
    tableOfHandlers({
      'settings.get': () => kept,
      'settings.change': ({ changes }) =>
        new Promise((resolve, reject) => {
          waiting.push({
            changes,
            answer(accepted) {
              if (!accepted) return reject(new PalmError('bad-request', 'It does not fit.'))
              kept = settingsSchema.parse({ ...kept, ...changes })
              told(kept)
              resolve(kept)
            },
          })
        }),
    }),
    tableOfSubscribers({
      settings: (_, sink) => {
        told = (settings) => sink.event(settings)
        sink.snapshot(kept)
        return () => undefined
      },
    }),
  )
  const client = createClient(near)
  const problems = new Problems()
  const settings = new AppSettings({ caller: client, problems, undo: new Undo() })
  settings.follow(client)
  return { settings, problems, waiting, others: (changes: Partial<Settings>) => told((kept = { ...kept, ...changes })) }
}

test('an echo of an earlier change does not undo, for a moment, a later one that is still on its way', async () => {
  const { settings, waiting } = windowOf()
  await expect.poll(() => settings.values.theme).toBe('light')
  const seen: string[] = []
  const first = settings.change({ theme: 'dark' })
  const second = settings.change({ theme: 'system' })
  expect(settings.values.theme).toBe('system')
  await expect.poll(() => waiting.length).toBe(2)
  waiting[0]?.answer(true)
  expect(await first).toBe(true)
  seen.push(settings.values.theme)
  waiting[1]?.answer(true)
  expect(await second).toBe(true)
  seen.push(settings.values.theme)
  expect(seen).toEqual(['system', 'system'])
})

test('a change that is refused leaves later ones, and what other windows changed meanwhile', async () => {
  const { settings, problems, waiting, others } = windowOf()
  await expect.poll(() => settings.values.theme).toBe('light')
  const refused = settings.change({ theme: 'dark' })
  const taken = settings.change({ language: 'de' })
  await expect.poll(() => waiting.length).toBe(2)
  others({ lookForUpdates: true })
  await expect.poll(() => settings.values.lookForUpdates).toBe(true)
  expect(settings.values).toMatchObject({ theme: 'dark', language: 'de' })
  waiting[0]?.answer(false)
  expect(await refused).toBe(false)
  expect(problems.current?.message).toBe('It does not fit.')
  expect(settings.values).toMatchObject({ theme: 'light', language: 'de', lookForUpdates: true })
  waiting[1]?.answer(true)
  expect(await taken).toBe(true)
  expect(settings.values).toMatchObject({ theme: 'light', language: 'de', lookForUpdates: true })
})
