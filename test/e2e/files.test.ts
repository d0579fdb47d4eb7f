// Choosing images and a model in the program's own picker, over the real web host: by keys alone, on real folders.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { narrowResources } from '#test/helpers/narrow-sample.ts'
import { chromiumPath, openApp, shoot, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('choosing files', () => {
  let app: RunningApp
  let root: string
  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'palm-files-')))
    copyFileSync(join(narrowResources, 'models', 'eurosat-resnet20.safetensors'), join(root, 'tiles.safetensors'))
    writeFileSync(join(root, 'archive.zip'), '')
    for (const name of ['Forest', 'River']) {
      mkdirSync(join(root, 'photos', name), { recursive: true })
      for (const tile of readdirSync(join(narrowResources, 'sample', 'images', name)).slice(0, 3))
        copyFileSync(join(narrowResources, 'sample', 'images', name, tile), join(root, 'photos', name, tile))
    }
    app = await openApp(executable as string, ['--no-demo'])
  })
  afterAll(async () => {
    await app?.close()
    if (root) rmSync(root, { recursive: true, force: true })
  })

  const form = () => app.page.getByRole('dialog', { name: 'New run' })
  const picker = () => app.page.getByRole('dialog', { name: /^Choose / })
  const rows = () => picker().getByRole('option')
  const chosen = () => picker().locator('[aria-selected=true]').innerText()
  const press = (key: string) => app.page.keyboard.press(key)

  test('the form says what it takes, by an example each, and that it may be dropped', async () => {
    await app.page.getByRole('button', { name: 'New run…' }).first().click()
    await form().getByText('drop a folder, an archive, a list or images anywhere').waitFor()
    await form().getByText('What images can look like').click()
    await expect.poll(() => form().innerText()).toContain('images/1.jpg,cat')
    await form().getByText('What images can look like').click()
  })

  test('a folder of images is found by keys: into it, out of it, by its letters, and taken', async () => {
    const { page } = app
    await form().getByLabel('Images: Path').fill(root)
    await form().getByRole('button', { name: 'Choose…' }).first().click()
    await expect
      .poll(() => rows().allInnerTexts())
      .toEqual([expect.stringContaining('photos'), expect.stringContaining('archive.zip')])
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("role")')).toBe('listbox')
    await press('a')
    await expect.poll(chosen).toContain('archive.zip')
    await press('ArrowUp')
    await press('Enter')
    await expect
      .poll(() => rows().allInnerTexts())
      .toEqual([expect.stringMatching(/Forest\s+3 images/), expect.stringMatching(/River\s+3 images/)])
    await shoot(page, 'picker.png')
    expect(await violationsOf(page)).toEqual([])
    await press('Backspace')
    await expect.poll(chosen).toContain('photos')
    await press('Enter')
    await expect.poll(() => rows().first().innerText()).toContain('Forest')
    await press('Control+Enter')
    await picker().waitFor({ state: 'detached' })
    await expect.poll(() => form().getByLabel('Images: Path').inputValue()).toBe(join(root, 'photos'))
    await form().getByText('6 images in 2 classes').waitFor()
  })

  test('a model is chosen in the same way; Escape chooses nothing and leaves the form as it was', async () => {
    await form().getByLabel('Model', { exact: true }).selectOption('file')
    await form().getByLabel('Model: Path').fill(root)
    await form().getByRole('button', { name: 'Choose…' }).nth(1).click()
    await expect.poll(() => rows().count()).toBe(2)
    await press('Escape')
    await picker().waitFor({ state: 'detached' })
    await expect.poll(() => form().getByLabel('Model: Path').inputValue()).toBe(root)
    await form().getByRole('button', { name: 'Choose…' }).nth(1).click()
    await expect.poll(() => rows().count()).toBe(2)
    await press('t')
    await press('Enter')
    await picker().waitFor({ state: 'detached' })
    await expect.poll(() => form().getByLabel('Model: Path').inputValue()).toBe(join(root, 'tiles.safetensors'))
    await form().getByText('at batch 100').waitFor()
    expect(app.faults).toEqual([])
  })

  test('a dialog that Escape closes can be opened again by the very next key, also on a machine that lags', async () => {
    const { page } = app
    const dialogs = { n: form(), q: page.getByRole('dialog', { name: 'Queue' }) }
    await press('Escape')
    await form().waitFor({ state: 'detached' })
    for (const [key, dialog] of Object.entries(dialogs)) {
      await press(key)
      await dialog.waitFor()
      for (let round = 0; round < 3; round++) {
        // While the page is held up both keys come in, and lie before everything that the first one sets off.
        const held = page.evaluate('{ const until = performance.now() + 300; while (performance.now() < until); }')
        await Promise.all([held, press('Escape'), press(key)])
        await dialog.waitFor()
        await expect.poll(() => page.locator('dialog[open]').count()).toBe(1)
      }
      await press('Escape')
      await dialog.waitFor({ state: 'detached' })
    }
    expect(app.faults).toEqual([])
  })
})
