// The built program as Electron would run it: main, preload, utility processes and page, over a stand-in for the module `electron` (test/electron/stand-in.ts says what that cannot show).
import { describe, expect, test } from 'vitest'
import { BuiltApp } from '#test/electron/built-app.ts'
import { desktopFlows } from '#test/electron/flows.ts'
import { chromiumPath, sharedBrowser } from './app-in-browser.ts'

const chromium = chromiumPath()

describe.skipIf(!chromium)('the built program, in place of Electron a stand-in', () => {
  let app: BuiltApp | null = null
  desktopFlows(async (args) => (app = await BuiltApp.open(await sharedBrowser(chromium ?? ''), args)))

  test('has its renderers in a sandbox, and showed no error box', async () => {
    const again = await BuiltApp.open(await sharedBrowser(chromium ?? ''), ['--no-demo'])
    expect(await again.seen()).toMatchObject({ sandboxed: true, errors: [] })
    await again.close()
    expect(app?.faults).toEqual([])
  })
})
