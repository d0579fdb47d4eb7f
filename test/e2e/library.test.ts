// Bringing one's own model and images, over the real web host, session process and store: into the library, changed, refused, duplicated, deleted; then
// a run over class folders of which one has to be matched by hand.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { narrowResources } from '#test/helpers/narrow-sample.ts'
import { chromiumPath, openApp, shoot, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const resources = narrowResources

describe.skipIf(!executable)('the library of models and a run of one’s own', () => {
  let app: RunningApp
  let folder: string
  const list = () => app.page.getByRole('region', { name: 'Models', exact: true })
  const chosen = () => app.page.getByRole('region', { name: 'The chosen model', exact: true })
  const dialog = () => app.page.getByRole('dialog')
  const violations = (theme: 'light' | 'dark' = 'light') => violationsOf(app.page, theme)
  /** The theme is set as the page has it: the choice lies behind a dialog. */
  const shots = async (name: string, about?: Locator) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      for (const [width, height] of [
        [1024, 700],
        [1440, 900],
      ] as const) {
        await app.page.setViewportSize({ width, height })
        await about?.scrollIntoViewIfNeeded()
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        expect(await violations(theme)).toEqual([])
        // Nothing is cut off to the right.
        expect(
          await app.page.evaluate(
            'document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("dialog")].every((one) => one.scrollWidth <= one.clientWidth)',
          ),
        ).toBe(true)
      }
    }
    await app.page.evaluate("document.documentElement.dataset.theme = 'light'")
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'palm-own-'))
    copyFileSync(join(resources, 'models', 'eurosat-resnet20.safetensors'), join(folder, 'tiles.safetensors'))
    writeFileSync(join(folder, 'notes.safetensors'), 'these are no weights')
    for (const [as, from] of [
      ['Forest', 'Forest'],
      ['River', 'River'],
      ['Woodland', 'Forest'],
    ] as const) {
      mkdirSync(join(folder, 'images', as), { recursive: true })
      for (const tile of readdirSync(join(resources, 'sample', 'images', from))
        .sort()
        .slice(0, 20))
        copyFileSync(join(resources, 'sample', 'images', from, tile), join(folder, 'images', as, tile))
    }
    app = await openApp(executable as string, ['--no-demo'])
    await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  })
  afterAll(async () => {
    await app?.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  test('the key m opens it: the bundled model with all that is known of it, and no model of one’s own yet', async () => {
    await app.page.getByRole('button', { name: 'Models', exact: true }).waitFor()
    await app.page.keyboard.press('m')
    await list().getByText('Models of your own stand here').waitFor()
    await chosen().getByText('tensors (').waitFor()
    await expect.poll(() => chosen().locator('dl').innerText()).toMatch(/cifar-resnet|resnet/i)
    await shots('models-empty')
  })

  test('a file comes into the library; one that is none is refused in words beside its field', async () => {
    await list()
      .getByLabel(/^Add a file/)
      .fill(join(folder, 'notes.safetensors'))
    await list().getByRole('button', { name: 'Add', exact: true }).click()
    await expect.poll(() => list().getByRole('alert').innerText()).toContain('notes.safetensors')
    await list()
      .getByLabel(/^Add a file/)
      .fill(join(folder, 'tiles.safetensors'))
    await app.page.keyboard.press('Enter')
    await list()
      .getByRole('button', { name: /^tiles/ })
      .waitFor()
    await expect.poll(() => list().getByRole('alert').count()).toBe(0)
    await expect.poll(() => chosen().getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe('tiles')
    await chosen().getByText(join(folder, 'tiles.safetensors')).waitFor()
    await chosen().getByRole('button', { name: 'Copy: SHA-256' }).click()
    await chosen().getByText('Copied.').waitFor()
    await expect.poll(() => app.page.evaluate('navigator.clipboard.readText()')).toMatch(/^[0-9a-f]{64}$/)
  })

  test('name, normalisation, input size and class names are edited; what does not fit is refused and does not stay', async () => {
    const name = chosen().getByRole('textbox', { name: 'Name', exact: true })
    await name.fill('a/b')
    await name.press('Tab')
    await expect.poll(() => chosen().getByRole('alert').innerText()).toContain('no slashes')
    await expect.poll(() => name.inputValue()).toBe('tiles')
    await name.fill('My tiles')
    await name.press('Enter')
    await list()
      .getByRole('button', { name: /^My tiles/ })
      .waitFor()
    await expect.poll(() => chosen().getByRole('alert').count()).toBe(0)

    const mean = chosen().getByLabel('Mean (R, G, B)')
    await mean.fill('0.5, 0.5')
    await mean.press('Tab')
    await expect.poll(() => chosen().getByRole('alert').innerText()).toContain('three numbers')
    await chosen().getByLabel('Normalisation').selectOption('ImageNet')
    await expect.poll(() => mean.inputValue()).toBe('0.485, 0.456, 0.406')
    await chosen().getByLabel('Input size, pixels').fill('4')
    await chosen().getByLabel('Input size, pixels').press('Tab')
    await chosen().getByText('from 8 to 1024').waitFor()
    await expect.poll(() => chosen().getByLabel('Input size, pixels').inputValue()).toBe('64')

    await chosen().getByRole('button', { name: 'Names…' }).click()
    const names = chosen().getByLabel(/^Class names/)
    const ten = (await names.inputValue()).split('\n')
    expect(ten).toHaveLength(10)
    writeFileSync(join(folder, 'names.json'), JSON.stringify(ten.slice(0, 9)))
    await chosen()
      .getByLabel(/^Load a list/)
      .setInputFiles(join(folder, 'names.json'))
    await expect.poll(() => names.inputValue()).toBe(JSON.stringify(ten.slice(0, 9)))
    await chosen().getByRole('button', { name: 'Keep', exact: true }).click()
    await chosen().getByText('has 10 classes, not 9').waitFor()
    await names.fill(ten.map((one) => (one === 'River' ? 'Stream' : one)).join('\n'))
    await chosen().getByRole('button', { name: 'Keep', exact: true }).click()
    await expect.poll(() => names.count()).toBe(0)

    // What was edited is kept, and the others know it after a reload.
    await app.page.reload()
    await app.page.getByRole('button', { name: 'Models', exact: true }).click()
    await list()
      .getByRole('button', { name: /^My tiles/ })
      .click()
    await expect.poll(() => mean.inputValue()).toBe('0.485, 0.456, 0.406')
    await chosen().getByLabel('Normalisation').selectOption('None')
    await expect.poll(() => mean.inputValue()).toBe('0, 0, 0')
  })

  test('tensors are filtered, memory follows the batch', async () => {
    const memory = () => chosen().locator('dd', { hasText: 'with gradients' }).innerText()
    const before = await memory()
    await chosen().getByLabel('Batch size').fill('1024')
    await chosen().getByLabel('Batch size').press('Tab')
    await expect.poll(memory).not.toBe(before)
    await chosen()
      .locator('summary', { hasText: /tensors$/ })
      .click()
    await chosen().getByLabel('Filter by name or kind').fill('layer1.0.conv')
    await expect.poll(() => chosen().locator('tbody tr').count()).toBe(2)
    await shots('models')
  })

  test('duplicate and delete, which asks first and leaves the shared file to the other', async () => {
    await chosen().getByRole('button', { name: 'Duplicate' }).click()
    await list()
      .getByRole('button', { name: /^My tiles copy/ })
      .waitFor()
    await expect
      .poll(() => chosen().getByRole('textbox', { name: 'Name', exact: true }).inputValue())
      .toBe('My tiles copy')
    await chosen().getByRole('button', { name: 'Delete' }).click()
    await chosen().getByText('Delete it from the library?').waitFor()
    await expect.poll(() => app.page.evaluate('document.activeElement.textContent')).toBe('Cancel')
    await shoot(app.page, 'models-delete.png')
    await app.page.keyboard.press('Enter')
    expect(
      await list()
        .getByRole('button', { name: /^My tiles copy/ })
        .count(),
    ).toBe(1)
    await chosen().getByRole('button', { name: 'Delete' }).click()
    await chosen().getByRole('alert').getByRole('button', { name: 'Delete' }).click()
    await expect
      .poll(() =>
        list()
          .getByRole('button', { name: /^My tiles copy/ })
          .count(),
      )
      .toBe(0)
    await list()
      .getByRole('button', { name: /^My tiles/ })
      .click()
    await chosen().getByText('10: AnnualCrop').waitFor()
    // “River” again, for the run below: the list is pasted back.
    await chosen().getByRole('button', { name: 'Names…' }).click()
    const names = chosen().getByLabel(/^Class names/)
    await names.fill((await names.inputValue()).replace('Stream', 'River'))
    await chosen().getByRole('button', { name: 'Keep', exact: true }).click()
    await expect.poll(() => names.count()).toBe(0)
  })

  test('“Use in a new run” brings the model; images are looked at, and a class that is not found stands against the start', async () => {
    await chosen().getByRole('button', { name: 'Use in a new run' }).click()
    await expect
      .poll(() => dialog().getByRole('combobox', { name: 'Model', exact: true }).locator('option:checked').innerText())
      .toBe('My tiles')
    await dialog().getByLabel('Images of my own').check()
    await dialog().getByLabel('Images: Path').fill(join(folder, 'images'))
    await dialog().getByLabel('Images: Path').press('Tab')
    await dialog().getByText('60 images in 3 classes').waitFor()
    await dialog().getByText('One class of the images is not matched').waitFor()
    await shots('new-run-own')
    await expect.poll(() => dialog().locator('tbody tr').first().innerText()).toMatch(/^Woodland/)
    await dialog().getByRole('button', { name: 'Start run' }).click()
    const wood = dialog().getByLabel('Class of the model for Woodland')
    await expect
      .poll(() => app.page.evaluate('document.activeElement.getAttribute("aria-label")'))
      .toBe('Class of the model for Woodland')
    await wood.fill('Jungle')
    await wood.press('Tab')
    await expect.poll(() => dialog().getByRole('alert').innerText()).toContain('no class “Jungle”')
    await shots('new-run-wrong-class', dialog().getByText('no class “Jungle”'))
    await wood.fill('forest')
    await wood.press('Tab')
    await expect.poll(() => dialog().locator('tbody tr').first().innerText()).toContain('your choice')
    await expect.poll(() => dialog().getByText('is not matched').count()).toBe(0)
    await expect.poll(() => wood.inputValue()).toBe('Forest')
  })

  test('corruptions and severities are chosen, a bad number is named, and the run runs as it was set up', async () => {
    const group = dialog().getByRole('group', { name: 'Corruptions' })
    await group.getByRole('button', { name: 'None', exact: true }).click()
    await group.getByLabel('fog').check()
    await group.getByLabel('pixelate').check()
    await dialog().getByRole('checkbox', { name: '3', exact: true }).check()
    await dialog().getByLabel('Normalisation').selectOption('CIFAR-10')
    await dialog().getByLabel('Batch size').fill('5000')
    await dialog().getByLabel('Batch size').press('Tab')
    await dialog().getByText('The batch size is a whole number').waitFor()
    await dialog().getByLabel('Batch size').fill('20')
    await dialog().getByLabel('Batch size').press('Tab')
    await expect.poll(() => dialog().getByText('at batch 20').count()).toBe(1)
    await shots('new-run-ready')
    await dialog().getByRole('button', { name: 'Start run' }).click()
    await expect.poll(() => app.page.locator('.progress').innerText()).toMatch(/Step 12 \/ 12/)
    const table = app.page.getByRole('region', { name: /Error per domain/ }).first()
    const text = await table.innerText()
    for (const domain of ['fog 3', 'fog 5', 'pixelate 3', 'pixelate 5']) expect(text).toContain(domain)
    expect(app.faults).toEqual([])
  })

  test('a sweep takes the model of the library too', async () => {
    await app.page.getByRole('button', { name: 'Sweeps', exact: true }).click()
    await app.page.getByRole('button', { name: 'New sweep…' }).first().click()
    await dialog()
      .locator('label', { hasText: /^Model/ })
      .locator('select')
      .selectOption({ label: 'My tiles' })
    await dialog().getByLabel('Seeds').fill('0')
    await dialog().getByLabel('Images per domain').fill('10')
    await shots('sweep-form-library')
    await dialog().getByRole('button', { name: 'Create sweep' }).click()
    await expect.poll(() => app.page.getByText(/cells to compute/).count()).toBe(1)
    expect(app.faults).toEqual([])
  })
})
