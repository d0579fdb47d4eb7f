// The webcam in a real browser whose fake camera plays a clip of real pictures, over the real host, session and store. Frame rate and latency are printed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  chromiumPath,
  framesOf,
  openApp,
  shoot,
  sizesIn,
  settled,
  violationsOf,
  type RunningApp,
} from './app-in-browser.ts'
import { openWithClip } from './fake-camera.ts'
import { walked } from './walked.ts'

const executable = chromiumPath('browser')

describe.skipIf(!executable)('the webcam', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await openWithClip(executable as string, 20)
  })
  afterAll(() => app?.close())

  const button = (name: string | RegExp) =>
    app.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  const numbers = () => app.page.locator('.numbers').innerText()
  const steps = async () => Number(/(\d+) adaptation steps/.exec(await numbers())?.[1] ?? -1)
  const untilSteps = (at: number) => expect.poll(steps).toBeGreaterThanOrEqual(at)
  const picture = () =>
    app.page.evaluate(() => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      let roughness = 0
      for (let i = 4; i < data.length; i += 4) roughness += Math.abs(data[i]! - data[i - 4]!)
      return { width: canvas.width, roughness: (roughness / data.length) * 4 }
    })
  /** The focus leaves what has it: keys are the screen's then. */
  const leave = () => app.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  const violations = (theme: 'light' | 'dark' = 'light') => violationsOf(app.page, theme)
  const inEveryLook = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.getByLabel('Theme').selectOption(theme)
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await expect.poll(() => app.page.evaluate(() => innerWidth)).toBe(width)
        await framesOf(app.page, 2)
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        if (width === 1024) expect(await violations(theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }

  test('before it starts one chooses camera, model and method', async () => {
    await button('Webcam').click()
    await app.page.getByLabel('Model').selectOption({ label: 'Bundled ResNet-20: satellite pictures only' })
    await expect.poll(() => button('Get EfficientNet-Lite0 (17 MB, Apache-2.0)').isEnabled()).toBe(true)
    await app.page.getByLabel('Window, frames').fill('8')
    await inEveryLook('webcam-start')
    await button('Start the camera').click()
    await untilSteps(3)
  })

  test('both models say what they see, pictures flow, and the layer map lives', async () => {
    for (const title of ['As it was trained', 'Adapting with PALM']) {
      const bars = app.page.getByRole('region', { name: title })
      await expect.poll(() => bars.locator('li').count()).toBe(5)
      await expect.poll(() => bars.innerText()).toMatch(/\d+ %/)
    }
    await expect
      .poll(async () => Number(/([\d.]+)\s+pictures a second/.exec(await numbers())?.[1] ?? 0))
      .toBeGreaterThan(2)
    expect((await picture()).width).toBe(64)
    await app.page.getByRole('img', { name: /^Layer map/ }).waitFor()
    await inEveryLook('webcam')
    await walked(app.page, 'Webcam, running', null, 20)
    console.log(`webcam, bundled model, window 8: ${(await numbers()).replaceAll('\n', ', ')}`)
  })

  test('a corruption changes the picture while it runs, by select, slider and keys', async () => {
    const clean = await picture()
    await app.page.getByLabel('Corruption').selectOption('gaussian_noise')
    await app.page.getByRole('slider', { name: /Severity/ }).fill('5')
    await expect.poll(async () => (await picture()).roughness).toBeGreaterThan(2 * clean.roughness)
    await expect.poll(() => app.page.locator('.caption').innerText()).toContain('gaussian noise 5')
    await untilSteps((await steps()) + 2) // frames of this severity are on record, however slow the machine
    await leave()
    await app.page.keyboard.press('ArrowUp')
    await expect.poll(async () => (await picture()).roughness).toBeLessThan(1.5 * clean.roughness)
  })

  test('the truth is taught by name, by click and by holding a key, and both are counted', async () => {
    const counts = async () =>
      [...(await app.page.locator('.bars').innerText()).matchAll(/(\d+) of (\d+) right/g)].map(([, , of]) => Number(of))
    await app.page.getByLabel('Class in view').fill('Forest')
    await expect.poll(async () => (await counts())[1] ?? 0).toBeGreaterThan(2)
    await button(/^1\s*Forest/).click()
    await expect.poll(async () => button(/^1\s*Forest/).getAttribute('aria-pressed')).toBe('false')
    // What was on its way is counted; what comes then, is not.
    const before = await settled(app.page, async () => (await counts())[0] ?? 0)
    await untilSteps((await steps()) + 2)
    expect((await counts())[0]).toBe(before)
    await leave()
    await app.page.keyboard.down('1')
    await expect.poll(async () => (await counts())[0] ?? 0).toBeGreaterThan(before)
    await app.page.keyboard.up('1')
    await expect.poll(() => app.page.getByText('nothing said').isVisible()).toBe(true)
  })

  test('weights are kept, reset, held; pause and continue', async () => {
    await button('Keep the weights').click()
    await app.page.getByText(/1 kept/).waitFor()
    await app.page.getByLabel('Adapt', { exact: true }).uncheck()
    await app.page.getByLabel('Adapt', { exact: true }).check()
    await button('Reset weights').click()
    await button('Pause').click()
    const held = await settled(app.page, steps) // what was on its way is answered
    await framesOf(app.page, 30)
    expect(await steps()).toBe(held)
    await button('Continue').click()
    await untilSteps(held + 2)
  })

  test('a camera that goes away is said, and taken up again', async () => {
    // As when it is unplugged: the track ends by itself, which the page's own stop() does not tell.
    await app.page.evaluate(() => {
      for (const track of (window as unknown as { palmTracks: MediaStreamTrack[] }).palmTracks)
        track.dispatchEvent(new Event('ended'))
    })
    await app.page.getByText('The camera is gone').waitFor()
    const held = await steps()
    await app.page.evaluate(() => navigator.mediaDevices.dispatchEvent(new Event('devicechange')))
    await untilSteps(held + 2)
    await expect.poll(() => app.page.getByText('The camera is gone').isVisible()).toBe(false)
  })

  test('after a reload the run under way is taken up again', async () => {
    await app.page.reload()
    await button('Webcam').click()
    await button(/is still running without this page/).click()
    await untilSteps(1)
    await button('Full screen').click()
    await app.page.locator('main.full').waitFor()
    await framesOf(app.page, 2)
    await shoot(app.page, 'webcam-full-screen.png')
    await button('Leave full screen').click()
  })

  test('it stops, and its run is there with its domains', async () => {
    await button('Stop').click()
    await button('Start the camera').waitFor()
    await button('Live').click()
    await app.page.getByText('Done').first().waitFor()
    await expect.poll(() => app.page.locator('main').innerText()).toContain('gaussian noise 5')
    expect(app.faults).toEqual([])
  })
})

test.skipIf(!executable)('a camera that is not allowed is said with what to do', async () => {
  const app = await openApp(executable as string, ['--no-demo'], {
    args: ['--use-fake-device-for-media-stream', '--deny-permission-prompts'],
  })
  try {
    await app.page.getByRole('button', { name: 'Webcam', exact: true }).click()
    await app.page.getByRole('button', { name: 'Start the camera' }).click()
    await app.page.getByText('The camera was not allowed').waitFor()
    await expect.poll(() => app.page.getByRole('button', { name: 'Start the camera' }).isEnabled()).toBe(true)
  } finally {
    await app.close()
  }
})
