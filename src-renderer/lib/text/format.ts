// Numbers and times as people read them, in the language that is set. For eyes only: what a program reads again is not made with these. Pure.
import { language, strings } from '#renderer/lib/strings/strings.svelte.ts'

/** With the language's decimal sign. */
const pointed = (text: string): string => (language() === 'de' ? text.replace('.', ',') : text)

export const fixed = (value: number, digits: number): string => pointed(value.toFixed(digits))

/** 2.1e-4. */
export const exponent = (value: number): string => pointed(value.toExponential(1))

/** 12,345 (English), 12.345 (German). */
export const whole = (count: number): string => count.toLocaleString(language())

const dateTimes = new Map<string, Intl.DateTimeFormat>()

/** The user's own form of the language where the system names one (British dates and not American ones). */
export function dateTime(ms: number): string {
  const locale = (globalThis.navigator?.languages ?? []).find((tag) => tag.split('-')[0] === language()) ?? language()
  // Making one costs many times what using it does, and a list has hundreds of dates.
  let format = dateTimes.get(locale)
  if (!format)
    dateTimes.set(locale, (format = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short' })))
  return format.format(ms)
}

/** 14:05, as the language writes it. */
export const timeOfDay = (ms: number): string =>
  new Date(ms).toLocaleTimeString(language(), { hour: '2-digit', minute: '2-digit' })

export const percent = (share: number | null, digits = 1): string =>
  share === null || !Number.isFinite(share) ? '–' : `${fixed(100 * share, digits)} %`

export const errorText = (errorPct: number | null): string => (errorPct === null ? '–' : fixed(errorPct, 1))

/** Two significant digits, with an exponent where that is shorter. */
export function small(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  return pointed(size >= 0.01 && size < 10_000 ? value.toPrecision(3) : value.toExponential(1))
}

export function duration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return '–'
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** 1.5 GiB, 17 MiB. */
export function bytes(count: number): string {
  const units = [strings.charts.bytes, 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)))
  return `${power === 0 ? count : fixed(count / 1024 ** power, power > 2 ? 1 : 0)} ${units[power]}`
}

/** As `bytes`, with a digit more where sums are read. */
export const bytesInSum = (count: number): string =>
  count >= 2 ** 20 && count < 2 ** 30 ? `${fixed(count / 2 ** 20, 1)} MiB` : bytes(count)

/** Channels' means or deviations: 0.485 / 0.456 / 0.406. */
export const decimals = (values: readonly number[]): string =>
  values.map((value) => pointed(String(Number(value.toFixed(4))))).join(' / ')

/** `gaussian_noise 5` -> `gaussian noise 5`. */
export const words = (name: string): string => name.replaceAll('_', ' ')
