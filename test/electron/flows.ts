// The ten most important things that a person does in the desktop app, in the order of one sitting. They run over the stand-in everywhere (test/e2e/electron.test.ts), and over Electron
// itself wherever its binary is (test/e2e/electron-binary.test.ts).
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '#store/store.ts'

/** The running program, and a person’s hands on what is not in its page. */
export interface Desktop {
  /** The page of window `number`, the first is 1; null while there is none. */
  page(number: number): Promise<Page> | null
  windows(): Promise<number>
  /** Clicks in the menu bar. */
  click(...labels: readonly string[]): Promise<void>
  /** What the next open dialog gives. */
  choose(path: string): Promise<void>
  /** Which button of the next question is pressed. */
  answer(button: 'stop' | 'background' | 'cancel'): Promise<void>
  quit(): Promise<void>
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
  /** Faults that pages reported. */
  readonly faults: readonly string[]
  close(): Promise<void>
}

const sample = fileURLToPath(new URL('../../resources/sample/images', import.meta.url))

/** Registers the tests. `open` starts the program on a data folder. */
export function desktopFlows(open: (args: readonly string[]) => Promise<Desktop>): void {
  const root = mkdtempSync(join(tmpdir(), 'palm-desktop-'))
  const data = join(root, 'data')
  const photos = join(root, 'photos')
  let app: Desktop
  let page: Page

  const start = async (...args: string[]) => {
    app = await open([`--data=${data}`, '--no-tour', ...args])
    await expect.poll(() => app.page(1)).not.toBeNull()
    page = (await app.page(1)) as Page
  }
  const progress = async () => Number.parseInt(/(\d+) %/.exec(await page.title())?.[1] ?? '-1', 10)
  const runs = () => {
    const store = openStore(join(data, 'palm.sqlite'))
    const found = store.runs.list({ deleted: false }).map(({ id, status }) => `${id} ${status}`)
    store.close()
    return found.sort()
  }
  const dialog = () => page.getByRole('dialog')

  beforeAll(() => {
    for (const name of ['Forest', 'River']) {
      mkdirSync(join(photos, name), { recursive: true })
      for (const file of readdirSync(join(sample, name)).slice(0, 4))
        cpSync(join(sample, name, file), join(photos, name, file))
    }
  })
  afterAll(async () => {
    await app?.close()
    rmSync(root, { recursive: true, force: true })
  })

  test('1. the sample runs by itself on the first launch', async () => {
    await start()
    await expect.poll(progress).toBeGreaterThan(0)
  })

  test('2. the run is paused and goes on, by the menu’s command and by the page’s button', async () => {
    await app.click('Run', 'Pause or continue the run')
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  })

  test('3. a reload loses nothing', async () => {
    const before = await progress()
    await page.reload()
    await expect.poll(progress).toBeGreaterThanOrEqual(before)
    await page.getByRole('button', { name: 'Pause', exact: true }).click() // nothing of the next needs more steps
  })

  test('4. a second window shows the same run', async () => {
    await app.click('File', 'New window')
    await expect.poll(() => app.page(2)).not.toBeNull()
    const second = (await app.page(2)) as Page
    await expect.poll(() => second.title()).toMatch(/\d+ %/)
  })

  test('5. quitting in the middle of a run is asked, and can be called off', async () => {
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    await app.answer('cancel')
    await app.quit()
    expect(await app.windows()).toBe(2)
    await expect.poll(progress).toBeGreaterThan(0)
  })

  test('6. a run that quitting stopped is resumed by the next start', async () => {
    await app.answer('stop')
    await app.quit()
    expect(await app.ended).toBe(0)
    expect(app.faults).toEqual([])
    expect(runs()).toEqual(['1 stopped'])
    await app.close()
    await start()
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('Stopped; it can be resumed').waitFor()
  })

  test('7. a path that was only typed is not opened; a folder that was chosen in the system’s dialog is', async () => {
    await app.click('File', 'New run')
    await page.locator('#run-input-path').fill(photos)
    await page.keyboard.press('Tab')
    await dialog()
      .getByText(/may not open/)
      .first()
      .waitFor()
    await app.choose(photos)
    // Only macOS has a dialog that takes folders and files at once.
    const folder = process.platform === 'darwin' ? 'Choose…' : 'Choose folder…'
    await dialog().getByRole('button', { name: folder }).first().click()
    await dialog().getByText('8 images in 2 classes').waitFor()
  })

  test('8. one’s own images are run to the end', async () => {
    await page.keyboard.press('Control+Enter')
    await expect.poll(() => page.locator('.progress').innerText()).toContain('Done')
  })

  test('9. the adapted model is exported', async () => {
    await page.getByRole('button', { name: 'Export…' }).first().click()
    const usual = await dialog().getByRole('textbox').first().inputValue()
    const path = join(root, 'chosen.onnx') // nowhere that the page might name by itself
    await app.choose(path)
    await dialog().getByRole('button', { name: 'Choose…' }).click()
    await expect.poll(() => dialog().getByRole('textbox').first().inputValue()).toBe(path)
    await expect.poll(() => dialog().getByLabel('Format').inputValue()).toBe('onnx')
    expect(path).not.toBe(usual)
    await dialog().getByRole('button', { name: 'Export', exact: true }).click()
    await dialog().getByText('Written and verified:').waitFor()
    expect(existsSync(path)).toBe(true)
    await page.keyboard.press('Escape')
  })

  test('10. a run goes on without a window, and the program ends with it', async () => {
    await app.click('View', 'Go to: history')
    await expect.poll(() => page.getByRole('button', { name: 'History' }).getAttribute('aria-current')).toBe('page')
    await app.click('File', 'New run')
    await page.locator('#run-input-path').fill(photos) // opened before: no dialog
    await page.keyboard.press('Tab')
    await dialog().getByText('8 images in 2 classes').waitFor()
    await page.keyboard.press('Control+Enter')
    await expect.poll(runs).toHaveLength(3)
    await app.answer('background')
    await app.quit()
    await expect.poll(() => app.windows().catch(() => 0)).toBe(0)
    expect(await app.ended).toBe(0)
    expect(app.faults).toEqual([])
    expect(runs()).toEqual(['1 stopped', '2 done', '3 done'])
  })
}
