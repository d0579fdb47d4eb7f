// Loaded before the built main (`node --import`): the module `electron` is the stand-in, and a test in the parent process holds its hand: it is told of every message to
// a page, and asks for what a person or Chromium would do.
import { registerHooks } from 'node:module'
import { app, inside, type BrowserWindow } from './stand-in.ts'
import type { Ask, Told } from './built-app.ts'

const standIn = new URL('./stand-in.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
})

// As in a package: where its resources lie.
const packaged = process.env['PALM_TEST_PACKAGED']
if (packaged !== undefined) {
  Object.assign(process, { resourcesPath: packaged })
  app.isPackaged = true
  app.version = '0.1.0'
}

const tell = (told: Told): void => void (process.connected && process.send?.(told))
const numbers = new Map<BrowserWindow, number>()
const windowOf = (number: number): BrowserWindow => {
  for (const [window, its] of numbers) if (its === number && !window.isDestroyed()) return window
  throw new Error(`There is no window ${number}`)
}

for (const arg of process.argv.slice(2)) {
  const [, name, value] = /^--([^=]+)=?(.*)$/.exec(arg) ?? []
  if (name) inside.switches.set(name, value ?? '')
}
inside.events.on('window', (window: BrowserWindow) => {
  const number = numbers.size + 1
  numbers.set(window, number)
  window.webContents.on('stand-in:sent', ({ channel, args }: { channel: string; args: unknown[] }) =>
    tell({ told: 'sent', window: number, channel, args }),
  )
  window.on('closed', () => tell({ told: 'closed', window: number }))
  tell({ told: 'window', window: number, preload: String(window.options.webPreferences?.['preload']) })
})
inside.exit = (code) => {
  tell({ told: 'exit', code })
  setImmediate(() => process.exit(code))
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.ask) {
    case 'fetch': {
      const response = await inside.fetch(ask.url)
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: new Uint8Array(await response.arrayBuffer()),
      }
    }
    case 'receive':
      return inside.receive(windowOf(ask.window), ask.channel, ask.args)
    case 'click':
      return inside.click(...ask.labels)
    case 'labels':
      return (inside.menu ?? []).map(({ label, submenu }) => [
        label,
        (submenu ?? []).flatMap((item) => item.label ?? []),
      ])
    case 'choose':
      inside.chosen = ask.paths
      return null
    case 'answer':
      inside.answer = ask.button
      return null
    case 'open':
      return windowOf(ask.window).webContents.openHandler({ url: ask.url })
    case 'close':
      return windowOf(ask.window).destroy()
    case 'again':
      return void (await import('./stand-in.ts')).app.emit('second-instance')
    case 'quit':
      return (await import('./stand-in.ts')).app.quit()
    case 'seen':
      return {
        windows: inside.windows.length,
        openedOutside: inside.openedOutside,
        notified: inside.notified,
        errors: inside.shownErrors,
        sandboxed: (await import('./stand-in.ts')).app.sandboxed,
      }
  }
}

process.on('message', ({ id, ask }: { id: number; ask: Ask }) => {
  answer(ask).then(
    (result) => tell({ told: 'answer', id, result }),
    (thrown: unknown) => tell({ told: 'answer', id, error: String(thrown) }),
  )
})
