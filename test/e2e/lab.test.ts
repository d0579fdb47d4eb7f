// A lab from the sweeps screen: connect to a real PostgreSQL server, put a sweep in, watch machines, take what comes into the table, put a cell back, take a sweep out.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noPostgres, startPostgres, type TestServer } from '#test/helpers/postgres.ts'
import { chromiumPath, englishLeft, openApp, shoot, sizesIn, violationsOf, type RunningApp } from './app-in-browser.ts'

const executable = chromiumPath()
const root = fileURLToPath(new URL('../..', import.meta.url))
const secret = 'pass-word-of-the-lab-7531'

describe.skipIf(!executable || noPostgres() !== null)(`a lab${noPostgres() ? ` (${noPostgres()})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'palm-lab-e2e-'))
  let app: RunningApp
  let server: TestServer
  let url: string
  const workers: ChildProcess[] = []
  const dialog = () => app.page.getByRole('dialog')
  const button = (name: string | RegExp) => app.page.getByRole('button', { name, exact: true })

  beforeAll(async () => {
    server = await startPostgres({ password: secret })
    url = server.database('lab')
    app = await openApp(executable as string, ['--no-demo'])
  })
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL')
    await app?.close()
    server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  /** Resolves with the exit code. */
  const work = (name: string, ...more: string[]) => {
    const worker = spawn(
      process.execPath,
      [
        ...[join(root, 'src-main/entry/cli.ts'), 'worker', '--queue', url, '--name', name],
        ...['--data', join(folder, name), '--device', 'cpu', ...more],
      ],
      { cwd: root, stdio: 'ignore', env: { ...process.env, PGPASSWORD: secret } },
    )
    workers.push(worker)
    return new Promise<number | null>((resolve) => worker.once('exit', resolve))
  }
  const shots = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await app.page.evaluate((chosen) => (document.documentElement.dataset.theme = chosen), theme)
      for (const [width, height] of sizesIn(theme)) {
        await app.page.setViewportSize({ width, height })
        await shoot(app.page, `${name}-${theme}-${width}x${height}.png`)
        if (width === 1024) expect(await violationsOf(app.page, theme)).toEqual([])
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
  }
  const fill = async (password: string) => {
    const { host, pathname } = new URL(url)
    await dialog().getByLabel('Server', { exact: true }).fill(host)
    await dialog().getByLabel('Database').fill(pathname.slice(1))
    await dialog().getByLabel('User').fill('palm')
    await dialog().getByLabel('Password', { exact: true }).fill(password)
    await dialog().getByRole('button', { name: 'Connect' }).click()
  }

  test('is connected to from the sweeps screen; what is wrong is said there, and the password is not kept in a browser', async () => {
    await button('Sweeps').click()
    await app.page.getByText('Not connected to a lab').click()
    await dialog().getByText('In a browser the program has no key store').waitFor()
    await expect.poll(() => dialog().getByLabel('Keep it in the system’s key store').isDisabled()).toBe(true)
    await shots('lab-form')
    await fill('wrong')
    await expect
      .poll(() => dialog().getByRole('alert').innerText())
      .toMatch(/cannot be used: the password is wrong, or none was given/)
    await shoot(app.page, 'lab-refused.png')
    await fill(secret)
    await dialog().getByText('Connected to 127.0.0.1').waitFor()
    await dialog().getByText('No machine takes cells now.').waitFor()
    await dialog().getByRole('button', { name: 'Close' }).click()
  })

  test('a sweep goes in, is watched, and its table fills as results come', async () => {
    await button('New sweep…').first().click()
    await dialog().getByLabel('What to compute').selectOption('own')
    await dialog().getByLabel('Seeds').fill('0, 1')
    await dialog().getByLabel('Images per domain').fill('10')
    await dialog().getByRole('textbox', { name: 'Name' }).fill('shared')
    await dialog().getByRole('button', { name: 'Create sweep' }).click()
    await button('Compute in the lab').click()
    await app.page.getByText('In the lab: 0 of 8 cells have come.').waitFor()
    server.sql(
      url,
      `UPDATE palm_queue.job SET data = jsonb_set(data, '{options}', '{"method": "tent"}') WHERE data->>'label' = 'BN-1'`,
    )
    // They stay until they were looked at.
    const working = [work('desk-1'), work('desk-2')]
    await button('Machines and cells…').click()
    await dialog().getByRole('cell', { name: 'desk-1' }).first().waitFor()
    await dialog()
      .getByRole('cell', { name: /^processor/ })
      .first()
      .waitFor()
    await shots('lab-watched')
    await dialog()
      .getByRole('button', { name: /^Try again: BN-1, seed/ })
      .first()
      .waitFor()
    await shots('lab-aside')
    await dialog().getByRole('button', { name: 'Close' }).click()
    await app.page.getByText('From the lab: 6 of 8 cells have come.').waitFor()
    await app.page.getByText('2 cells set aside.').waitFor()
    for (const worker of workers) worker.kill('SIGINT')
    await expect(Promise.all(working)).resolves.toEqual([130, 130])
    await expect.poll(() => app.page.getByText(/6 of 8 cells/).count()).toBeGreaterThan(0)
    await expect.poll(() => app.page.locator('article tbody tr').count()).toBe(4)
    const rows = await app.page.locator('article tbody tr').allInnerTexts()
    for (const row of rows.filter((text) => !text.startsWith('BN-1'))) expect(row).toMatch(/\d+\.\d/)
    await shots('lab-sweep')
  })

  test('a cell that was set aside is put back and comes', async () => {
    server.sql(
      url,
      `UPDATE palm_queue.job SET data = jsonb_set(data, '{options}', '{"method": "norm"}') WHERE data->>'label' = 'BN-1'`,
    )
    await button('Machines and cells…').click()
    const place = async () =>
      JSON.stringify(
        await dialog()
          .getByRole('button', { name: /^Try again: / })
          .first()
          .boundingBox(),
      )
    const before = await place()
    // A machine that comes moves nothing under the pointer.
    const gone = work('desk-9')
    await dialog().getByRole('cell', { name: 'desk-9' }).waitFor()
    expect(await place()).toBe(before)
    workers.at(-1)?.kill('SIGTERM')
    await gone
    for (const left of [1, 0]) {
      await dialog()
        .getByRole('button', { name: /^Try again: BN-1, seed/ })
        .first()
        .click() // nothing moves under the pointer, though machines come and go
      await expect
        .poll(() =>
          dialog()
            .getByRole('button', { name: /^Try again: BN-1, seed/ })
            .count(),
        )
        .toBe(left)
    }
    await dialog().getByRole('button', { name: 'Close' }).click()
    await expect(work('desk-3', '--until-empty')).resolves.toBe(0)
    await app.page.getByText('From the lab: 8 of 8 cells have come.').waitFor()
    await app.page.getByText('done, 8 of 8 cells').first().waitFor()
  })

  test('a sweep is taken out, after a question', async () => {
    await button('New sweep…').first().click()
    await dialog().getByLabel('What to compute').selectOption('own')
    await dialog().getByLabel('Seeds').fill('7')
    await dialog().getByLabel('Images per domain').fill('10')
    await dialog().getByRole('textbox', { name: 'Name' }).fill('lambda')
    await dialog().getByRole('button', { name: 'Create sweep' }).click()
    await button('Compute in the lab').click()
    await app.page.getByText('In the lab: 0 of 4 cells have come.').waitFor()
    await button('Take out of the lab…').click()
    await app.page.getByText('Take 4 cells out of the queue, for everybody?').waitFor()
    await shots('lab-question')
    await button('Leave in').click()
    await button('Take out of the lab…').click()
    await button('Take out').click()
    await button('Compute in the lab').waitFor()
    expect(server.sql(url, `SELECT count(*) FROM palm_queue.job WHERE state < 'active'`)).toBe('0')
  })

  test('a server that is gone is said, and it goes on when it is back; in German nothing is left in English', async () => {
    server.halt()
    await app.page.getByText('The lab does not answer').waitFor()
    await app.page.getByText('The lab does not answer').click()
    await dialog().getByText('It is tried again by itself').waitFor()
    await shoot(app.page, 'lab-lost.png')
    server.restart()
    await expect.poll(() => dialog().getByText('It is tried again by itself').count()).toBe(0)
    await dialog().getByRole('button', { name: 'Close' }).click()
    await button('Settings').click()
    await app.page.getByLabel('Language').selectOption('de')
    await button('Sweeps').click()
    await app.page.getByText('Rechner,').first().click()
    await dialog().getByText('Verbunden mit').waitFor()
    await expect.poll(() => englishLeft(app.page)).toEqual([])
    await shots('lab-german')
    await dialog().getByRole('button', { name: 'Trennen' }).click()
    await dialog().getByLabel('Datenbank').waitFor()
    await expect.poll(() => englishLeft(app.page)).toEqual([])
    await shots('lab-german-form')
    // The password is in no field and in nothing that the page keeps.
    const kept = await app.page.evaluate(() =>
      JSON.stringify([
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        [...document.querySelectorAll('input')].map(({ value }) => value),
      ]),
    )
    expect(kept).not.toContain(secret)
    expect(app.faults).toEqual([])
  })
})
