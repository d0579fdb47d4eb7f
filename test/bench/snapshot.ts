// What opening a long run costs without a window: reading it from the database, its size as a message, checking it, and making series of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSnapshotSchema } from '#contract/tables/report.ts'
import { openStore } from '#store/store.ts'
import { LaneSeries } from '#renderer/lib/curves/lane-series.ts'
import { longRun, writeLongRun } from '#test/helpers/long-run.ts'

export interface SnapshotRow {
  readonly lanes: number
  readonly steps: number
  readonly tensors: number
  readonly readMs: number
  readonly messageMiB: number
  readonly checkMs: number
  readonly seriesMs: number
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

export function benchSnapshot(times: number): SnapshotRow {
  const folder = mkdtempSync(join(tmpdir(), 'palm-bench-snapshot-'))
  try {
    const run = writeLongRun(folder)
    const store = openStore(join(folder, 'palm.sqlite'))
    const taken = { read: [] as number[], check: [] as number[], series: [] as number[] }
    let message = ''
    let lanes = 0
    for (let i = 0; i < times; i++) {
      const began = performance.now()
      const snapshot = store.snapshot(run)
      const read = performance.now()
      message = JSON.stringify(snapshot)
      const sent = performance.now()
      const { steps } = runSnapshotSchema.parse(JSON.parse(message))
      const checked = performance.now()
      for (const lane of steps) {
        const series = new LaneSeries()
        series.load(lane)
        series.measured('accuracy')
      }
      lanes = steps.length
      taken.read.push(read - began)
      taken.check.push(checked - sent)
      taken.series.push(performance.now() - checked)
    }
    store.close()
    return {
      lanes,
      steps: longRun.steps,
      tensors: longRun.tensors,
      readMs: median(taken.read),
      messageMiB: message.length / 2 ** 20,
      checkMs: median(taken.check),
      seriesMs: median(taken.series),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
