// The operand RUN: a number, or counted back from the newest run.
import type { Workspace } from '#app/wiring/workspace.ts'
import { PalmError } from '#contract/errors.ts'
import { UsageError, type ParsedCommand } from './command.ts'

/** Which run is meant, before it is known which there are. */
export type WantedRun = { readonly number: number } | { readonly back: number }

export const runOf = (parsed: ParsedCommand): WantedRun => wantedRun(parsed.operands[0] ?? '')

/** @throws UsageError */
export function wantedRun(text: string): WantedRun {
  if (/^[1-9]\d*$/.test(text)) return { number: Number(text) }
  const back = /^last(?:-(\d+))?$/.exec(text)
  if (!back) throw new UsageError(`'${text}' is no run: give its number, or last, last-1 …`, 'palm runs lists them')
  return { back: Number(back[1] ?? 0) }
}

/** @throws PalmError `run-not-found` where there are not as many runs. A number is given back unseen. */
export function runIn({ runs }: Workspace, wanted: WantedRun): number {
  if ('number' in wanted) return wanted.number
  const list = runs.catalogue.list()
  const run = list[wanted.back]
  if (run) return run.id
  throw new PalmError('run-not-found', `There are not so many runs (${list.length}). \`palm runs\` lists them.`)
}
