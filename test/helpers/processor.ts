// The processor time of another process: unlike the clock, it does not run while others have the processor.
import { readFileSync } from 'node:fs'

/** Processor time that a process took until now, in milliseconds; NaN where the system does not tell it so. */
export function processorMs(pid: number): number {
  try {
    const [, fields = ''] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
    const [user, system] = fields.split(' ').slice(11, 13).map(Number)
    return 10 * ((user ?? Number.NaN) + (system ?? Number.NaN)) // ticks of a hundredth of a second
  } catch {
    return Number.NaN
  }
}
