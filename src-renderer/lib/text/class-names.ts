// Names of classes as people write and read them: a pasted list, a label that tells two classes of one name apart, and a typed one found again. Pure.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** One name a line, or a JSON list; null = no names. @throws Error in words */
export function classNamesFrom(text: string): string[] | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (!trimmed.startsWith('[') && !trimmed.startsWith('{'))
    return trimmed
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  let value: unknown
  try {
    value = JSON.parse(trimmed)
  } catch {
    throw new Error(strings.charts.namesBroken)
  }
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string'))
    throw new Error(strings.charts.namesNoList)
  return value.length === 0 ? null : value.map((name: string) => name.trim())
}

/** What each class is called in a list; where two have one name (ImageNet’s two cranes) the number stands behind it. */
export function classLabels(names: readonly string[]): string[] {
  const times = new Map<string, number>()
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1)
  return names.map((name, index) => ((times.get(name) ?? 0) > 1 ? `${name} (${index})` : name))
}

/** The class that was typed, by its label, its name in any letter case, or its number; null when there is none, or more than one. */
export function classTyped(text: string, labels: readonly string[]): number | null {
  const wanted = text.trim()
  const exact = labels.indexOf(wanted)
  if (exact >= 0) return exact
  const plain = wanted.toLowerCase()
  const same = labels.flatMap((label, index) => (label.toLowerCase() === plain ? [index] : []))
  if (same.length === 1) return same[0] as number
  return /^\d{1,6}$/.test(wanted) && Number(wanted) < labels.length ? Number(wanted) : null
}
