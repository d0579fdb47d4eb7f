// What the webcam's screen keeps in memory over some minutes: page, session and host, a mark after each quarter. A fake camera plays a clip.
import { readFileSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import { chromiumPath } from '#test/e2e/app-in-browser.ts'
import { sessionsOf, openWithClip } from '#test/e2e/fake-camera.ts'

export interface WebcamRow {
  readonly minutes: number
  readonly pageMb: number
  readonly sessionMb: number
  readonly hostMb: number
  /** As the screen says them. */
  readonly numbers: string
}

const residentMb = (pid: number) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000)

/** Flat is: no more at the end than a tenth over the first quarter's, whatever the allocator keeps. */
export async function benchWebcam(minutes: number, tell: (row: WebcamRow) => void): Promise<WebcamRow[]> {
  const executable = chromiumPath('browser')
  if (!executable) return []
  const app = await openWithClip(executable, 20, [], {})
  try {
    const { page } = app
    await page.getByRole('button', { name: 'Webcam', exact: true }).click()
    await page.getByLabel('Model').selectOption({ label: 'Bundled ResNet-20: satellite pictures only' })
    await page.getByLabel('Window, frames').fill('8')
    await page.getByRole('button', { name: 'Start the camera', exact: true }).click()
    await page.getByText(/[1-9]\d* adaptation steps/).waitFor()
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const rows: WebcamRow[] = []
    for (let quarter = 0; quarter <= 4; quarter++) {
      if (quarter > 0) await pass((minutes * 60_000) / 4)
      await session.send('HeapProfiler.collectGarbage')
      const { metrics } = await session.send('Performance.getMetrics')
      const row = {
        minutes: (quarter * minutes) / 4,
        pageMb: Math.round((metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6),
        sessionMb: Math.max(...sessionsOf(app.pid).map(residentMb)),
        hostMb: residentMb(app.pid),
        numbers: (await page.locator('.numbers').innerText()).replaceAll('\n', ', '),
      }
      rows.push(row)
      tell(row)
    }
    return rows
  } finally {
    await app.close()
  }
}
