// The order of domains that a person writes down: one a line, such as `fog 3` or `clean`, or the JSON that the command takes and `palm show --json` gives. Pure.
import { orderedDomainSchema, type OrderedDomain } from '#contract/runs/run-options.ts'
import { said } from '#renderer/lib/german/said.svelte.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** @throws Error naming the line that does not fit */
export function domainsFrom(text: string): OrderedDomain[] {
  if (text.trim().startsWith('[')) return domainsFromJson(text)
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  if (lines.length === 0) throw new Error(strings.charts.orderNeeded)
  return lines.map((line) => {
    if (line === 'clean') return { corruption: null, severity: null }
    const [name = '', severity = '5'] = line.replaceAll('-', '_').split(/\s+/)
    const parsed = orderedDomainSchema.safeParse({ corruption: name, severity: Number(severity) })
    if (!parsed.success) throw new Error(strings.charts.noDomain(line))
    return parsed.data
  })
}

function domainsFromJson(text: string): OrderedDomain[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error(strings.charts.orderBroken)
  }
  const parsed = orderedDomainSchema.array().safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(strings.charts.orderMisfit(issue?.path.join('.') ?? '', said(issue?.message ?? '')))
  }
  return parsed.data
}

/** The same backwards: lines, or JSON where lines cannot say it. */
export function orderText(order: readonly OrderedDomain[]): string {
  if (order.some(({ corruption, severity }) => (corruption === null) !== (severity === null)))
    return JSON.stringify(order)
  return order
    .map(({ corruption, severity }) => (corruption === null ? 'clean' : `${corruption} ${severity}`))
    .join('\n')
}
