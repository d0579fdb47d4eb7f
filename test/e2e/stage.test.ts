// The webcam's stage in a real browser whose fake camera plays a clip of real pictures, over the real host, session and store: what a visitor at a stand does, and what
// happens when nobody comes. Screenshots in every size and both looks go to test/e2e/output.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApi, chromiumPath, settled, shoot, violationsOf, type RunningApp } from './app-in-browser.ts'
import { sessionsOf, openWithClip } from './fake-camera.ts'
import { walked } from './walked.ts'

const executable = chromiumPath('browser')

describe.skipIf(!executable)('the stage', () => {
  let app: RunningApp

  beforeAll(async () => {
    // Fewer frames than a camera gives: each is drawn, sent, learned from and drawn again.
    app = await openWithClip(executable as string, 24, [], undefined, 8)
  })
  afterAll(() => app?.close())

  const button = (name: string | RegExp) =>
    app.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
  const stage = () => app.page.getByRole('dialog', { name: 'Stage' })
  const choice = (name: string) => stage().getByRole('radio', { name, exact: true })
  const chosen = () => stage().locator('[role="radio"][aria-checked="true"]').innerText()
  const caption = () => stage().locator('.caption').innerText()
  const sizes = [
    [1440, 900],
    [1024, 700],
    [1920, 1080],
    [1080, 1920],
  ] as const
  const lookIn = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme })
      for (const [width, height] of theme === 'light' ? sizes : sizes.toReversed()) {
        await app.page.setViewportSize({ width, height })
        await expect.poll(() => app.page.evaluate(() => innerWidth)).toBe(width)
        // Nothing sticks out, and every target is large enough for a finger.
        const faults = await app.page.evaluate(() => {
          const root = document.querySelector('dialog .root') as HTMLElement
          const inside = (box: DOMRect) =>
            box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1
          return [
            ...root.querySelectorAll<HTMLElement>(
              'button, input, [role="slider"], .caption, .name, figure, .answers section, .picture',
            ),
          ].flatMap((element) => {
            const box = element.getBoundingClientRect()
            const small = element.matches('button, input, [role="slider"]') && (box.width < 47.5 || box.height < 47.5)
            const spills =
              element.matches('figure, .answers section') && element.scrollHeight > element.clientHeight + 1
            return inside(box) && !small && !spills
              ? []
              : [
                  `${element.tagName} ${element.className} ${element.textContent?.slice(0, 30)} ${Math.round(box.left)},${Math.round(box.top)} ${Math.round(box.width)}x${Math.round(box.height)}`,
                ]
          })
        })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        expect(faults, `${width}x${height}`).toEqual([])
        if (width === 1080) expect(await violationsOf(app.page, theme)).toEqual([])
      }
    }
    await app.page.emulateMedia({ colorScheme: null })
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }

  test('it is set up on the start page and opens from there', async () => {
    await button('Webcam').click()
    await app.page.getByLabel('Model').selectOption({ label: 'Bundled ResNet-20: satellite pictures only' })
    await app.page.getByLabel('Window, frames').fill('8')
    await app.page.getByText('For a stand').click()
    await app.page.getByLabel('Plays by itself after, seconds').fill('0')
    await app.page.getByLabel('Each scene, seconds').fill('3')
    await app.page.getByLabel('Each scene, seconds').blur()
    await shoot(app.page, 'stage-start-light-1440x900.png')
    expect(await violationsOf(app.page)).toEqual([])
    await button('Start on stage').click()
    await expect.poll(caption).toMatch(/what the camera sees|Neither model is sure/)
    for (const title of ['As trained', 'Adapting'])
      await expect
        .poll(() => stage().getByRole('region', { name: title, exact: true }).innerText())
        .toMatch(/\d+ % sure/)
  })

  test('a touch on a picture makes the change, and the line says so', async () => {
    // Every button has its picture.
    await expect.poll(() => stage().locator('[role="radio"] canvas').count()).toBe(8)
    await choice('Fog').click()
    await expect.poll(caption).toContain('The picture got foggy.')
    await expect.poll(() => chosen()).toContain('Fog')
    await stage()
      .getByRole('slider', { name: /How strong/ })
      .fill('5')
    await expect.poll(() => stage().locator('.strength strong').innerText()).toBe('very strong')
    await expect.poll(caption).toMatch(/\d+ steps/)
    await expect
      .poll(() =>
        stage()
          .getByRole('img', { name: /^How often both agree/ })
          .getAttribute('aria-label'),
      )
      .toMatch(/\d+ %/)
    await lookIn('stage-fog')
  })

  test('Tab comes to every control, each is seen and says what it is, in both languages', async () => {
    const stops = await walked(app.page, 'Stage', 'dialog:modal', 6)
    expect(stops.filter((stop) => stop.startsWith('button[radio]'))).toEqual([expect.stringContaining('Fog')]) // one stop
    await callApi(app.page, 'settings.change', { changes: { theme: 'system' } })
    await app.page.evaluate(() => (document.activeElement as HTMLElement).blur())
  })

  test('the divider is dragged and moved by keys', async () => {
    const divider = stage().getByRole('slider', { name: /^Divider/ })
    // Words may just have changed their language, and with it their lines.
    const boxText = async () => JSON.stringify(await stage().locator('.square').boundingBox())
    const square = JSON.parse(await settled(app.page, boxText)) as DOMRect
    await app.page.mouse.move(square.x + square.width / 2, square.y + square.height / 2)
    await app.page.mouse.down()
    await app.page.mouse.move(square.x + square.width * 0.25, square.y + square.height / 2, { steps: 4 })
    await app.page.mouse.up()
    expect(Number(await divider.getAttribute('aria-valuenow'))).toBe(25)
    await divider.focus()
    await app.page.keyboard.press('ArrowRight')
    expect(Number(await divider.getAttribute('aria-valuenow'))).toBe(30)
    await expect.poll(() => chosen()).toContain('Fog') // the keys were the divider's
  })

  test('keys and remotes: arrows, page keys, space, and none of the window’s own', async () => {
    await app.page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await app.page.keyboard.press('ArrowRight')
    await expect.poll(chosen).toContain('Noise')
    await app.page.keyboard.press('PageUp')
    await expect.poll(chosen).toContain('Fog')
    await app.page.keyboard.press('ArrowDown')
    await expect.poll(() => stage().locator('.strength strong').innerText()).toBe('strong')
    await app.page.keyboard.press(' ')
    await expect.poll(chosen).toContain('Clean')
    await app.page.keyboard.press(' ')
    await expect.poll(chosen).toContain('Fog')
    await app.page.keyboard.press('n')
    await app.page.keyboard.press('s')
    await app.page.keyboard.press('h')
    await expect.poll(() => app.page.getByRole('dialog').count()).toBe(1)
    await expect.poll(() => stage().isVisible()).toBe(true)
  })

  test('what is in view is picked from what was seen, or searched, and right answers are counted', async () => {
    await button('What is it really?').click()
    const search = stage().getByRole('combobox')
    await search.fill('for')
    await expect.poll(() => stage().getByRole('option').allInnerTexts()).toEqual(['Forest'])
    await lookIn('stage-teach')
    await search.press('Enter')
    await stage()
      .getByText(/It is: Forest/)
      .waitFor()
    await expect.poll(() => stage().locator('.answers').innerText()).toMatch(/\d+ % right/)
    await expect.poll(caption).toContain('It really is: Forest')
    await stage()
      .getByRole('img', { name: /^Right answers over the last minute/ })
      .waitFor()
    await button('As numbers').click()
    await expect.poll(() => stage().getByRole('table').count()).toBe(2)
    await lookIn('stage-numbers')
    await button('As pictures').click()
    await button('It is gone').click()
    expect(
      await stage()
        .getByText(/It is: Forest/)
        .count(),
    ).toBe(0)
    await button('What is it really?').click()
    await stage().locator('.seen button').first().click()
    await stage()
      .getByText(/^It is: /)
      .waitFor()
  })

  test('starting over puts everything back', async () => {
    await button('Start over').click()
    await expect.poll(chosen).toContain('Clean')
    expect(
      await stage()
        .getByText(/^It is: /)
        .count(),
    ).toBe(0)
    await expect.poll(caption).toMatch(/what the camera sees|Neither model is sure/)
  })

  test('a camera that goes away is said in a friendly way, and it goes on by itself', async () => {
    await app.page.evaluate(() => {
      for (const track of (window as unknown as { palmTracks: MediaStreamTrack[] }).palmTracks)
        track.dispatchEvent(new Event('ended'))
    })
    await expect.poll(caption).toContain('The camera is gone')
    await shoot(app.page, 'stage-lost.png')
    await expect.poll(caption).toMatch(/what the camera sees|Neither model is sure/)
    await expect.poll(() => stage().getByRole('alert').count()).toBe(0)
  })

  test('one press does not leave, a second one does', async () => {
    await button('Leave').click()
    await expect.poll(() => button('Press again to leave').isVisible()).toBe(true)
    await button('Leave').waitFor() // forgotten after a while
    await app.page.keyboard.press('Escape')
    await button('Press again to leave').waitFor()
    await app.page.keyboard.press('Escape')
    await expect.poll(() => stage().count()).toBe(0)
    await button('On stage').waitFor() // the camera goes on
  })

  test('alone it plays by itself, a touch ends that and does nothing else, and after a longer while everything goes back', async () => {
    await button('Stop').click()
    await app.page.getByText('For a stand').click()
    await app.page.getByLabel('Plays by itself after, seconds').fill('4')
    await app.page.getByLabel('Plays by itself after, seconds').blur()
    await button('Start on stage').click()
    await expect.poll(chosen).toContain('Clean')
    await choice('Snow').click()
    await stage().getByText('Playing by itself').waitFor()
    const scenes = new Set<string>()
    await expect.poll(async () => scenes.add((await chosen()).trim()).size).toBeGreaterThanOrEqual(3)
    await expect.poll(chosen).toContain('Noise')
    await lookIn('stage-playing')
    await choice('Pixels').click()
    await expect.poll(() => stage().getByText('Playing by itself').count()).toBe(0)
    await expect.poll(() => chosen()).toContain('Snow') // the visitor's own, not the button that was under the finger
    await choice('Pixels').click()
    await expect.poll(chosen).toContain('Pixels')
  })

  /** What the stage says to a visitor who is still there (a key that does nothing else): alone, it would show all its scenes before it comes back to this one. */
  const captionOfStaying = async () => {
    await app.page.keyboard.press('Shift')
    return caption()
  }
  const steps = async () => Number(/(\d+) steps?/.exec(await stage().locator('.answers').innerText())?.[1] ?? -1)

  test('after a lost connection it goes on by itself, still on stage', async () => {
    await app.page.evaluate(() =>
      (window as unknown as { palmSockets: WebSocket[] }).palmSockets
        .find(({ readyState }) => readyState === WebSocket.OPEN)
        ?.close(),
    )
    await expect.poll(captionOfStaying).toContain('It is being started again')
    await expect.poll(captionOfStaying).toContain('The picture got coarse.')
    const before = await steps()
    await expect.poll(steps).toBeGreaterThan(before)
    await expect.poll(() => stage().getByRole('alert').count()).toBe(0)
  })

  test('a session that dies is started again by itself', async () => {
    const sessions = sessionsOf(app.pid)
    expect(sessions.length).toBeGreaterThan(0)
    for (const pid of sessions) process.kill(pid, 'SIGKILL')
    await expect.poll(captionOfStaying).toContain('It is being started again')
    await expect.poll(captionOfStaying).toContain('The picture got coarse.')
    await expect.poll(steps).toBeGreaterThan(1)
    // It may play by itself by now: then the first press only ends that.
    await expect
      .poll(async () => {
        await app.page.keyboard.press('Escape')
        return stage().count()
      })
      .toBe(0)
  })

  test('another run under way is ended by the start, and its button says so', async () => {
    await button('Stop').click()
    await button('Start the camera').waitFor() // no run is under way any more
    await button('Live').click()
    await button('Run the sample').click()
    await button('Pause').waitFor()
    await button('Webcam').click()
    await button(/^Stop run \d+ and start$/).click()
    await button('On stage').waitFor()
    await button('Stop').click()
    expect(app.faults).toEqual([])
  })
})
