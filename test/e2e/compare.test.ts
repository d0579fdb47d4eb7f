// Comparing runs over the real web host and store, in a real Chromium: marked in the history, drawn, told apart, saved as tables and pictures, found again.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '#store/store.ts'
import { reportOf, storeRun } from '#test/helpers/stored-runs.ts'
import { chromiumPath, openApp, outputFolder, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const evil = '=HYPERLINK("x") <b>&'
const domains = ['gaussian_noise 5', 'fog 5', 'snow 5', 'contrast 5']
/** Falls and rises, another for each lane and seed, so that no two numbers are the same by chance. */
const accuracy = (seed: number) => (lane: string, step: number) =>
  (lane === 'source' ? 0.45 : lane === 'tent' ? 0.65 : 0.72) + 0.1 * Math.sin(step / 15 + seed) + 0.02 * seed

describe.skipIf(!executable)('comparing runs', () => {
  let app: RunningApp
  let data: string
  /** Mean error by run and lane, as the store has it. */
  const errors = new Map<string, number>()

  beforeAll(async () => {
    mkdirSync(outputFolder, { recursive: true })
    data = mkdtempSync(join(tmpdir(), 'palm-compare-'))
    const store = openStore(join(data, 'palm.sqlite'))
    const stepsPerDomain = 40
    const made = (seed: number, name: string, options = {}, inputHash = 'aaaaaaaaaaaa') =>
      storeRun(store, {
        domains,
        stepsPerDomain,
        methods: ['source', 'tent', 'palm'],
        inputHash,
        accuracy: accuracy(seed),
        createdAt: 1.7e12 + seed * 86_400_000,
        options: { name, seed, ...options },
      })
    made(0, 'Night bus')
    made(1, 'Night bus, seed 1')
    made(2, evil, { batchSize: 50, seed: 0 }, 'ffffffffffff')
    // The last one has layers, for the layer map's picture on the Live screen.
    const run = storeRun(store, {
      domains,
      stepsPerDomain: 0,
      methods: ['source', 'palm'],
      options: { name: 'With layers', limit: 20 },
    })
    const names = ['conv1.weight', 'bn1.weight', 'bn1.bias', 'layer1.0.conv1.weight']
    const plan = store.runs.plan(run)
    if (!plan) throw new Error('no plan')
    const steps = 30
    store.runs.setPlan(run, {
      ...plan,
      totalSteps: steps,
      totalImages: steps * 20,
      domains: [{ index: 0, name: 'fog 5', corruption: 'fog', severity: 5, images: steps * 20, steps, firstStep: 0 }],
      lanes: [
        { id: 'source', label: 'Source', method: 'source', tensors: [] },
        {
          id: 'palm',
          label: 'PALM',
          method: 'palm',
          tensors: names.map((name, i) => ({ name, kind: 'conv', block: i < 3 ? 'stem' : 'layer1', elements: 10 })),
        },
      ],
    })
    for (let step = 0; step < steps; step++) {
      store.steps.insert(run, reportOf('source', step, 0, 10, { predicted: { 1: 12, 3: 8 } }))
      store.steps.insert(
        run,
        reportOf('palm', step, 0, 15, {
          predicted: { 1: 5, 7: 15 },
          layers: {
            states: [2, 2, 0, step % 2 === 0 ? 2 : 1],
            scores: [1, 2, 3, 4],
            importances: [0.1, 0.2, 0.3, 0.4],
            learningRates: [1e-4, 2e-4, 0, 1e-3 * (1 + step)],
            changes: null,
          },
        }),
      )
    }
    store.runs.setProgress(run, steps, {
      step: steps,
      totalSteps: steps,
      images: steps * 20,
      imagesPerSecond: 100,
      etaMs: 0,
      waitShare: 0,
    })
    for (const metric of store.steps.domainSums(run, 0)) store.steps.insertDomain(run, metric)
    for (const { id, lanes } of store.runs.list())
      for (const lane of lanes) if (lane.meanErrorPct !== null) errors.set(`${id} ${lane.id}`, lane.meanErrorPct)
    store.close()
    app = await openApp(executable as string, ['--no-demo', '--data', data])
    app.page.setDefaultTimeout(120_000)
  })
  afterAll(async () => {
    await app?.close()
    if (data) rmSync(data, { recursive: true, force: true })
  })
  const runsRegion = () => app.page.getByRole('region', { name: 'Runs', exact: true })
  const results = () => app.page.getByRole('region', { name: 'Results', exact: true })
  const curves = () => app.page.getByRole('region', { name: 'Curves', exact: true })
  const looks = async (name: string, full = false) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme })
      await expect.poll(() => app.page.evaluate('document.documentElement.dataset.theme')).toBe(theme)
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        if (full) {
          await app.page
            .locator('main')
            .first()
            .evaluate((main: HTMLElement) => main.scrollTo(0, main.scrollHeight))
          await shoot(app.page, `${name}-below-${theme}-${width}x${height}.png`)
          await app.page
            .locator('main')
            .first()
            .evaluate((main: HTMLElement) => main.scrollTo(0, 0))
        }
        await expect.poll(() => app.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        if (width === 1024) expect(await violationsOf(app.page, theme)).toEqual([])
      }
    }
    await app.page.emulateMedia({ colorScheme: 'light' })
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }
  const saved = async (act: () => Promise<unknown>): Promise<{ name: string; bytes: Buffer }> => {
    const [download] = await Promise.all([app.page.waitForEvent('download'), act()])
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
  }
  /** Splits a line of CSV as a spreadsheet does. */
  const cellsOf = (line: string) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
      quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
    )

  test('runs are filtered, and marked as a range with Shift and the arrows; the key v compares them', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'History' }).click()
    await expect.poll(() => runsRegion().locator('tbody tr').count()).toBe(4)
    await page.getByRole('button', { name: 'Add a filter' }).click()
    await page.getByRole('combobox', { name: 'Filters' }).selectOption('method')
    await page.getByRole('combobox', { name: 'Value' }).selectOption('tent')
    await page.getByRole('button', { name: 'Set filter' }).click()
    await expect.poll(() => runsRegion().locator('tbody tr').count()).toBe(3)
    await expect.poll(() => runsRegion().locator('.chip').innerText()).toContain('Method: TENT')
    await runsRegion().locator('tbody tr').first().locator('.name button').focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await expect.poll(() => runsRegion().getByText('3 marked').count()).toBe(1)
    await looks('history-marked')
    await page.keyboard.press('v')
    await curves().waitFor()
    expect(new URL(page.url()).hash).toBe('#compare=1,2,3')
  })

  test('says in words why they are not comparable, and shows the settings that differ and no others', async () => {
    const { page } = app
    const warnings = await page.getByRole('list', { name: 'Reasons not to compare them' }).innerText()
    expect(warnings).toMatch(
      /saw different images.*Runs 1, 2: EuroSAT sample \(aaaaaaaa\); Run 3: EuroSAT sample \(ffffffff\)/,
    )
    expect(warnings).toMatch(/different streams.*Runs 1, 2: batchSize 100; Run 3: batchSize 50/)
    const settings = page.getByRole('region', { name: 'Settings', exact: true })
    const rows = await settings
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('th, td')].map((cell) => (cell as HTMLElement).innerText.trim())),
      )
    expect(rows).toEqual([
      ['input.hash', 'aaaaaaaaaaaa', 'aaaaaaaaaaaa', 'ffffffffffff'],
      ['batchSize', '100', '100', '50'],
      ['seed', '0', '1', '0'],
    ])
    await settings.getByLabel('Show equal settings too').check()
    await expect.poll(() => settings.locator('tbody tr').count()).toBeGreaterThan(20)
    await settings.getByLabel('Show equal settings too').uncheck()
  })

  test('draws a line per run and method, read by a cursor, over steps, images and share, and has a table behind', async () => {
    const { page } = app
    await expect.poll(() => curves().getByRole('checkbox').count()).toBe(9)
    expect(
      await curves()
        .locator('.plot canvas')
        .evaluate((canvas: HTMLCanvasElement) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
          const colours = new Set<number>()
          for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] === 255) colours.add(data[i]! * 65_536 + data[i + 1]! * 256 + data[i + 2]!)
          return [0x0072b2, 0xb85c00, 0x00795c].every((colour) => colours.has(colour))
        }),
    ).toBe(true)
    await curves().locator('.plot').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => curves().locator('.place').innerText()).toContain('at steps 2')
    await curves().getByLabel('Mean of the last').selectOption('0')
    const shown = Number(await curves().locator('.lines label').first().locator('strong').innerText())
    expect(shown).toBeCloseTo((100 * Math.round(20 * accuracy(0)('source', 1))) / 20, 1)
    await page.keyboard.press('Tab')
    await curves().getByLabel('Over').selectOption('share')
    await curves().getByLabel('Lines').first().selectOption('palm')
    await expect.poll(() => curves().getByRole('checkbox', { checked: true }).count()).toBe(3)
    await curves().getByRole('button', { name: 'Show as table' }).click()
    await expect
      .poll(() => curves().locator('thead th').allInnerTexts())
      .toEqual(['share of the stream, %', 'PALM (run 1)', 'PALM (run 2)', 'PALM (run 3)'])
    await expect.poll(() => curves().locator('tbody tr').count()).toBe(160)
    await curves().getByRole('button', { name: 'Show as picture' }).click()
    await curves().getByLabel('Over').selectOption('steps')
    await curves().getByLabel('Mean of the last').selectOption('0.05')
    await curves().getByLabel('Lines').first().selectOption('')
    await looks('compare', true)
  })

  test('the results are downloaded as CSV, Markdown and LaTeX with the store’s numbers', async () => {
    const download = (format: string) =>
      saved(async () => {
        await results().getByRole('combobox', { name: 'Table' }).last().selectOption(format)
        await results()
          .getByRole('button', { name: /^Download as/ })
          .click()
      })
    await results().getByRole('combobox', { name: 'Table' }).first().selectOption('means')
    const csv = await download('csv')
    expect(csv.name).toBe('results-of-runs-1-2-3.csv')
    const lines = csv.bytes.toString('utf8').split('\n').map(cellsOf)
    expect(lines[0]).toEqual(['mean error %', 'Source', 'TENT', 'PALM'])
    const means = (lane: string) => [errors.get(`1 ${lane}`) ?? Number.NaN, errors.get(`2 ${lane}`) ?? Number.NaN]
    for (const [i, lane] of ['source', 'tent', 'palm'].entries()) {
      const [a, b] = means(lane) as [number, number]
      const [mean, spread] = (lines[1]?.[i + 1] ?? '').split(' ± ').map(Number)
      expect(mean).toBeCloseTo((a + b) / 2, 5)
      expect(spread).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 5)
      expect(Number(lines[2]?.[i + 1])).toBeCloseTo(errors.get(`3 ${lane}`) ?? Number.NaN, 5)
    }
    expect(lines[2]?.[0]).toBe(`run 3: ${evil}`)
    for (const line of lines) for (const cell of line) expect(cell).not.toMatch(/^[=+@]/)
    const markdown = (await download('markdown')).bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('| runs '))
    expect(markdown[0]?.split('|')[4]?.replaceAll('*', '').trim()).toMatch(
      new RegExp(`^${((means('palm')[0]! + means('palm')[1]!) / 2).toFixed(1)} ±`),
    )
    const latex = (await download('latex')).bytes.toString('utf8')
    expect(latex).toContain(`${(errors.get('3 source') ?? 0).toFixed(1)}`)
    expect(latex).toContain('$\\pm$')
    expect(latex).toMatch(/\\begin\{tabular\}\{lrrr\}/)
    await results().getByRole('combobox', { name: 'Table' }).first().selectOption('domains')
  })

  test('the curves and the table are saved as SVG and PNG with their title and what they are of', async () => {
    const { page } = app
    await curves().getByRole('button', { name: 'Save…' }).click()
    const svg = await saved(() => curves().getByRole('button', { name: 'SVG' }).click())
    expect(svg.name).toBe('curves-accuracy.svg')
    const parsed = await page.evaluate((text) => {
      const page = new DOMParser().parseFromString(text, 'image/svg+xml')
      return {
        error: page.querySelector('parsererror')?.textContent ?? null,
        title: page.querySelector('title')?.textContent,
        texts: [...page.querySelectorAll('text')].map(({ textContent }) => textContent),
        paths: page.querySelectorAll('path[fill="none"]').length,
      }
    }, svg.bytes.toString('utf8'))
    expect(parsed).toMatchObject({ error: null, title: 'Curves: Accuracy, %', paths: 9 })
    for (const wanted of ['steps', 'Accuracy, %', 'PALM (run 3)', 'Curves: Accuracy, %'])
      expect(parsed.texts).toContain(wanted)
    expect(parsed.texts.join('\n')).toContain(`Run 3: ${evil}. EuroSAT sample`)
    await curves().getByRole('button', { name: 'Save…' }).click()
    const png = await saved(() => curves().getByRole('button', { name: 'PNG' }).click())
    expect([...png.bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
    const width = /width="(\d+)"/.exec(svg.bytes.toString('utf8'))?.[1]
    expect(png.bytes.readUInt32BE(16)).toBe(2 * Number(width))
    await curves().getByRole('button', { name: 'Save…' }).click()
    const csv = await saved(() => curves().getByRole('button', { name: 'CSV' }).click())
    expect(csv.bytes.toString('utf8').split('\n')[0]).toMatch(/^steps,Source \(run 1\),/)
    await results().getByRole('button', { name: 'Save picture' }).click()
    const table = await saved(() => results().getByRole('button', { name: 'PNG' }).click())
    expect(table.name).toBe('results-of-runs-1-2-3.png')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(outputFolder, 'saved-curves.png'), png.bytes)
    writeFileSync(join(outputFolder, 'saved-results.png'), table.bytes)
  })

  test('a reload comes back to the comparison, one run can be left out, and the way back is the history', async () => {
    const { page } = app
    await page.reload()
    await curves().waitFor()
    await expect
      .poll(() => page.getByRole('list', { name: 'Runs that are compared' }).getByRole('listitem').count())
      .toBe(3)
    await page.getByRole('button', { name: 'Leave out run 3' }).click()
    await expect.poll(() => new URL(page.url()).hash).toBe('#compare=1,2')
    await page.getByText('Same images, model and stream.').waitFor()
    await results().getByText('std').first().waitFor()
    await page.goBack()
    await expect
      .poll(() => page.getByRole('list', { name: 'Runs that are compared' }).getByRole('listitem').count())
      .toBe(3)
    await page.getByRole('button', { name: /Back to the history/ }).click()
    // The filter of the first test was kept with the settings.
    await expect
      .poll(() => runsRegion().locator('.chip').allInnerTexts())
      .toEqual([expect.stringContaining('Method: TENT')])
    await page.getByRole('button', { name: /^Remove the filter/ }).click()
    await expect.poll(() => runsRegion().locator('tbody tr').count()).toBe(4)
  })

  test('marked runs are tagged together, and undo takes it back; all are marked by Ctrl+A, and their table is saved', async () => {
    const { page } = app
    await runsRegion().locator('tbody tr').first().locator('.name button').click()
    await page.keyboard.press('Control+a')
    await runsRegion().getByText('4 marked').waitFor()
    await page.getByRole('button', { name: 'Tag…' }).click()
    await page.getByLabel('Tag the marked runs').last().fill('for the paper')
    await page.getByRole('button', { name: 'Add tag' }).click()
    await expect.poll(() => runsRegion().locator('.tag').allInnerTexts()).toEqual(Array(4).fill('for the paper'))
    await page.getByRole('button', { name: 'Table…' }).click()
    const csv = (await saved(() => page.getByRole('button', { name: 'CSV' }).click())).bytes
      .toString('utf8')
      .split('\n')
      .map(cellsOf)
    expect(csv.map(([id]) => id).slice(1, 5)).toEqual(['4', '3', '2', '1'])
    expect(csv[2]?.[1]).toBe(`'${evil}`)
    expect(Number(csv[2]?.at(-1))).toBeCloseTo(errors.get('3 tent') ?? Number.NaN, 5)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => runsRegion().locator('.tag').count()).toBe(0)
  })

  test('charts of the Live screen save their pictures: curves with domains, the layer map hatched, the table of errors', async () => {
    const { page } = app
    await runsRegion().locator('tbody tr').first().locator('.name button').dblclick()
    const accuracyChart = page.getByRole('region', { name: 'Accuracy over the stream' }).first()
    await accuracyChart.getByRole('button', { name: /^Save/ }).click()
    const curve = (await saved(() => accuracyChart.getByRole('button', { name: 'SVG' }).click())).bytes.toString('utf8')
    expect(curve).toContain('<title>Accuracy over the stream</title>')
    expect(curve).toContain('Run 4: With layers. EuroSAT sample')
    expect(curve).toContain('>fog 5</text>')
    const map = page.getByRole('region', { name: 'Layer map', exact: true })
    await map.getByRole('button', { name: /^Save/ }).click()
    const layers = (await saved(() => map.getByRole('button', { name: 'SVG' }).click())).bytes.toString('utf8')
    expect(layers).toContain('layer1.0.conv1.weight')
    expect(layers).toMatch(/<path d="M[^"]+" fill="url\(#40;#hatched|fill="url\(#hatched\)"/)
    const table = page.getByRole('region', { name: 'Error per domain, %' }).first()
    await table.getByRole('button', { name: 'Save…' }).click()
    const csv = (await saved(() => table.getByRole('button', { name: 'CSV' }).click())).bytes
      .toString('utf8')
      .split('\n')
      .map(cellsOf)
    expect(csv.slice(0, 3)).toEqual([
      ['Domain', 'Source', 'PALM'],
      ['fog 5', '50', '25'],
      ['Mean', '50', '25'],
    ])
    await page.getByRole('button', { name: 'Save…' }).first().click()
    await shoot(page, 'save-menu.png')
    await page.keyboard.press('Escape')
    expect(app.faults).toEqual([])
  })
})
