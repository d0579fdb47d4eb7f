// The same sitting over Electron itself, where its binary and a display are: Playwright starts the built program as a person's double click would.
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'
import { quitChoices } from '#app/hosts/quitting.ts'
import { electronBinary } from '#build/setup/electron.mjs'
import { desktopFlows, type Desktop } from '#test/electron/flows.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const binary = electronBinary()
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'])
if (!binary || !hasDisplay)
  console.log(
    `skipped: there is no ${binary ? 'display' : 'binary of Electron'} on this machine (npm start fetches it)`,
  )

async function launch(args: readonly string[]): Promise<Desktop> {
  const app = await _electron.launch({ executablePath: binary ?? '', args: [root, ...args] })
  const pages: Page[] = []
  const faults: string[] = []
  app.on('window', (page) => {
    pages.push(page)
    page.on('pageerror', (error) => faults.push(String(error)))
  })
  for (const page of app.windows()) if (!pages.includes(page)) pages.push(page)
  return {
    page: (number) => (pages[number - 1] ? Promise.resolve(pages[number - 1] as Page) : null),
    windows: () => Promise.resolve(app.windows().length),
    click: (...labels) => clickMenu(app, labels),
    choose: (path) =>
      app.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen })
      }, path),
    answer: (button) =>
      app.evaluate(({ dialog }, response) => {
        dialog.showMessageBox = () => Promise.resolve({ response, checkboxChecked: false })
      }, quitChoices.indexOf(button)),
    quit: () => app.evaluate(({ app: electron }) => electron.quit()).catch(() => undefined), // it may be gone before it answers
    ended: new Promise((resolve) => app.process().once('exit', resolve)),
    faults,
    close: () => app.close(),
  }
}

const clickMenu = (app: ElectronApplication, labels: readonly string[]): Promise<void> =>
  app.evaluate(({ Menu }, way) => {
    let menu = Menu.getApplicationMenu()
    for (const [depth, label] of way.entries()) {
      const item = menu?.items.find((one) => one.label === label)
      if (!item) throw new Error(`The menu has no ${label}`)
      if (depth === way.length - 1) (item as unknown as { click(): void }).click() // typed as any Function
      menu = item.submenu ?? null
    }
  }, labels)

describe.skipIf(!binary || !hasDisplay)('the built program in Electron', () => {
  desktopFlows(launch)
})
