// The built program as Electron would run it: main, preload, utility processes and page, over a stand-in for the module `electron` (test/electron/stand-in.ts says what that cannot show).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { openStore } from '#store/store.ts'
import { BuiltApp } from '#test/electron/built-app.ts'
import { chromiumPath, sharedBrowser, smallSample } from './app-in-browser.ts'

const chromium = chromiumPath()

describe.skipIf(!chromium)('the built program, in place of Electron a stand-in', () => {
  const root = mkdtempSync(join(tmpdir(), 'palm-built-'))
  const data = join(root, 'data')
  let app: BuiltApp | null = null

  afterEach(async () => {
    await app?.close()
    app = null
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  async function open(...args: string[]): Promise<[BuiltApp, Page]> {
    app = await BuiltApp.open(await sharedBrowser(chromium ?? ''), [`--data=${data}`, '--no-tour', ...args])
    await expect.poll(() => app?.page(1)).not.toBeNull()
    return [app, (await app.page(1)) as Page]
  }

  test('the sample runs on the first launch, its menu is the page’s, a reload loses nothing, a second start shows the window', async () => {
    const [built, page] = await open()
    await expect.poll(() => page.title()).toMatch(/\d+ %/)
    expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(true)
    expect((await built.seen()).sandboxed).toBe(true)

    const menus = await built.ask<[string, string[]][]>({ ask: 'labels' })
    expect(menus.map(([label]) => label)).toEqual(['File', 'Edit', 'View', 'Run', 'Window', 'Help'])
    const before = await page.title()
    await page.reload()
    await expect.poll(() => page.title()).toMatch(/\d+ %/)
    expect(Number.parseInt(/(\d+) %/.exec(await page.title())?.[1] ?? '', 10)).toBeGreaterThanOrEqual(
      Number.parseInt(/(\d+) %/.exec(before)?.[1] ?? '', 10),
    )
    await built.ask({ ask: 'again' })
    expect((await built.seen()).windows).toBe(1)

    // Quitting in the middle of a run is asked; the last button leaves everything as it is.
    await built.ask({ ask: 'answer', button: 2 })
    await built.ask({ ask: 'quit' })
    expect((await built.seen()).windows).toBe(1)
    await built.ask({ ask: 'answer', button: 0 })
    await built.ask({ ask: 'quit' })
    expect(await built.ended).toBe(0)
    expect(built.faults).toEqual([])
    const store = openStore(join(data, 'palm.sqlite'))
    expect(store.runs.list({ deleted: false }).map(({ status }) => status)).toEqual(['stopped'])
    store.close()
  })

  test('a menu leads the page, windows share what is under way, and a run ends without a window if wished', async () => {
    const [built, page] = await open('--no-demo')
    await built.ask({ ask: 'click', labels: ['View', 'Go to: history'] })
    await expect.poll(() => page.getByRole('button', { name: 'History' }).getAttribute('aria-current')).toBe('page')

    await built.ask({ ask: 'open', window: 1, url: 'palm://app/' }) // as a page asks for a second window
    await expect.poll(() => built.page(2)).not.toBeNull()
    const second = (await built.page(2)) as Page
    const request = { ...smallSample, name: 'Short', limit: 10, lanes: smallSample.lanes.slice(0, 2) }
    const call = JSON.stringify({ type: 'call', id: 999_999, method: 'runs.start', request })
    await built.ask({ ask: 'receive', window: 2, channel: 'palm:message', args: [call] })
    for (const one of [page, second]) await expect.poll(() => one.title()).toMatch(/\d+ %/)

    await built.ask({ ask: 'answer', button: 1 })
    await built.ask({ ask: 'quit' })
    expect(await built.ended).toBe(0)
    expect(built.faults).toEqual([])
    const store = openStore(join(data, 'palm.sqlite'))
    const [run] = store.runs.list({ deleted: false }).filter(({ name }) => name === 'Short')
    expect(run?.status).toBe('done')
    store.close()
  })
})
