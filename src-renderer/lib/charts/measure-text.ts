// A measure's value in words, in the language that is set. Apart from measure.ts, which runs without the strings.
import { fixed } from '#renderer/lib/text/format.ts'
import { shown, type Measure } from './measure.ts'

export function shownText(value: number | null, measure: Measure): string {
  const number = shown(value, measure)
  return number === null ? '–' : measure === 'entropy' ? fixed(number, 3) : `${fixed(number, 1)} %`
}
