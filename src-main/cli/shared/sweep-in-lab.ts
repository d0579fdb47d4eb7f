// `palm sweep … --queue`: has a sweep's cells computed by other machines, and takes their results as they come.
import type { openLabSweep } from '#app/wiring/lab.ts'
import { exitCodes } from './command.ts'
import { labLine } from './lab-text.ts'
import { liveLine } from './progress.ts'
import { out } from './with-workspace.ts'

interface InLab {
  readonly name: string
  readonly json: boolean
  /** Only put in, and end. */
  readonly detach: boolean
  readonly open: (told: (note: string) => void) => ReturnType<typeof openLabSweep>
}

/** @returns an exit code; null = everything is here */
export async function computeInLab({ name, json, detach, open }: InLab): Promise<number | null> {
  const line = liveLine(process.stderr)
  const note = (text: string): void => {
    line.clear()
    process.stderr.write(`${text}\n`)
  }
  const stop = new AbortController()
  let interrupts = 0
  const interrupt = (): void => {
    interrupts += 1
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  const { queue, lab, shown } = await open(note)
  try {
    const { planned, cells, added } = await lab.put(name, (put, of) => {
      if (of > 10_000) note(`${put} of ${of} cells are in the queue.`)
    })
    note(`${added} of ${cells.length} cells were put into the queue at ${shown}; the others were there already.`)
    if (detach) return exitCodes.ok
    const end = await lab.collect(planned, cells, stop.signal, (progress) => {
      if (json) out(`${JSON.stringify({ event: 'lab', ...progress })}\n`)
      else
        line.draw(
          `${progress.done} of ${progress.cells} cells are here${progress.state ? `; ${labLine(progress.state)}` : ''}`,
        )
    })
    line.clear()
    for (const { label, error } of end.aside) note(`${label} failed three times and was set aside: ${error.message}`)
    if (stop.signal.aborted) {
      note(`${end.done} of ${end.cells} cells are here. The machines go on; the same command takes the rest.`)
      return exitCodes.interrupted
    }
    return end.aside.length > 0 ? exitCodes.failed : null
  } finally {
    line.clear()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt)
    await queue.close()
  }
}
