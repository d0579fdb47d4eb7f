// Looking at the images behind a number, over the real web host, session process and store: the matrix, its cells, lists, pictures, and the strip of a live run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { forkedProcesses } from '#app/wiring/processes.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore, type Store } from '#store/store.ts'
import { narrowResources } from '#test/helpers/narrow-sample.ts'
import { chromiumPath, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const executable = chromiumPath()
/** The machine may be busy. */
const lanes = [
  { id: 'source', label: 'Source', options: { method: 'source' as const } },
  { id: 'norm', label: 'BN-1', options: { method: 'norm' as const } },
  { id: 'tent', label: 'TENT', options: { method: 'tent' as const } },
  {
    id: 'palm',
    label: 'PALM',
    options: { method: 'palm' as const, variant: 'reference' as const, kappa: 2e-3, eta: 0.05 },
  },
]

/** A thousand classes and many steps, whose images are nowhere any more. */
function writeLargeRun(store: Store, plan: RunPlan): number {
  const classNames = (
    JSON.parse(readFileSync(here('../../resources/labels/imagenet-1k.json'), 'utf8')) as [string, string][]
  ).map(([, name]) => name)
  const [steps, images] = [2500, 64]
  const options = runOptionsSchema.parse({
    name: 'A thousand classes',
    input: { kind: 'folder', path: join(tmpdir(), 'palm-gone') },
    model: { kind: 'sample' },
    lanes,
  })
  let seed = 1
  const random = (below: number) => Math.floor((below * (seed = (seed * 16807) % 2147483647)) / 2147483647)
  return store.transaction(() => {
    const run = store.runs.createRun(options, Date.now())
    const domain = (index: number) => ({
      index,
      name: `fog ${index + 1}`,
      corruption: 'fog' as const,
      severity: 5 as const,
      images: (steps / 5) * images,
      steps: steps / 5,
      firstStep: (index * steps) / 5,
    })
    store.runs.setPlan(run, {
      ...plan,
      domains: [0, 1, 2, 3, 4].map(domain),
      totalSteps: steps,
      totalImages: steps * images,
      inputName: 'Gone',
      model: { ...plan.model, classes: 1000, classNames },
    })
    store.runs.setProgress(run, steps, {
      step: steps,
      totalSteps: steps,
      images: steps * images,
      imagesPerSecond: 1,
      etaMs: 0,
      waitShare: 0,
    })
    for (let step = 0; step < steps; step++) {
      const samples = Array.from({ length: images }, () => random(50_000))
      const labels = samples.map((sample) => sample % 1000)
      const said = (right: number) =>
        labels.map((label) => (random(100) < right ? label : (label + (random(10) < 7 ? 1 : random(1000))) % 1000))
      store.predictions.insert(
        run,
        { step, domain: Math.floor((5 * step) / steps), samples, labels, positions: samples.map((_, i) => i) },
        samples.map((sample) => `val/${sample}.JPEG`),
        [
          { lane: 'source', classes: said(30), confidences: labels.map(() => random(1000) / 1000) },
          { lane: 'palm', classes: said(60), confidences: labels.map(() => random(1000) / 1000) },
        ],
      )
    }
    store.runs.setStatus(run, 'done', null, Date.now())
    return run
  })
}

describe.skipIf(!executable)('the images behind a number', () => {
  let app: RunningApp
  let data: string
  let store: Store
  let run: number
  let large: number
  let old: number

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'palm-inspect-'))
    store = openStore(join(data, 'palm.sqlite'))
    const runs = openRuns({
      program: 'test',
      store,
      dataFolder: data,
      resourcesFolder: narrowResources,
      startSession: forkedProcesses().session,
      workers: 1,
      preview: false,
      now: Date.now,
    })
    run = runs.sessions.start(
      runOptionsSchema.parse({
        name: 'Small',
        input: { kind: 'sample' },
        model: { kind: 'sample' },
        corruptions: ['gaussian_noise', 'fog', 'contrast'],
        batchSize: 20,
        limit: 120,
        seed: 3,
        lanes,
      }),
    )
    await runs.sessions.over(run)
    expect(store.runs.get(run).status).toBe('done')
    const plan = store.runs.plan(run) as RunPlan
    large = writeLargeRun(store, plan)
    old = store.transaction(() => {
      const made = store.runs.createRun(
        runOptionsSchema.parse({ name: 'Old', input: { kind: 'sample' }, model: { kind: 'sample' }, lanes }),
        Date.now(),
      )
      store.runs.setPlan(made, plan)
      for (const report of store.steps.at(run, 0)) store.steps.insert(made, report)
      store.runs.setProgress(made, 1, {
        step: 1,
        totalSteps: 18,
        images: 20,
        imagesPerSecond: 1,
        etaMs: 0,
        waitShare: 0,
      })
      store.runs.setStatus(made, 'done', null, Date.now())
      return made
    })
    app = await openApp(executable as string, ['--no-demo', '--data', data], {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
  })
  afterAll(async () => {
    await app?.close()
    store?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const panel = () => app.page.locator('.area-batch').getByRole('region', { name: 'Confusion', exact: true })
  const dialog = () => app.page.getByRole('dialog', { name: 'Images of the run' })
  const matrix = () => panel().getByRole('application')
  const readout = () => panel().locator('.readout').innerText()
  const total = async () => Number((await dialog().locator('.line strong').innerText()).replace(/\D/g, ''))
  const show = async (which: number) => {
    await app.page.getByRole('button', { name: 'Live', exact: true }).click()
    await app.page.getByRole('combobox', { name: 'Run' }).selectOption(String(which))
    const { step } = store.runs.get(which)
    await expect.poll(() => app.page.locator('.progress').innerText()).toContain(`Step ${step} / `)
    await app.page.locator('.choice').getByRole('button', { name: 'Confusion', exact: true }).click()
  }
  /** Of a lane: images of true class `t` taken for `p`, in the whole run or a domain. */
  const counted = (lane: string, t: number, p: number, domain: number | null = null) => {
    let count = 0
    for (const step of store.predictions.steps(run, [lane], { from: 0, to: 1000, limit: 1000 })) {
      if (domain !== null && step.domain !== domain) continue
      for (let i = 0; i < step.images; i++)
        if (step.labels[i] === t && step.lanes.get(lane)?.classes[i] === p) count += 1
    }
    return count
  }
  const looks = async (name: string, then: () => Promise<unknown> = async () => undefined) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme: theme })
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await then()
        await shoot(app.page, `inspect-${name}-${theme}-${width}x${height}.png`)
        await expect.poll(() => app.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
        if (width === 1024) expect(await violationsOf(app.page, theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
    await app.page.emulateMedia({ colorScheme: 'light' })
  }
  /** The longest task of the page's main thread while `work` is done, in ms of the processor: a busy machine does not count. */
  const longestTask = async (work: () => Promise<unknown>): Promise<number> => {
    const browser = app.page.context().browser() as Browser
    await browser.startTracing(app.page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] })
    await work()
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
      traceEvents: { name: string; ph: string; pid: number; tid: number; tdur?: number; args?: { name?: string } }[]
    }
    const main = new Set(
      traceEvents
        .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
        .map(({ pid, tid }) => `${pid} ${tid}`),
    )
    const tasks = traceEvents.filter(
      ({ name, pid, tid, tdur }) => name.endsWith('RunTask') && tdur !== undefined && main.has(`${pid} ${tid}`),
    )
    expect(tasks.length).toBeGreaterThan(0)
    return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000
  }
  /** Whether all canvases in view hold more than one colour. */
  const painted = (selector: string) =>
    app.page.evaluate<boolean[]>(
      `[...document.querySelectorAll('${selector} canvas')].map((canvas) => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 1)`,
    )

  test('the matrix sums to the run’s counts, whole and per domain', async () => {
    const { page } = app
    await page.getByRole('combobox', { name: 'Run' }).waitFor()
    await show(run)
    const correct = (lane: string, domain: number | null) =>
      store.steps
        .domains(run)
        .filter((one) => one.lane === lane && (domain === null || one.domain === domain))
        .reduce((sum, one) => sum + one.correct, 0)
    await panel()
      .getByText(`PALM: ${correct('palm', null)} of 360 right`)
      .waitFor()
    await panel().getByLabel('Domain').selectOption({ label: 'fog 5' })
    await panel()
      .getByText(`PALM: ${correct('palm', 1)} of 120 right`)
      .waitFor()
    await panel().getByLabel('Method').selectOption({ label: 'Source' })
    await panel()
      .getByText(`Source: ${correct('source', 1)} of 120 right`)
      .waitFor()
    await panel().getByLabel('How the confusion is shown').selectOption('table')
    await panel().getByLabel('Cells').selectOption({ label: 'images' })
    const rows = await panel()
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent?.replace(/\D/g, '')))),
      )
    expect(rows).toHaveLength(10)
    for (const [t, cells] of rows.entries()) {
      expect(cells.slice(0, 10).reduce((sum, one) => sum + one, 0)).toBe(cells[10])
      expect(cells[t]).toBe(counted('source', t, t, 1))
    }
    await panel().getByLabel('How the confusion is shown').selectOption('picture')
    await panel().getByLabel('Cells').selectOption({ label: '% of the true class' })
    await panel().getByLabel('Domain').selectOption({ label: 'whole run' })
    await panel().getByLabel('Method').selectOption({ label: 'PALM' })
  })

  test('arrow keys move a cursor that tells the cell; screenshots; axe finds nothing', async () => {
    await panel()
      .getByText(/PALM: \d+ of 360 right/)
      .waitFor()
    await matrix().focus()
    await app.page.keyboard.press('ArrowRight')
    await app.page.keyboard.press('ArrowRight')
    const inClass = store.runs.plan(run)?.model.classNames.reduce((sum, _, p) => sum + counted('palm', 0, p), 0) ?? 0
    await expect
      .poll(readout)
      .toBe(
        `AnnualCrop predicted as Forest: ${counted('palm', 0, 1)} ${counted('palm', 0, 1) === 1 ? 'image' : 'images'} (${((100 * counted('palm', 0, 1)) / inClass).toFixed(1)} % of the class)`,
      )
    await expect.poll(() => painted('.area-batch')).toEqual([true])
    await looks('confusion')
  })

  test('Enter on a cell lists exactly its images, with pictures drawn as the model saw them; one is enlarged under a slider', async () => {
    const { page } = app
    const names = store.runs.plan(run)?.model.classNames ?? []
    // The fullest cell beside the diagonal.
    const cells = names
      .flatMap((_, t) => names.map((__, p) => ({ t, p, n: t === p ? 0 : counted('palm', t, p) })))
      .sort((a, b) => b.n - a.n)
    const { t = 0, p = 0, n = 0 } = cells[0] ?? {}
    await matrix().focus()
    for (const key of ['Home', 'PageUp']) await page.keyboard.press(key)
    for (let i = 0; i < t; i++) await page.keyboard.press('ArrowDown')
    for (let i = 0; i < p; i++) await page.keyboard.press('ArrowRight')
    await expect.poll(readout).toContain(`${names[t]} predicted as ${names[p]}: ${n} images`)
    await page.keyboard.press('Enter')
    await expect.poll(total).toBe(n)
    await expect.poll(() => dialog().locator('figure').count()).toBe(Math.min(60, n))
    expect(new Set(await dialog().locator('figcaption > strong').allInnerTexts())).toEqual(new Set([names[t]]))
    await expect.poll(() => dialog().locator('figure canvas').count()).toBe(Math.min(60, n))
    expect((await painted('dialog figure')).every(Boolean)).toBe(true)
    await looks('images')
    await dialog()
      .getByRole('button', { name: /^Enlarge / })
      .first()
      .click()
    const slider = page.getByRole('slider', { name: /Clean on the left/ })
    await slider.focus()
    await page.keyboard.press('End')
    await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('100')
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key)
    await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('99')
    await expect.poll(() => page.evaluate(`document.querySelector('.both canvas').width`)).toBe(64)
    await looks('enlarged')
    const first = await page.locator('dialog h1').last().innerText()
    await page.keyboard.press('PageDown')
    await expect.poll(() => page.locator('dialog h1').last().innerText()).not.toBe(first)
    await page.keyboard.press('Escape')
    await dialog().getByRole('button', { name: 'Copy as CSV' }).click()
    await dialog().getByText(`${n} lines are in the clipboard.`).waitFor()
    const lines = (await page.evaluate<string>('navigator.clipboard.readText()')).trim().split('\n')
    expect(lines).toHaveLength(n + 1)
    expect(lines[0]).toContain('id,step,domain,label,source,source confidence')
    await page.keyboard.press('Escape')
    await expect.poll(() => dialog().count()).toBe(0)
  })

  test('two lanes against each other: what was mended and what was broken, counted and listed', async () => {
    await panel().getByLabel('Against').selectOption({ label: 'Source' })
    await panel().getByRole('button', { name: 'Corrected…' }).waitFor()
    await matrix().focus()
    await app.page.keyboard.press('Home')
    await app.page.keyboard.press('PageUp')
    const gain = counted('palm', 0, 0) - counted('source', 0, 0)
    await expect
      .poll(readout)
      .toBe(
        `AnnualCrop, right: PALM ${counted('palm', 0, 0)}, Source ${counted('source', 0, 0)}. ${gain > 0 ? `▲ ${gain} corrected` : gain < 0 ? `▼ ${-gain} made wrong` : 'the same'}`,
      )
    await looks('difference')
    await panel().getByRole('button', { name: 'Corrected…' }).click()
    let mended = 0
    for (const step of store.predictions.steps(run, ['palm', 'source'], { from: 0, to: 1000, limit: 1000 })) {
      const [palm, source] = [step.lanes.get('palm')?.classes ?? [], step.lanes.get('source')?.classes ?? []]
      for (let i = 0; i < step.images; i++) if (palm[i] === step.labels[i] && source[i] !== step.labels[i]) mended += 1
    }
    await expect.poll(total).toBe(mended)
    await dialog().getByLabel('Order').selectOption('surest')
    await dialog().getByLabel('Confidence, %, from').fill('90')
    await dialog().getByLabel('Confidence, %, from').press('Tab')
    await expect.poll(total).toBeLessThan(mended)
    await app.page.keyboard.press('Escape')
    await panel().getByLabel('How the confusion is shown').selectOption('pairs')
    await expect.poll(() => panel().locator('tbody tr').first().innerText()).toMatch(/corrected|made wrong/)
    await panel().getByLabel('How the confusion is shown').selectOption('picture')
    await panel().getByRole('button', { name: 'Enlarge…' }).click()
    await looks('matrix-large')
    await app.page.keyboard.press('Escape')
  })

  test('from the domain table and by the key i', async () => {
    const { page } = app
    await page.locator('.area-table').getByRole('button', { name: 'Images of contrast 5' }).click()
    await expect.poll(total).toBe(
      store.steps
        .domains(run)
        .filter(({ lane, domain }) => lane === 'palm' && domain === 2)
        .reduce((sum, one) => sum + one.labelled - one.correct, 0),
    )
    await expect.poll(() => dialog().getByLabel('Domain').inputValue()).toBe('2')
    await page.keyboard.press('Escape')
    await page.locator('body').click({ position: { x: 2, y: 2 } })
    await page.keyboard.press('i')
    await dialog().waitFor()
    await page.keyboard.press('Escape')
  })

  test('a thousand classes: the most confused ones, pages of a long list, and what to say when the images are gone', async () => {
    const { page } = app
    const opening = await longestTask(async () => {
      await show(large)
      await panel()
        .getByText(/PALM: [\d,]+ of 160,000 right/)
        .waitFor()
    })
    const all = await longestTask(async () => {
      await panel().getByLabel('Classes').selectOption({ label: 'all 1000' })
      await matrix().focus()
      for (const key of ['ArrowRight', 'ArrowDown', 'End']) await page.keyboard.press(key)
      await panel().getByLabel('Against').selectOption({ label: 'Source' })
      await panel().getByRole('button', { name: 'Corrected…' }).waitFor()
    })
    const listing = await longestTask(async () => {
      await panel().getByRole('button', { name: 'Corrected…' }).click()
      await expect.poll(() => dialog().locator('figure').count()).toBe(60)
    })
    console.log(
      `1,000 classes, 160,000 images: longest task ${opening.toFixed(0)} ms when it opens, ${all.toFixed(0)} ms with all classes against another lane, ${listing.toFixed(0)} ms when a list opens`,
    )
    await page.keyboard.press('Escape')
    await panel().getByLabel('Against').selectOption({ label: 'none' })
    await panel().getByLabel('Classes').selectOption({ label: '15 most confused' })
    await looks('thousand')
    await panel().getByLabel('Classes').selectOption({ label: 'all 1000' })
    await matrix().focus()
    await page.keyboard.press('ArrowRight')
    await looks('thousand-all')
    await panel().getByLabel('How the confusion is shown').selectOption('pairs')
    await panel().locator('tbody button').first().click()
    await dialog()
      .getByText(/No pictures: .*palm-gone/)
      .waitFor()
    await expect.poll(() => dialog().locator('figcaption .id').first().innerText()).toMatch(/^\d+\.JPEG$/)
    for (const label of ['True class', 'Predicted class']) {
      await dialog().getByLabel(label).fill('')
      await dialog().getByLabel(label).press('Tab')
    }
    await expect.poll(total).toBe(160_000)
    await dialog().getByRole('button', { name: 'Next' }).click()
    await dialog().getByText('Page 2 of 2667').waitFor()
    await looks('gone')
    await page.keyboard.press('Escape')
  })

  test('a run of an older version says that it stored none', async () => {
    await show(old)
    await panel().getByText('No predictions were stored').waitFor()
  })

  test('in a live run the strip tells each answer before and after the update, is filtered, and the matrix grows', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Run the sample' }).click()
    await page.locator('.choice').getByRole('button', { name: 'Current batch' }).click()
    const strip = page.getByRole('region', { name: 'Images: Current batch' })
    await expect.poll(() => strip.locator('figure').count()).toBe(8)
    const rows = await strip.locator('figure').first().locator('tbody tr').allInnerTexts()
    expect(rows[0]).toMatch(/^Source.*does not adapt/s)
    expect(rows.at(-1)).toMatch(/^PALM.*→/s)
    await page.locator('.choice').getByRole('button', { name: 'Confusion', exact: true }).click()
    const seen = async () => Number(/of ([\d,]+) right/.exec(await panel().innerText())?.[1]?.replaceAll(',', '') ?? 0)
    await expect.poll(seen).toBeGreaterThan(0)
    const before = await seen()
    await expect.poll(seen).toBeGreaterThan(before)
    await page.locator('.choice').getByRole('button', { name: 'Current batch' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused').waitFor()
    await looks('strip')
    const all = await strip.locator('figure').count()
    await page.getByRole('button', { name: 'Changed by adapting' }).click()
    const changed = await strip.locator('figure').count()
    expect(changed).toBeLessThanOrEqual(all)
    expect(
      await strip
        .locator('figure')
        .evaluateAll((figures) => figures.every((figure) => figure.querySelector('.after strong'))),
    ).toBe(true)
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await strip
      .getByRole('button', { name: /^Enlarge / })
      .first()
      .click()
    await page.locator('dialog').getByRole('columnheader', { name: 'After the update' }).waitFor()
    await expect.poll(() => page.locator('dialog ol').first().locator('li').count()).toBe(5)
    await looks('strip-enlarged')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('Stopped; it can be resumed').waitFor()
  })

  test('nothing failed behind the scenes', async () => {
    expect(app.faults).toEqual([])
  })
})
