// A range of time as people say it, no finer than it is known. Pure.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** 12345 -> '12 s', '3 min', '2 h': rounded to what a guess can mean. */
export function roughly(ms: number): string {
  const text = strings.setup
  const seconds = ms / 1000
  if (seconds < 90) return text.seconds(Math.max(5, Math.round(seconds / 5) * 5))
  const minutes = seconds / 60
  if (minutes < 90) return text.minutes(minutes < 10 ? Math.round(minutes) : Math.round(minutes / 5) * 5)
  const hours = minutes / 60
  if (hours < 48) return text.hours(hours < 10 ? Math.round(2 * hours) / 2 : Math.round(hours))
  return text.days(Math.round(hours / 24))
}

export const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  strings.setup.between(roughly(low), roughly(high))
