// A run of 4 lanes, 150 domains and 10,000 steps over the real web host and store, in Chromium: it opens, its curves are zoomed and
// read by keys, its tables are windowed, and a live tail goes on at its end. How long all that takes: `npm run bench -- --only screens`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { longRun, tailOf, writeLongRun } from '#test/helpers/long-run.ts'
import { chromiumPath, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const recorded = 9_800

/** Keeps the page's socket and the number of its subscription to a run, so that a tail can be told to it as if it came from the host. */
const keepSocket = `
  const Native = window.WebSocket
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args)
      window.socketOfPage = this
      this.addEventListener('message', ({ data }) => {
        const [, seq] = /^\\{"type":"snapshot","id":\\d+,"snapshot":\\{"seq":(\\d+)/.exec(String(data).slice(0, 200)) ?? []
        if (seq) window.fetchedSeq = Number(seq)
      })
    }
    send(text) { const frame = text[0] === '{' ? JSON.parse(text) : {}; if (frame.type === 'subscribe' && frame.name === 'run') window.runSubscription = frame.id; super.send(text) }
  }`

describe.skipIf(!executable)('a run of ten thousand steps', () => {
  let app: RunningApp
  let page: Page
  let data: string
  const ids = { whole: 0, cut: 0, short: 0 }

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'palm-long-'))
    ids.whole = writeLongRun(data, { ...longRun, tensors: 12 })
    ids.cut = writeLongRun(data, { ...longRun, tensors: 12, name: 'A long run, cut off' }, recorded)
    ids.short = writeLongRun(data, { steps: 20, tensors: 6, domains: 2, name: 'A short run' })
    app = await openApp(executable as string, ['--no-demo', '--data', data])
    page = app.page
    await page.addInitScript(keepSocket)
    await page.reload()
  })
  afterAll(async () => {
    await app?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const accuracy = () => page.getByRole('region', { name: 'Accuracy over the stream', exact: true })
  const plot = () => page.getByRole('img', { name: /^Accuracy over the stream/ })
  const readout = () => accuracy().locator('.where').innerText()
  const announced = () => accuracy().getByRole('status').innerText()
  const shown = async () => {
    const [, from, to] = /Steps (\d+) to (\d+)/.exec(await announced()) ?? []
    return [Number(from), Number(to)] as const
  }
  const inked = (name: RegExp) =>
    page
      .getByRole('img', { name })
      .locator('canvas')
      .evaluate((canvas) => {
        const { data } = (canvas as HTMLCanvasElement)
          .getContext('2d')!
          .getImageData(0, 0, (canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height)
        return data.reduce((sum, value, i) => sum + (i % 4 === 3 && value > 0 ? 1 : 0), 0)
      })
  const open = async (run: number, steps: number) => {
    await page.getByRole('combobox', { name: 'Run', exact: true }).selectOption(String(run))
    await expect.poll(() => page.locator('.progress').innerText()).toContain(`Step ${steps} /`)
    await expect.poll(() => page.locator('.lane strong').first().innerText()).not.toBe('–')
  }

  test('opens', async () => {
    await expect.poll(() => page.locator('.progress').innerText()).toContain('Step 20 / 20')
    await open(ids.short, 20)
    await open(ids.whole, longRun.steps)
    await expect.poll(readout).toMatch(/^Step 10000, /)
    await expect.poll(() => inked(/^Accuracy over the stream/)).toBeGreaterThan(10_000)
    await expect.poll(() => accuracy().locator('.lane').count()).toBe(4)
  })

  test('keys move the cursor, zoom, pan and show all again', async () => {
    await plot().focus()
    await page.keyboard.press('Home')
    await expect.poll(readout).toMatch(/^Step 1, /)
    await page.keyboard.press('ArrowRight')
    await expect.poll(readout).toMatch(/^Step 2, /)
    await page.keyboard.press('End')
    await expect.poll(readout).toMatch(/^Step 10000, /)
    for (let i = 0; i < 3; i++) await page.keyboard.press('+')
    await expect.poll(() => shown()).toEqual([8751, 10_000])
    await page.keyboard.press('Shift+ArrowLeft')
    await expect.poll(() => shown()).toEqual([8626, 9875])
    await page.keyboard.press('Home')
    expect((await shown())[0]).toBe(1)
    await page.keyboard.press('-')
    await expect.poll(() => shown()).toEqual([1, 2500])
    await page.keyboard.press('0')
    await expect.poll(() => shown()).toEqual([1, 10_000])
    await page.keyboard.press('Escape')
  })

  test('the wheel zooms around the pointer, dragging to what it marks, shift and dragging moves, a double click shows all', async () => {
    const box = (await plot().locator('.u-over').boundingBox())!
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const range = async () => {
      await page.keyboard.press('ArrowRight') // says the range
      return shown()
    }
    await plot().focus()
    await page.mouse.move(x, y)
    await page.mouse.wheel(0, -300)
    await page.mouse.move(x + 1, y)
    const [from, to] = await range()
    expect(to - from).toBeLessThan(8000)
    expect(Math.abs((from + to) / 2 - 5000)).toBeLessThan(60)
    await page.keyboard.press('0')
    await page.mouse.move(box.x + box.width * 0.25, y)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, y, { steps: 4 })
    await page.mouse.up()
    const marked = await range()
    expect(Math.abs(marked[0] - 2500)).toBeLessThan(60)
    expect(Math.abs(marked[1] - 5000)).toBeLessThan(60)
    await page.keyboard.down('Shift')
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + box.width / 2, y, { steps: 4 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    await page.mouse.move(x, y)
    const moved = await range()
    expect(Math.abs(moved[0] - 1250)).toBeLessThan(60)
    await page.mouse.dblclick(x, y)
    await expect.poll(() => range()).toEqual([1, 10_000])
  })

  test('smoothing, lanes and the second chart share one view', async () => {
    await page.getByLabel('Smoothing in batches').fill('0')
    await page.getByLabel('Smoothing in batches').press('Tab')
    await expect.poll(() => page.getByLabel('Smoothing in batches').inputValue()).toBe('1')
    await expect.poll(() => accuracy().locator('.unit').innerText()).toContain('each batch')
    await page.getByLabel('Smoothing in batches').fill('50')
    await page.getByLabel('Smoothing in batches').press('Tab')
    await expect.poll(() => accuracy().locator('.unit').innerText()).toContain('mean of 50 batches')
    await page.getByRole('button', { name: 'Losses and shares' }).click()
    const losses = page.getByRole('region', { name: /over the stream$/ }).last()
    await expect.poll(() => losses.locator('.unit').innerText()).toContain('mean of 50 batches')
    await expect.poll(() => inked(/^Loss: total over the stream/)).toBeGreaterThan(3_000)
    await losses.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Kept samples' })
    await expect.poll(() => losses.locator('.lane').last().innerText()).toMatch(/PALM\s+\d+\.\d %/)
    await expect.poll(() => losses.locator('.lane').first().innerText()).toMatch(/SOURCE\s+–/)
    await losses.getByRole('button', { name: /^PALM/ }).click()
    await expect
      .poll(() => accuracy().getByRole('button', { name: /^PALM/ }).getAttribute('aria-pressed'))
      .toBe('false')
    await accuracy().getByRole('button', { name: /^PALM/ }).click()
  })

  test('a domain chosen by key is what the curves show', async () => {
    const table = page.getByRole('region', { name: 'Error per domain, %', exact: true })
    await expect.poll(() => table.getByRole('table').getAttribute('aria-rowcount')).toBe(String(longRun.domains + 2))
    await expect.poll(() => table.locator('tbody tr').count()).toBeLessThan(60)
    const name = table.locator('tbody tr').nth(2).locator('button.link').first()
    await name.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => name.getAttribute('aria-pressed')).toBe('true')
    await plot().focus()
    for (const key of ['y', 'y']) await page.keyboard.press(key) // says the range
    await expect.poll(() => shown()).toEqual([133, 198])
    await page.keyboard.press('0')
    await expect.poll(() => name.getAttribute('aria-pressed')).toBe('false')
  })

  test('screenshots in both themes and two sizes, and axe finds nothing', async () => {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme })
      for (const [width, height] of sizesIn(theme)) {
        await page.setViewportSize({ width, height })
        await plot().focus()
        await page.keyboard.press('0')
        await shoot(page, `long-run-${theme}-${width}x${height}.png`)
        for (let i = 0; i < 6; i++) await page.keyboard.press('+')
        await shoot(page, `long-run-zoomed-${theme}-${width}x${height}.png`)
        await page.keyboard.press('0')
        await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        if (width === 1024) expect(await violationsOf(page, theme)).toEqual([])
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
  })

  test('the table behind the curves holds every step and draws those in view; keys scroll it', async () => {
    await accuracy().getByRole('button', { name: 'Show as table' }).click()
    const table = accuracy().getByRole('region', { name: 'Table: Accuracy over the stream' })
    await expect.poll(() => table.getByRole('table').getAttribute('aria-rowcount')).toBe(String(longRun.steps + 1))
    await expect.poll(() => table.locator('tbody tr').count()).toBeLessThan(80)
    await table.focus()
    await page.keyboard.press('End')
    await table.getByRole('cell', { name: '10000', exact: true }).waitFor()
    await shoot(page, 'long-run-table.png')
    expect(await violationsOf(page)).toEqual([])
    await page.keyboard.press('Home')
    await table.getByRole('cell', { name: '1', exact: true }).waitFor()
    await accuracy().getByRole('button', { name: 'Show as picture' }).click()
  })

  test('a live tail: the curves follow the end', async () => {
    await page.mouse.move(2, 2)
    await open(ids.cut, recorded)
    const seq = await page.evaluate<number>('fetchedSeq')
    const events = tailOf(longRun, recorded, seq, 120)
    await page.evaluate(
      ({ texts }) => {
        const here = globalThis as unknown as {
          socketOfPage: EventTarget
          runSubscription: number
          tailDone: boolean
          tell: (i: number) => void
        }
        here.tailDone = false
        here.tell = (i) => {
          const text = texts[i]
          if (text === undefined) here.tailDone = true
          else {
            here.socketOfPage.dispatchEvent(
              new MessageEvent('message', { data: `{"type":"event","id":${here.runSubscription},"event":${text}}` }),
            )
            requestAnimationFrame(() => here.tell(i + 1))
          }
        }
      },
      { texts: events.map((event) => JSON.stringify(event)) },
    )
    await page.evaluate('tell(0)') // one a frame, as messages of the socket
    await plot().focus()
    for (let i = 0; i < 4; i++) await page.keyboard.press('+')
    await expect
      .poll(() => accuracy().getByRole('button', { name: 'Follow' }).getAttribute('aria-pressed'))
      .toBe('true')
    await expect.poll(() => page.evaluate('tailDone')).toBe(true)
    await expect.poll(() => readout()).toMatch(/^Step 9920, /)
    await page.keyboard.press('ArrowLeft')
    expect((await shown())[1]).toBe(9920)
    const table = (await page.getByRole('region', { name: 'Table: Error per domain, %' }).boundingBox())!
    const row = (await page.locator('tr.current').boundingBox())!
    expect(row.y).toBeGreaterThan(table.y)
    expect(row.y + row.height).toBeLessThan(table.y + table.height)
    await shoot(page, 'long-run-live.png')
    expect(await violationsOf(page)).toEqual([])
  })

  test('nothing failed behind the scenes', () => {
    expect(app.faults).toEqual([])
  })
})
