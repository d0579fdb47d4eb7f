// The layer map over the real web host, session process and store: filters, colours, following and scrubbing, a tensor's history and values, the network.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, openApp, shoot, smallSample, startRun, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('the layer map', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await openApp(executable as string, ['--no-demo'])
    await startRun(app.page, {
      ...smallSample,
      name: 'Layers',
      corruptions: ['gaussian_noise', 'fog', 'contrast', 'pixelate', 'frost', 'snow'],
      limit: 400,
      lanes: smallSample.lanes.filter(({ id }) => id !== 'norm'),
    })
  })
  afterAll(() => app?.close())

  const panel = () => app.page.getByRole('region', { name: 'Layer map', exact: true })
  const map = () => app.page.getByRole('img', { name: /^Layer map/ })
  const readout = () => panel().locator('.readout').innerText()
  const cursor = async () => Number(/step (\d+) of/.exec(await panel().locator('.time').innerText())?.[1] ?? -1)
  const progress = async () => Number(/Step (\d+) \//.exec(await app.page.locator('.progress').innerText())?.[1] ?? -1)
  const shot = (name: string) => shoot(app.page, `layers-${name}.png`)

  /** Pixels of the map's canvas that are neither clear nor grey: coloured cells. */
  const coloured = () =>
    map()
      .locator('canvas')
      .evaluate((element) => {
        const canvas = element as HTMLCanvasElement
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        let count = 0
        for (let i = 0; i < data.length; i += 4)
          if (
            data[i + 3]! > 200 &&
            Math.max(data[i]!, data[i + 1]!, data[i + 2]!) - Math.min(data[i]!, data[i + 1]!, data[i + 2]!) > 60
          )
            count += 1
        return count
      })

  test('follows the newest step, with the values’ range in the legend', async () => {
    await expect.poll(progress).toBeGreaterThanOrEqual(12)
    await expect.poll(coloured).toBeGreaterThan(100)
    const before = await cursor()
    await expect.poll(cursor).toBeGreaterThan(before)
    await expect.poll(() => panel().locator('.legend').innerText()).toMatch(/\d.*\d.*per step/s)
    await shot('small')
  })

  test('enlarged it has the screen, by keys it tells every value, and Escape gives the screen back', async () => {
    await panel().getByRole('button', { name: 'Enlarge' }).click()
    await expect
      .poll(() => app.page.getByRole('region', { name: 'Accuracy over the stream', exact: true }).isVisible())
      .toBe(false)
    await map().focus()
    await app.page.keyboard.press('ArrowDown')
    await app.page.keyboard.press('ArrowDown')
    await expect
      .poll(() => readout())
      .toMatch(
        /^bn1\.weight \(bn weight\), step \d+, .*: .*; score .+, importance .+, learning rate .+, change since the source [\d.e-]+/,
      )
    await shot('large')
    await app.page.keyboard.press('Escape')
    await expect
      .poll(() => app.page.getByRole('region', { name: 'Accuracy over the stream', exact: true }).isVisible())
      .toBe(true)
    await panel().getByRole('button', { name: 'Enlarge' }).click()
  })

  test('scrubbing back holds the cursor while the run goes on; following takes it to the newest step again', async () => {
    await panel().getByRole('slider', { name: 'Step of the cursor' }).fill('4')
    await expect.poll(() => cursor()).toBe(5)
    const before = await progress()
    await expect.poll(progress).toBeGreaterThan(before)
    await expect.poll(() => cursor()).toBe(5)
    await expect.poll(() => readout()).toMatch(/step 5,/)
    await map().focus()
    await app.page.keyboard.press('ArrowLeft')
    await expect.poll(() => cursor()).toBe(4)
    await panel()
      .getByRole('button', { name: /Follow/ })
      .click()
    await expect.poll(() => cursor()).toBeGreaterThanOrEqual(before)
  })

  test('zoom and pan by keys and wheel', async () => {
    await map().focus()
    await app.page.keyboard.press('+')
    await app.page.keyboard.press('+')
    await expect.poll(() => panel().getByRole('button', { name: 'All steps' }).isEnabled()).toBe(true)
    const box = (await map().boundingBox())!
    await app.page.mouse.move(box.x + box.width * 0.7, box.y + 40)
    await app.page.keyboard.down('Control')
    await app.page.mouse.wheel(0, -200)
    await app.page.keyboard.up('Control')
    await shot('zoomed')
    await app.page.keyboard.press('0')
    await expect.poll(() => panel().getByRole('button', { name: 'All steps' }).isEnabled()).toBe(false)
  })

  test('filters by kind and by name, in the map and in the table, which sorts', async () => {
    await panel().getByLabel('Kind').selectOption('bn-bias')
    await expect.poll(() => map().getAttribute('aria-label')).toContain('7 tensors')
    await panel().getByLabel('Name').fill('layer')
    await expect.poll(() => map().getAttribute('aria-label')).toContain('6 tensors')
    await panel().getByRole('button', { name: 'Table' }).click()
    await expect.poll(() => panel().locator('tbody tr').count()).toBe(6)
    await panel().getByRole('button', { name: 'change', exact: true }).click()
    const numbers = (await panel().locator('tbody tr td:last-child').allInnerTexts()).map(Number)
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
    expect(numbers[0]).toBeGreaterThan(0)
    await panel().getByLabel('Name').fill('no such tensor')
    await panel().getByRole('button', { name: 'Show all tensors' }).click()
    await expect.poll(() => panel().locator('tbody tr').count()).toBe(21)
    await shot('table')
    await panel().getByRole('button', { name: 'Matrix' }).click()
  })

  test('coloured by the change since the source', async () => {
    await panel().getByLabel('Colour by').selectOption('change')
    await expect.poll(coloured).toBeGreaterThan(1000)
    await expect.poll(() => panel().locator('.legend').innerText()).toContain('‖θ − θ₀‖ / ‖θ₀‖')
    await shot('change')
  })

  test('a click opens a tensor: its history, and its values against the source once a state is written down', async () => {
    const box = (await map().boundingBox())!
    await app.page.mouse.click(box.x + box.width * 0.3, box.y + 20)
    const dialog = app.page.getByRole('dialog')
    await dialog.getByRole('img', { name: /^change since the source of .* over the run: newest [\d.e-]+$/ }).waitFor()
    await dialog.getByRole('img', { name: /^Values of / }).waitFor()
    await expect.poll(() => dialog.locator('.change').innerText()).toMatch(/Change since the source: \d/)
    await shot('tensor')
    expect(await violationsOf(app.page)).toEqual([])
    await dialog.getByRole('button', { name: 'Next tensor' }).click()
    await dialog.getByRole('button', { name: 'Show as table' }).first().click()
    await expect.poll(() => dialog.locator('tbody tr').count()).toBeGreaterThan(20)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })
  })

  test('the network: blocks by keys, a block opens its tensors, a tensor its dialog', async () => {
    await panel().getByRole('button', { name: 'Network' }).click()
    const block = panel().getByRole('button', {
      name: /^Block layer1\.0: 6 adaptable tensors, mean .*, \d+ % of the parameters frozen/,
    })
    await block.waitFor()
    await expect.poll(() => panel().locator('path.skips').count()).toBeGreaterThanOrEqual(3)
    await panel()
      .getByRole('button', { name: /^Block / })
      .first()
      .focus()
    await app.page.keyboard.press('ArrowRight')
    await shot('network')
    await app.page.keyboard.press('Enter')
    const dialog = app.page.getByRole('dialog', { name: 'Tensors of layer1.0' })
    await expect.poll(() => dialog.locator('tbody tr').count()).toBe(6)
    await dialog.getByRole('button', { name: 'layer1.0.conv1.weight' }).click()
    await app.page.getByRole('dialog', { name: 'layer1.0.conv1.weight' }).getByRole('button', { name: 'Close' }).click()
  })

  test('looks right in both themes and two sizes, and axe finds nothing', async () => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.getByLabel('Theme').selectOption(theme)
      await expect.poll(() => app.page.evaluate('document.documentElement.dataset.theme')).toBe(theme)
      for (const [width, height] of [
        [1440, 900],
        [1024, 700],
      ] as const) {
        await app.page.setViewportSize({ width, height })
        for (const picture of ['Network', 'Table', 'Matrix']) {
          await panel().getByRole('button', { name: picture, exact: true }).click()
          await shot(`${picture.toLowerCase()}-${theme}-${width}x${height}`)
          if (width === 1024) expect(await violationsOf(app.page, theme)).toEqual([])
        }
        await panel().getByRole('button', { name: 'Back to the overview' }).click()
        await shot(`overview-${theme}-${width}x${height}`)
        await panel().getByRole('button', { name: 'Enlarge' }).click()
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  })

  test('nothing failed behind the scenes', () => {
    expect(app.faults).toEqual([])
  })
})
