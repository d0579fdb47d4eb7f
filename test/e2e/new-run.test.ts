// Setting up a run, over the real web host, session process and store: a folder of images made here, pictures of every corruption on one of them, an estimate,
// problems said before the start, templates that survive a reload, the same again with one change; and the clicks that a newcomer needs are counted.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'
import { bundledResources, narrowResources } from '#test/helpers/narrow-sample.ts'
import { tinyVit } from '#test/helpers/tiny-vit.ts'

const executable = chromiumPath()
const model = join('models', 'eurosat-resnet20.safetensors')
const resources = narrowResources

describe.skipIf(!executable)('setting up a run', () => {
  let app: RunningApp
  let folder: string
  let clicks = 0
  const dialog = () => app.page.getByRole('dialog')
  const click = async (name: string | RegExp) => {
    clicks += 1
    await app.page.getByRole('button', { name }).first().click()
  }
  /** Cores are shared: what takes no time alone may take some here. */
  const soon = <T>(look: () => T | Promise<T>) => expect.poll(look)
  const shownRun = () => app.page.getByRole('combobox', { name: 'Run' }).locator('option:checked').innerText()
  const recent = async (path: string) => {
    await dialog().getByText('Recent…').first().click()
    await dialog().getByRole('button', { name: path, exact: true }).click()
  }
  const settingsField = () => dialog().getByRole('combobox', { name: /^Settings/ })
  const estimate = () => dialog().locator('[data-part=estimate]').innerText()
  const problems = () => dialog().getByRole('list', { name: 'Before the start' })
  /** The pixels of a cell of the grid, as the page holds them. */
  const pixels = (cell: string) =>
    app.page.evaluate<string>(
      `(() => { const canvas = document.querySelector('canvas[data-cell="${cell}"]'); return canvas ? Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).join() : '' })()`,
    )
  const shots = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        expect(
          await app.page.evaluate(
            'document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("dialog, form > .scroll")].every((one) => one.scrollWidth <= one.clientWidth)',
          ),
        ).toBe(true)
        // Start is in view whatever is scrolled.
        expect(
          await app.page.evaluate(
            "(() => { const box = document.getElementById('run-start').getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth })()",
          ),
        ).toBe(true)
        if (width === 1440) expect(await violationsOf(app.page, theme), `${name}, ${theme}`).toEqual([])
      }
    }
    await app.page.evaluate("document.documentElement.dataset.theme = 'light'")
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'palm-new-run-'))
    copyFileSync(join(resources, model), join(folder, 'tiles.safetensors'))
    copyFileSync(join(bundledResources, model), join(folder, 'large.safetensors'))
    writeFileSync(join(folder, 'transformer.safetensors'), tinyVit())
    for (const name of ['Forest', 'River']) {
      mkdirSync(join(folder, 'photos', name), { recursive: true })
      for (const tile of readdirSync(join(resources, 'sample', 'images', name))
        .sort()
        .slice(0, 4))
        copyFileSync(join(resources, 'sample', 'images', name, tile), join(folder, 'photos', name, tile))
    }
    app = await openApp(executable as string, ['--no-demo'])
  })
  afterAll(async () => {
    await app?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('a newcomer gets from the first launch to “my folder, my model, a table, an exported checkpoint”, in clicks that are counted', async () => {
    const { page } = app
    await click('New run…')
    // The path field is there and has the focus: no click for it.
    await soon(() => page.evaluate('document.activeElement.id')).toBe('run-input-path')
    await soon(() => problems().innerText()).toContain('No images yet')
    await expect.poll(() => dialog().getByRole('button', { name: 'Start run: 1 problem' }).count()).toBe(1)
    await page.keyboard.type(join(folder, 'photos'))
    await page.keyboard.press('Tab')
    await dialog().getByText('8 images in 2 classes').waitFor()
    clicks += 2 // the list of models, and “A file…” in it
    await dialog().getByLabel('Model', { exact: true }).selectOption('file')
    await dialog().getByLabel('Model: Path').fill(join(folder, 'tiles.safetensors'))
    await page.keyboard.press('Tab')
    await dialog().getByText('at batch 100').waitFor()
    await expect.poll(() => problems().count()).toBe(0)
    await expect
      .poll(estimate)
      .toMatch(/120 images in 15 domains, 4 methods; memory about .* free\); checkpoints at most/)
    // What will be scored, and what the unadapted model says of eight of the images, before anything is run.
    await expect
      .poll(() => dialog().locator('[data-part=look]').innerText())
      .toMatch(
        /^photos: 8 images; 2 classes matched to the model’s 10: name; 4 images each; normalisation .* \(from the file\)\.$/,
      )
    const look = dialog().getByRole('group', { name: 'What will be scored' })
    await expect.poll(() => look.getByRole('listitem').count()).toBe(8)
    await expect
      .poll(() => look.getByText(/^Unadapted, the model gets [678] of 8 clean images right\.$/).count())
      .toBe(1)
    await expect.poll(() => look.getByText('Forest: right').count()).toBeGreaterThan(2)
    await look.getByRole('listitem').last().scrollIntoViewIfNeeded()
    await shots('new-run-newcomer')
    // Ctrl+Enter is as good as the click that is counted.
    clicks += 1
    await page.keyboard.press('Control+Enter')
    await page
      .getByRole('region', { name: /Error per domain/ })
      .first()
      .waitFor()
    await expect.poll(() => page.locator('.progress').innerText()).toContain('Done')
    expect(clicks).toBe(4)
    await click('Export…')
    clicks += 1
    await dialog().getByRole('button', { name: 'Export', exact: true }).click()
    await dialog().getByText('Written and verified:').waitFor()
    // As the README says; one more stops the sample, where it still runs.
    expect(clicks).toBe(6)
    await page.keyboard.press('Escape')
  })

  test('the grid shows the images as the run will make them, severities differ, and cells choose by mouse and by keys', async () => {
    const { page } = app
    await click('New run…')
    await soon(() => settingsField().inputValue()).toBe('last')
    await expect.poll(() => dialog().getByText('8 images in 2 classes').count()).toBe(0) // images are not remembered, settings and model are
    await recent(join(folder, 'photos'))
    await dialog().getByText('8 images in 2 classes').waitFor()
    await dialog().getByText('As the model sees it: 64 x 64').waitFor()
    await dialog().getByText('Image 1 of 8').waitFor()
    await expect.poll(() => dialog().locator('canvas[data-cell]').count()).toBe(1 + 19 * 5)
    const seen = await Promise.all(
      ['clean', ...[1, 2, 3, 4, 5].map((severity) => `fog ${severity}`), 'snow 5'].map(pixels),
    )
    expect(new Set(seen).size).toBe(7)

    // The first cell to which Tab comes, then arrows; space takes the corruption out and in.
    const chosen = () => dialog().getByRole('grid').locator('[role=gridcell][aria-selected=true]').count()
    await expect.poll(() => chosen()).toBe(15)
    await dialog().getByRole('button', { name: 'gaussian noise, severity 1' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toContain('shot noise, severity 2')
    await page.keyboard.press(' ')
    await expect.poll(() => chosen()).toBe(30) // severity 2 came in
    await page.keyboard.press(' ')
    await expect.poll(() => chosen()).toBe(28) // shot noise went out
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await expect.poll(() => chosen()).toBe(30)
    await dialog().getByRole('checkbox', { name: '2', exact: true }).uncheck()
    await expect.poll(() => chosen()).toBe(15)

    await dialog()
      .getByRole('group', { name: 'Corruptions' })
      .getByRole('button', { name: 'None', exact: true })
      .click()
    await dialog().getByRole('button', { name: 'fog, severity 3' }).click()
    await dialog().getByRole('checkbox', { name: '5', exact: true }).uncheck()
    await expect.poll(() => chosen()).toBe(1)
    await dialog().getByRole('group', { name: 'Corruptions' }).scrollIntoViewIfNeeded()
    await shots('new-run-grid')

    // Another image has other pixels; what the run then shows of it are the very ones of the grid.
    const first = await pixels('fog 3')
    await dialog().getByRole('button', { name: 'Next image' }).click()
    await dialog().getByText('Image 2 of 8').waitFor()
    await expect.poll(() => pixels('fog 3')).not.toBe('')
    const second = await pixels('fog 3')
    expect(second).not.toBe(first)
    await expect.poll(estimate).toMatch(/8 images in 1 domain, 4 methods/)
    await soon(estimate).toContain('by 1 earlier run of this model and these methods')
    await dialog().getByRole('button', { name: 'Start run' }).click()
    await expect.poll(shownRun).toMatch(/^2: photos/)
    await expect.poll(() => page.locator('.progress').innerText()).toContain('Done')
    const strip = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('.strip canvas')].map((canvas) => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).join())`,
      )
    await expect
      .poll(async () => {
        const shown = await strip()
        return [shown.length, shown.includes(first), shown.includes(second)]
      })
      .toEqual([16, true, true])
  })

  test('a model that guesses on clean images says so before the run, with the remedy first, and one click takes it', async () => {
    const { page } = app
    await click('New run…')
    await dialog()
      .getByLabel('Images: Path')
      .fill(join(resources, 'sample', 'images'))
    await page.keyboard.press('Tab')
    await dialog().getByLabel('Model', { exact: true }).selectOption('file')
    await dialog().getByLabel('Model: Path').fill(join(folder, 'tiles.safetensors'))
    await page.keyboard.press('Tab')
    const look = dialog().getByRole('group', { name: 'What will be scored' })
    const right = /^Unadapted, the model gets (4[5-9]|5[0-4]) of 64 clean images right\.$/
    await look.getByText(right).waitFor()
    await dialog().getByLabel('Mean (R, G, B)').fill('3, 3, 3')
    await page.keyboard.press('Tab')
    await look.getByText('That is no better than guessing.').or(look.getByText('It gives the same answer')).waitFor()
    const remedies = look.getByRole('list').first().getByRole('listitem')
    await expect
      .poll(() => remedies.first().innerText())
      .toMatch(/^The normalisation: mean 0\.3454 .* \((4[5-9]|5[0-4]) of 64 right with it\)\./)
    await expect.poll(() => remedies.count()).toBe(5)
    await soon(() => problems().innerText()).toMatch(
      /The unadapted model gets \d+ of 64 images right, no better than guessing\./,
    )
    await problems().getByRole('button', { name: 'Show' }).last().click()
    await shoot(page, 'new-run-guessing.png')
    expect(await violationsOf(page)).toEqual([])
    await remedies.first().getByRole('button', { name: 'Use it' }).click()
    await look.getByText(right).waitFor()
    await soon(() => problems().count()).toBe(0)
    // It can be stopped, and made again.
    await dialog().getByLabel('Mean (R, G, B)').fill('2, 2, 2')
    await page.keyboard.press('Tab')
    await look.getByRole('button', { name: 'Stop looking' }).click()
    await look.getByRole('button', { name: 'Look again' }).click()
    await look.getByRole('button', { name: 'Stop looking' }).waitFor()
    await page.keyboard.press('Escape')
  })

  test('a folder that is copied from the browser, and a model that is dropped on the window, come into the form', async () => {
    const { page } = app
    const drag = (type: string) =>
      page.evaluate(
        `(() => { const transfer = new DataTransfer(); transfer.items.add(new File([new Uint8Array(${readFileSync(join(folder, 'tiles.safetensors')).length})], 'dropped.pth')); document.body.dispatchEvent(new DragEvent('${type}', { bubbles: true, cancelable: true, dataTransfer: transfer })) })()`,
      )
    await drag('dragenter')
    await page.getByText('Drop a folder or file of images, or a model').waitFor()
    await shoot(page, 'new-run-drop.png')
    expect(await violationsOf(page)).toEqual([])
    await drag('dragleave')
    await page.getByText('Drop a folder or file of images, or a model').waitFor({ state: 'hidden' })
    await drag('drop')
    await expect.poll(() => dialog().getByLabel('Model: Path').inputValue()).toMatch(/uploads.*dropped\.pth$/)
    await dialog().getByText('A browser does not tell paths').waitFor()
    await expect.poll(() => dialog().getByRole('alert').innerText()).toContain('dropped.pth') // it is no model, and said so
    await dialog().getByLabel('Model', { exact: true }).selectOption('sample')
    const choosing = page.waitForEvent('filechooser')
    await dialog().getByRole('button', { name: 'Copy from…' }).first().click()
    await (await choosing).setFiles(join(folder, 'photos'))
    await expect.poll(() => dialog().getByLabel('Images: Path').inputValue()).toMatch(/uploads.*photos$/)
    await dialog().getByText('8 images in 2 classes').waitFor()
    await page.keyboard.press('Escape')
  })

  test('a method that the model cannot take is not selectable, with its reason; too little memory is said with what to do', async () => {
    const { page } = app
    await click('New run…')
    await recent(join(folder, 'photos'))
    await dialog().getByLabel('Model', { exact: true }).selectOption('file')
    await dialog().getByLabel('Model: Path').fill(join(folder, 'transformer.safetensors'))
    await page.keyboard.press('Tab')
    await dialog()
      .getByText('BN-1: Cannot run on this model: BN-1 works with the statistics of batch normalisation')
      .waitFor()
    await expect.poll(() => dialog().getByRole('checkbox', { name: 'BN-1' }).isDisabled()).toBe(true)
    await soon(() => problems().innerText()).toContain('This model cannot take BN-1')
    await expect.poll(estimate).toContain('3 methods')
    await dialog().getByLabel('Batch size').fill('2000')
    await dialog().getByLabel('Model: Path').fill(join(folder, 'large.safetensors'))
    await page.keyboard.press('Tab')
    await dialog()
      .getByRole('radio', { name: /Bundled sample/ })
      .check() // it has enough images for such a batch
    await dialog().getByLabel('Input size, pixels').fill('512')
    await page.keyboard.press('Tab')
    await expect.poll(() => problems().innerText()).toContain('of memory')
    await expect.poll(() => problems().innerText()).toContain('Use a smaller batch or fewer methods')
    await shots('new-run-problems')
    await problems()
      .getByRole('listitem')
      .filter({ hasText: 'It will take' })
      .getByRole('button', { name: 'Show' })
      .click()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('run-batch')
    // Source images are asked for, and Start leads to their field.
    await dialog()
      .getByText(/other methods/)
      .click()
    await dialog().getByRole('checkbox', { name: 'RMT' }).check()
    await dialog()
      .getByRole('button', { name: /^Start run: 1 problem/ })
      .click()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('run-source')
    await page.keyboard.type(join(folder, 'no-such-source'))
    await page.keyboard.press('Tab')
    await soon(() => problems().innerText()).toContain('no-such-source cannot be opened')
    await page.keyboard.press('Escape')
  })

  test('a template is saved, survives a reload, is begun with, renamed, deleted and brought back; the defaults are one click away', async () => {
    const { page } = app
    await click('New run…')
    await settingsField().selectOption('gradual')
    await dialog().getByText('Each corruption rises').waitFor()
    await dialog().getByLabel('Seed').fill('11')
    await dialog().getByRole('button', { name: 'Save as template…' }).click()
    await dialog().getByLabel('Name of the template').fill('Night shift')
    await page.keyboard.press('Enter')
    await dialog().getByLabel('New runs begin with it').click() // ticked when the program has written it down
    await soon(() => settingsField().locator('option:checked').innerText()).toBe('Night shift ★')
    await page.keyboard.press('Escape')
    await page.reload()
    await page.getByRole('button', { name: 'New run…' }).first().click()
    await soon(() => settingsField().locator('option:checked').innerText()).toBe('Night shift ★')
    await soon(async () => [
      await dialog().getByLabel('Seed').inputValue(),
      await dialog().getByLabel('Schedule').inputValue(),
    ]).toEqual(['11', 'gradual'])
    await dialog().getByRole('button', { name: 'Rename…' }).click()
    await dialog().getByLabel('Name of the template').fill('Late shift')
    await page.keyboard.press('Enter')
    await soon(() => settingsField().locator('option:checked').innerText()).toBe('Late shift ★')
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
    await dialog().getByText('“Late shift” was deleted.').waitFor()
    await dialog().getByRole('button', { name: 'Undo' }).click()
    await soon(() => settingsField().locator('option:checked').innerText()).toContain('Late shift')
    await shots('new-run-templates')
    await dialog().getByRole('button', { name: 'Start over with the defaults' }).click()
    await soon(async () => [
      await dialog().getByLabel('Seed').inputValue(),
      await dialog().getByLabel('Schedule').inputValue(),
    ]).toEqual(['0', 'continual'])
    await dialog().getByRole('button', { name: 'Undo' }).click()
    await soon(() => dialog().getByLabel('Seed').inputValue()).toBe('11')
    await page.keyboard.press('Escape')
  })

  test('the same again with one change: filled as it was, the change listed and in its name, and run', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Again…' }).click()
    await dialog().getByText('Nothing is changed yet').waitFor()
    await expect.poll(() => dialog().getByLabel('Images: Path').inputValue()).toBe(join(folder, 'photos'))
    await expect.poll(() => dialog().getByRole('grid').locator('[role=gridcell][aria-selected=true]').count()).toBe(1)
    await dialog().getByLabel('Seed').fill('3')
    await soon(() => dialog().locator('[data-part=changes]').innerText()).toContain('seed 0 → 3')
    await dialog().getByLabel('Seed').fill('0')
    await dialog().locator('summary', { hasText: 'Options' }).click()
    await dialog().locator('summary', { hasText: 'PALM' }).click()
    await dialog().locator('label', { hasText: /^eta/ }).locator('input').fill('0.25')
    await page.keyboard.press('Tab')
    // The rule for models that nobody tuned reads no eta: it is PALM as published with that one.
    await soon(() => dialog().locator('[data-part=changes]').innerText()).toMatch(/eta 1 → 0.25/)
    await expect
      .poll(() => dialog().getByLabel('Name of the run', { exact: true }).getAttribute('placeholder'))
      .toBe('again: tuning mirrored → fixed, eta 1 → 0.25')
    await shots('new-run-again')
    await page.keyboard.press('Control+Enter')
    await expect
      .poll(() => page.getByRole('combobox', { name: 'Run' }).locator('option:checked').innerText())
      .toContain('again: tuning mirrored → fixed, eta 1 → 0.25')
    await expect.poll(() => page.locator('.progress').innerText()).toContain('Done')
    // From the history as well.
    await page.getByRole('button', { name: 'History' }).click()
    await page
      .getByRole('region', { name: 'Runs', exact: true })
      .locator('tbody tr')
      .first()
      .locator('.name button')
      .click()
    await page.getByRole('region', { name: 'The chosen run' }).getByRole('button', { name: 'Again…' }).click()
    await dialog().getByText('Nothing is changed yet').waitFor()
    await page.keyboard.press('Escape')
    expect(app.faults).toEqual([])
  })
})
