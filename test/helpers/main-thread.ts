// How long the main thread of a page was held: a trace of Chromium, and the longest tasks in it. What is measured is printed, never asserted.
import type { Page } from 'playwright-core'

interface TraceEvent {
  readonly name: string
  readonly cat: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** Of the processor; less than `dur` where the thread had to wait for one. */
  readonly tdur?: number
  readonly args?: { readonly name?: string; readonly data?: { readonly functionName?: string; readonly url?: string } }
}

export async function startTrace(page: Page): Promise<{ stop(): Promise<readonly TraceEvent[]> }> {
  const browser = page.context().browser()
  if (!browser) throw new Error('This page has no browser.')
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  })
  return {
    async stop() {
      return (JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }).traceEvents
    },
  }
}

/** Of the renderer's main thread, in milliseconds: the longest task by the clock and by processor time, all tasks' processor time, and the longest
 *  tasks with their parts. */
export function longestTasks(events: readonly TraceEvent[]): {
  longest: number
  processor: number
  total: number
  report: string
} {
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const own = events.filter(({ ph, pid, tid }) => ph === 'X' && mains.has(`${pid} ${tid}`))
  const tasks = own
    .filter(({ name }) => name === 'ThreadControllerImpl::RunTask')
    .sort((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0))
  const ms = (event: TraceEvent | undefined) => (event?.dur ?? 0) / 1000
  const cpu = (event: TraceEvent | undefined) => (event?.tdur ?? 0) / 1000
  const report = tasks.slice(0, 5).map((task) => {
    const parts = own
      .filter(
        (event) =>
          event !== task &&
          event.pid === task.pid &&
          event.tid === task.tid &&
          event.ts >= task.ts &&
          event.ts + (event.dur ?? 0) <= task.ts + (task.dur ?? 0) &&
          cpu(event) > 1 &&
          !event.name.includes('RunTask'),
      )
      .sort((a, b) => cpu(b) - cpu(a))
      .slice(0, 4)
    return `  ${ms(task).toFixed(1)} ms (processor ${cpu(task).toFixed(1)}): ${parts.map((part) => `${part.args?.data?.functionName || part.name} ${cpu(part).toFixed(1)}`).join(', ')}`
  })
  return {
    longest: Math.max(0, ...tasks.map(ms)),
    processor: cpu(tasks[0]),
    total: tasks.reduce((sum, task) => sum + cpu(task), 0),
    report: report.join('\n'),
  }
}
