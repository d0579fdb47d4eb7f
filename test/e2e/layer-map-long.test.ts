// The layer map of a long run in Chromium: 10,000 steps of 160 tensors are opened, scrolled, zoomed, scrubbed and recoloured. How long that takes: `npm run bench -- --only screens`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useLayerMap, writeLongLayers } from '#test/helpers/long-layers.ts'
import { chromiumPath, openApp, shoot, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()

describe.skipIf(!executable)('the layer map of ten thousand steps', () => {
  let app: RunningApp
  let data: string

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'palm-long-'))
    writeLongLayers(data)
    app = await openApp(executable as string, ['--no-demo', '--data', data])
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const panel = () => app.page.getByRole('region', { name: 'Layer map', exact: true })
  const map = () => app.page.getByRole('img', { name: /^Layer map/ })
  const drawn = () =>
    map()
      .locator('canvas')
      .evaluate((element) => {
        const canvas = element as HTMLCanvasElement
        const { data: pixels } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        let coloured = 0
        for (let i = 0; i < pixels.length; i += 4)
          if (
            pixels[i + 3]! > 200 &&
            Math.max(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!) -
              Math.min(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!) >
              60
          )
            coloured += 1
        return coloured
      })

  test('opens, scrolls, zooms, scrubs and recolours', async () => {
    const { page } = app
    const region = panel()
    await region.getByRole('button', { name: 'Enlarge' }).click()
    await expect.poll(drawn).toBeGreaterThan(50_000)
    await shoot(page, 'layers-long.png')
    await useLayerMap(page)
    await shoot(page, 'layers-long-fit.png')
    await region.getByRole('button', { name: 'Table' }).click()
    await region.getByRole('table').first().waitFor()
    await region.getByRole('button', { name: 'Network' }).click()
    expect(app.faults).toEqual([])
  })
})
