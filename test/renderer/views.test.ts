// The rows of the views, and what the window makes of them: header, keys, palette, address. Without a page.
import { describe, expect, test, vi } from 'vitest'
import { setLanguage } from '#renderer/lib/strings/strings.svelte.ts'
import { AppState } from '#renderer/state/app/app-state.svelte.ts'
import { Commands } from '#renderer/state/app/commands/commands.svelte.ts'
import { Dialogs } from '#renderer/state/app/dialogs.svelte.ts'
import { compareRuns } from '#renderer/state/app/compare-runs.ts'
import { allCommands } from '#renderer/views/shell/view-commands.ts'
import { openView, viewOf, views } from '#renderer/views/views.ts'

/** Of a window that waits for the program. */
const waiting = (): AppState =>
  new AppState({
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

describe('the rows', () => {
  test('no two share an id, a key or a class of state', () => {
    const once = (all: readonly unknown[]) => expect(new Set(all).size).toBe(all.length)
    once(views.map(({ id }) => id))
    once(views.flatMap(({ entry }) => (entry ? [entry.key, entry.keys] : [])))
    once(views.flatMap(({ state }) => state?.of ?? []))
  })

  test('each has a button, or stands under one that has', () => {
    for (const { id, entry, under } of views)
      expect(entry ?? viewOf(under ?? '').entry, `${id} under ${under}`).not.toBeNull()
  })

  test('an id that is none leads to the live view', () => expect(viewOf('nowhere').id).toBe('live'))
})

describe('the commands', () => {
  test('stand in the order in which palette and list of keys show them', () =>
    expect(allCommands(waiting()).map(({ id }) => id)).toEqual(
      (
        'pause step change stop newRun queue export images live history sweeps models webcam focus:accuracy focus:domains focus:layers focus:batch resetLayout compare palette undo resume ' +
        'sample sampleWhole settings newWindow log report tour about help'
      ).split(' '),
    ))

  test('go to a view by its key, and have its name in the language that is set', () => {
    const app = waiting()
    const commands = new Commands(() => allCommands(app))
    const plain = { ctrlKey: false, metaKey: false, altKey: false, focused: 'BODY' }
    commands.press({ ...plain, key: 'm' })
    expect(app.navigation.view).toBe('models')
    commands.press({ ...plain, ctrlKey: true, key: '1' })
    expect(app.navigation.view).toBe('live')
    setLanguage('de')
    expect(allCommands(app).find(({ id }) => id === 'history')?.title).toBe('Gehe zu: Verlauf')
    setLanguage('en')
  })

  test('that ask the program wait for the connection, by key too', () => {
    const app = waiting()
    const commands = new Commands(() => allCommands(app))
    for (const key of ['n', 'q', 's', 'e', 'i'])
      commands.press({ ctrlKey: false, metaKey: false, altKey: false, focused: 'BODY', key })
    commands.do('newRun')
    expect(app.dialogs.isOpen).toBe(false)
  })

  test('that open a dialog open that one', () => {
    const app = waiting()
    vi.spyOn(app.connection, 'isOpen', 'get').mockReturnValue(true)
    const commands = new Commands(() => allCommands(app))
    commands.do('help')
    commands.do('newRun')
    commands.do('palette')
    expect([app.dialogs.shortcuts, app.dialogs.newRun, app.dialogs.palette, app.dialogs.isOpen]).toEqual([
      true,
      {},
      true,
      true,
    ])
  })
})

test('what is dropped goes into the form that is open, or opens one', () => {
  const dialogs = new Dialogs()
  const dropped = { input: '/images', model: null, note: '' }
  dialogs.drop(dropped)
  expect(dialogs.newRun).toEqual({ dropped })
  dialogs.openNewRun({ model: 3 })
  dialogs.drop(dropped)
  expect(dialogs.newRun).toEqual({ model: 3, dropped })
})

describe('the address', () => {
  const { address } = viewOf('compare')

  test('of a comparison leads to it, also before there is a connection', () => {
    const app = waiting()
    expect(address?.open(app, '#compare=3,5')).toBe(true)
    expect([app.navigation.view, address?.of(app)]).toEqual(['compare', '#compare=3,5'])
    compareRuns(app, [7])
    expect(address?.of(app)).toBe('#compare=7')
  })

  test('of something else is not taken', () => {
    const app = waiting()
    expect([address?.open(app, '#other'), app.navigation.view]).toEqual([false, 'live'])
  })

  test('settings open at their first page', () => {
    const app = waiting()
    app.navigation.openSettings('log')
    expect([app.navigation.view, app.navigation.section]).toEqual(['settings', 'log'])
    openView(app, viewOf('settings'))
    expect([app.navigation.view, app.navigation.section]).toEqual(['settings', 'general'])
  })
})
