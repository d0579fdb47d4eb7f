// The live screen as a place to work: every tensor in its panel, panels that are dragged, remembered and looked at alone; and what a screen reader is told, by
// Chromium's own tree of accessibility.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeLongRun } from '#test/helpers/long-run.ts'
import {
  callApi,
  chromiumPath,
  framesOf,
  openApp,
  smallSample,
  startRun,
  violationsOf,
  type RunningApp,
} from './app-in-browser.ts'

const executable = chromiumPath()

interface AxNode {
  readonly role: string
  readonly name: string
}

/** What a screen reader is given, node by node. */
async function axTree(page: Page): Promise<AxNode[]> {
  const client = await page.context().newCDPSession(page)
  const { nodes } = await client.send('Accessibility.getFullAXTree')
  await client.detach()
  const text = (value: { value?: unknown } | undefined) => (typeof value?.value === 'string' ? value.value : '')
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name }) => ({ role: text(role), name: text(name).trim() }))
}

const controls = new Set(
  'button checkbox combobox link listbox menuitem radio searchbox slider spinbutton splitter switch tab textbox'.split(
    ' ',
  ),
)

describe.skipIf(!executable)('the live screen as a place to work', () => {
  let app: RunningApp
  let data: string
  const tensors = 57

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'palm-layout-'))
    writeLongRun(data, { steps: 75, tensors, domains: 15, name: 'Layout' })
    app = await openApp(executable as string, ['--no-demo', '--data', data])
    await map().waitFor()
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const map = () => app.page.getByRole('img', { name: /^Layer map/ })
  const separator = (name: string | RegExp) => app.page.getByRole('separator', { name })
  const valueOf = async (name: string | RegExp) => Number(await separator(name).getAttribute('aria-valuenow'))
  const areas = () =>
    app.page.evaluate(() =>
      ['accuracy', 'table', 'map', 'batch'].filter((name) => {
        const box = document.querySelector(`.area-${name}`)?.getBoundingClientRect()
        return box !== undefined && box.width > 0 && box.height > 0
      }),
    )
  /** Controls that reach beyond their panel. */
  const sticksOut = () =>
    app.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main .panel, main .bare')].flatMap((panel) => {
        const own = panel.getBoundingClientRect()
        return [...panel.querySelectorAll<HTMLElement>('button, select, input')]
          .filter((control) => !control.closest('.scroll, .strip, .scroller'))
          .filter((control) => {
            const box = control.getBoundingClientRect()
            return box.height > 0 && (box.right > own.right + 1 || box.bottom > own.bottom + 1)
          })
          .map((control) => `${panel.getAttribute('aria-label')}: ${control.textContent || control.ariaLabel}`)
      }),
    )
  const sizes: readonly (readonly [number, number])[] = [
    [1440, 900],
    [1024, 700],
  ]
  const resize = async ([width, height]: readonly [number, number]) => {
    await app.page.setViewportSize({ width, height })
    await expect.poll(() => app.page.evaluate(() => innerWidth)).toBe(width)
    await framesOf(app.page, 4)
  }

  test('every tensor has a row of its own in the panel, in both sizes; nothing scrolls, and nothing sticks out', async () => {
    for (const size of sizes) {
      await resize(size)
      await expect.poll(() => map().getAttribute('aria-label')).toContain(`${tensors} tensors`)
      const { room, rows } = await map().evaluate((scroller) => ({
        room: scroller.clientHeight,
        rows: scroller.scrollHeight,
      }))
      expect(rows).toBeLessThanOrEqual(room)
      expect(room).toBeGreaterThanOrEqual(tensors)
      await expect.poll(() => app.page.getByRole('note').count()).toBe(0) // not grouped
      await expect.poll(() => sticksOut(), { message: size.join() }).toEqual([])
    }
    await resize([1440, 900])
  })

  test('a panel is dragged by mouse and by keys, within bounds, and put back by a double click', async () => {
    const { page } = app
    const before = await valueOf('Width of the left column')
    const box = await separator('Width of the left column').boundingBox()
    if (!box) throw new Error('no separator')
    const width = async () => (await page.locator('.area-map').boundingBox())?.width ?? 0
    const wide = await width()
    await page.mouse.move(box.x + 6, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x - 194, box.y + 100, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => valueOf('Width of the left column')).toBeLessThan(before - 10)
    expect(wide - (await width())).toBeGreaterThan(150)
    await separator(/^Height of the curves/).focus()
    const height = await valueOf(/^Height of the curves/)
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => valueOf(/^Height of the curves/)).toBe(height + 2)
    await page.keyboard.press('Home')
    await expect.poll(() => valueOf(/^Height of the curves/)).toBe(25)
    await page.keyboard.press('End')
    await expect.poll(() => valueOf(/^Height of the curves/)).toBe(75)
    await separator('Width of the left column').dblclick()
    await expect.poll(() => valueOf('Width of the left column')).toBe(before)
  })

  test('it is remembered over a reload, for this size of window alone, until it is reset', async () => {
    const { page } = app
    await page.reload()
    await map().waitFor()
    await expect.poll(() => valueOf(/^Height of the curves/)).toBe(75)
    await resize([1024, 700])
    await expect.poll(() => valueOf(/^Height of the curves/)).toBeLessThan(60)
    await resize([1440, 900])
    await expect.poll(() => valueOf(/^Height of the curves/)).toBe(75)
    await page.getByRole('button', { name: 'Reset layout' }).click()
    await expect.poll(() => valueOf(/^Height of the curves/)).toBeLessThan(50)
    await expect.poll(() => page.getByRole('button', { name: 'Reset layout' }).count()).toBe(0)
  })

  /** Left above, left below, right above, right below, by what is seen. */
  const places = () =>
    app.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-panel]')]
        .map((area) => ({ name: area.dataset['panel'] ?? '', box: area.getBoundingClientRect() }))
        .sort((one, other) => one.box.left - other.box.left || one.box.top - other.box.top)
        .map(({ name }) => name),
    )
  const atFirst = ['accuracy', 'layers', 'domains', 'batch']
  const mover = (panel: string) => app.page.getByRole('button', { name: `Move: ${panel}`, exact: true })

  test('panels change places by arrows, by choice and by dragging their heads; the focus stays, and it is told', async () => {
    const { page } = app
    await expect.poll(() => places()).toEqual(atFirst)
    await mover('Layer map').focus()
    await page.keyboard.press('ArrowDown') // there is nothing below
    await expect.poll(() => places()).toEqual(atFirst)
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => places()).toEqual(['accuracy', 'batch', 'domains', 'layers'])
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Move: Layer map')
    await page.keyboard.press('ArrowUp')
    await expect.poll(() => places()).toEqual(['accuracy', 'batch', 'layers', 'domains'])
    await page.getByText('Layer map and Errors per domain have changed places.').waitFor({ state: 'attached' })
    await separator('Height of the layer map above the table').waitFor()

    await mover('Curves').click()
    await page.getByRole('group', { name: 'Move: Curves' }).getByRole('button', { name: 'Layer map' }).click()
    await expect.poll(() => places()).toEqual(['layers', 'batch', 'accuracy', 'domains'])
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Move: Curves')

    const head = async (area: string) => {
      const box = await page.locator(`.${area} header h2`).first().boundingBox()
      if (!box) throw new Error(`${area} has no head`)
      return [box.x + 20, box.y + box.height / 2] as const
    }
    const carry = async (from: readonly [number, number], to: readonly [number, number]) => {
      await page.mouse.move(...from)
      await page.mouse.down()
      await page.mouse.move(...to, { steps: 3 })
    }
    await carry(await head('area-table'), await head('area-map'))
    await expect.poll(() => page.locator('.area-map.target').count()).toBe(1)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('.target, .carried').count()).toBe(0)
    await page.mouse.up()
    await expect.poll(() => places()).toEqual(['layers', 'batch', 'accuracy', 'domains'])
    await carry(await head('area-table'), await head('area-map'))
    await page.mouse.up()
    await expect.poll(() => places()).toEqual(['domains', 'batch', 'accuracy', 'layers'])
    // The grip is a head, too; and what was carried by it opens no menu.
    const grip = await mover('Batch and more').boundingBox()
    if (!grip) throw new Error('no grip')
    await carry([grip.x + 8, grip.y + 8], await head('area-accuracy'))
    await page.mouse.up()
    await expect.poll(() => places()).toEqual(['domains', 'accuracy', 'batch', 'layers'])
    await expect.poll(() => page.getByRole('group', { name: 'Move: Batch and more' }).count()).toBe(0)

    await page.reload()
    await map().waitFor()
    await expect.poll(() => places()).toEqual(['domains', 'accuracy', 'batch', 'layers'])
    await page.getByRole('button', { name: 'Reset layout' }).click()
    await expect.poll(() => places()).toEqual(atFirst)
  })

  test('whichever panel stands where, nothing sticks out, in both sizes', async () => {
    const orders = atFirst.map((_, first) => atFirst.map((_, i) => atFirst[(i + first) % 4]))
    for (const size of sizes) {
      await resize(size)
      for (const panels of orders) {
        const layout = { columns: 0.56, left: 0.43, right: 0.46, panels }
        await callApi(app.page, 'settings.change', { changes: { layouts: { wide: layout, narrow: layout } } })
        await expect.poll(() => places()).toEqual(panels)
        await expect.poll(async () => [size.join(), panels.join(), ...(await sticksOut())]).toHaveLength(2)
        const scrolls = await app.page.evaluate(() => document.documentElement.scrollHeight > innerHeight)
        expect(scrolls).toBe(false)
      }
    }
    await callApi(app.page, 'settings.change', { changes: { layouts: {} } })
    await resize([1440, 900])
    await expect.poll(() => places()).toEqual(atFirst)
  })

  test('one panel alone: by its key, by its button, and Escape gives the others back', async () => {
    const { page } = app
    const all = ['accuracy', 'table', 'map', 'batch']
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    for (const [i, name] of all.entries()) {
      await page.keyboard.press(String(i + 1))
      await expect.poll(() => areas()).toEqual([name])
      const box = await page.locator(`.area-${name}`).boundingBox()
      expect(box?.width ?? 0).toBeGreaterThan(1300)
      await page.keyboard.press('Escape')
      await expect.poll(() => areas()).toEqual(all)
    }
    for (const name of all) {
      await page.locator(`.area-${name}`).getByRole('button', { name: 'Enlarge', exact: true }).click()
      await expect.poll(() => areas()).toEqual([name])
      await page.locator(`.area-${name}`).getByRole('button', { name: 'Back to the overview' }).click()
      await expect.poll(() => areas()).toEqual(all)
    }
  })

  test('every chart is named with what it shows and its values now, in words', async () => {
    const { page } = app
    const charts = async () =>
      (await axTree(page)).filter(({ role }) => role === 'image' || role === 'img').map(({ name }) => name)
    const named = await charts()
    expect(named.find((name) => name.startsWith('Accuracy over the stream'))).toMatch(
      /^Accuracy over the stream: accuracy, .* Step 75, .*: SOURCE \d+\.\d %, .*PALM \d+\.\d %/,
    )
    expect(named.find((name) => name.startsWith('Layer map'))).toMatch(
      /^Layer map\. 57 tensors .* At step 75, .*: \d+ of 57 tensors adapt, learning rate from [\d.e-]+ to [\d.e-]+\./,
    )
    await page.getByRole('button', { name: 'Losses and shares' }).click()
    await expect.poll(async () => (await charts()).filter((name) => /Step 75, .*\d/.test(name)).length).toBe(2)
    await page.getByRole('button', { name: 'Current batch' }).click()
    await map().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog
      .getByRole('img', { name: /over the run: newest/ })
      .first()
      .waitFor()
    expect((await charts()).filter((name) => name === '')).toEqual([])
    await page.keyboard.press('Escape')
  })

  test('every control of every screen has a name, and the tab key goes through the live screen from the top to the bottom', async () => {
    const { page } = app
    for (const view of ['Live', 'History', 'Sweeps', 'Models', 'Webcam', 'Settings']) {
      await page.getByRole('button', { name: view, exact: true }).click()
      await framesOf(page, 3)
      const tree = await axTree(page)
      expect(tree.filter(({ role }) => controls.has(role)).length).toBeGreaterThan(5)
      expect(
        tree.filter(({ role, name }) => (controls.has(role) || role === 'image') && name === ''),
        view,
      ).toEqual([])
      expect(await violationsOf(page), view).toEqual([])
    }
    await page.getByRole('button', { name: 'Live', exact: true }).click()
    await map().waitFor()
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    const stops: string[] = []
    for (let i = 0; i < 90; i++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        const area = document.activeElement?.closest('header.top, .progress, .timeline, [class*=area-], .splitter')
        return area ? (/area-\w+|top|progress|timeline|splitter/.exec(area.className)?.[0] ?? '') : ''
      })
      if (at === '') break
      if (stops.at(-1) !== at) stops.push(at)
    }
    expect(stops.filter((one) => one !== 'splitter')).toEqual(
      ['top', 'progress', 'timeline', 'area-accuracy', 'area-map', 'area-table', 'area-batch'].filter(
        (one) => one !== 'progress' || stops.includes(one),
      ),
    )
    expect(stops.filter((one) => one === 'splitter')).toHaveLength(3)
  })

  test('a run tells that it began, each new domain and how it ended; not every batch', async () => {
    const { page } = app
    await page.evaluate(() => {
      const told: string[] = []
      Object.assign(window, { palmTold: told })
      // As a screen reader listens: what changes in a live region, unless it is off.
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement
          const region = element?.closest('[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]')
          const text = region?.textContent?.trim() ?? ''
          if (text !== '' && told.at(-1) !== text) told.push(text)
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    const thirtySteps = { batchSize: 4, limit: 40, corruptions: ['fog', 'snow', 'frost'] }
    await startRun(page, { ...smallSample, name: 'Told', ...thirtySteps })
    await page.getByRole('combobox', { name: 'Run', exact: true }).selectOption('2')
    await expect.poll(() => page.locator('.progress').innerText()).toMatch(/Step 30 \/ 30/)
    await page.locator('.progress').getByText('Done').waitFor()
    const told = await page.evaluate(() => (window as unknown as { palmTold: string[] }).palmTold)
    for (const wanted of ['Running', 'Domain 2 / 3: snow 5', 'Domain 3 / 3: frost 5', 'Done'])
      expect(told).toContain(wanted)
    expect(told.filter((text) => text.includes('makes the fewest errors'))).toHaveLength(1)
    expect(told.length).toBeLessThan(15) // of 30 batches
    expect(app.faults).toEqual([])
  })
})
