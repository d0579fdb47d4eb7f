// How long a view's queries take over a run whose tensors have ten million rows: 57 of them in two lanes, 87,720 steps of four lanes. Each is what the host does
// before it lets others in; where it reads in pieces, the longest piece. Medians of five, the file in the system's cache, by the
// processor's time: the clock says more about what else the machine does.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '#store/store.ts'
import { longRun } from '#test/helpers/long-run.ts'

export interface ViewRow {
  readonly what: string
  readonly ms: number
}
/** What a query of a view may take. */
export const slowMs = 100
const size = { ...longRun, steps: 87_720, tensors: 57 }
const half = size.steps / 2

/** Of this thread so far. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function timed(work: () => unknown): number {
  const took = Array.from({ length: 5 }, () => {
    const began = processorMs()
    work()
    return processorMs() - began
  })
  return took.toSorted((a, b) => a - b)[2] as number
}

/** The longest of all pieces. */
function longestPiece(store: Store, run: number): number {
  let longest = 0
  for (const measuring = store.space.ofRun(run); ;) {
    const began = processorMs()
    const { done } = measuring.next()
    longest = Math.max(longest, processorMs() - began)
    if (done) return longest
  }
}

export function benchViews(tell: (row: ViewRow) => void): ViewRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'palm-bench-views-'))
  const rows: ViewRow[] = []
  const add = (what: string, ms: number) => {
    rows.push({ what, ms })
    tell({ what, ms })
  }
  try {
    const child = join(import.meta.dirname, 'views-child.ts')
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [child, folder, `${size.steps}`, `${size.tensors}`],
      {
        encoding: 'utf8',
      },
    )
    if (status !== 0) throw new Error(`Writing the run failed:\n${stderr.slice(-2000)}`)
    const { run, packMs } = JSON.parse(stdout) as { run: number; packMs: number }
    const store = openStore(join(folder, 'palm.sqlite'))
    add(
      `session: packing a stretch of 512 steps (${Math.round(statSync(join(folder, 'palm.sqlite')).size / 2 ** 20)} MiB)`,
      packMs,
    )
    const views: Readonly<Record<string, () => unknown>> = {
      'live: all steps as columns': () => store.steps.columns(run),
      'live, history, settings: a run without its steps': () => store.snapshotWithoutSteps(run),
      'layer map: a slice of 128 steps': () => store.steps.layerBlobs(run, 'palm', half, half + 128),
      'sweeps: importances, a slice of 256 steps': () => store.steps.layersOf(run, 'palm', half, half + 256),
      'compare: curves of 600 points': () => store.steps.curves(run, 600),
      'estimates, sweeps: what the steps cost': () => store.steps.costs(run),
      'domain table: sums of the last domain': () => store.steps.domainSums(run, size.domains - 1),
      'images: which steps have predictions': () => store.predictions.coverage(run),
      'resume: one step with its layers': () => store.steps.at(run, half),
      'history: all runs': () => store.runs.list(),
      'models: the library': () => store.models.list(),
    }
    for (const [what, work] of Object.entries(views)) add(what, timed(work))
    add('storage: the longest piece', longestPiece(store, run))
    store.close()
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
