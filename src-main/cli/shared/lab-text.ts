// A lab's queue in one line.
import type { LabState } from '#contract/sweeps/lab.ts'
import { duration } from './progress.ts'

export function labLine({ waiting, active, done, aside, workers, perMinute, etaMs }: LabState): string {
  return [
    `${workers.length} ${workers.length === 1 ? 'machine' : 'machines'}`,
    `${active} under way`,
    `${waiting} waiting`,
    `${done} done`,
    ...(aside > 0 ? [`${aside} set aside`] : []),
    ...(perMinute === null ? [] : [`${perMinute.toFixed(perMinute < 10 ? 1 : 0)} a minute`]),
    ...(etaMs === null || waiting + active === 0 ? [] : [`about ${duration(etaMs)} left`]),
  ].join(', ')
}
