// Leads to a field of the form: opens what it is folded into, brings it into view and gives it the focus.
import { fieldIds, type FieldName } from '#renderer/state/new-run/run-problems.ts'

export function goTo(field: FieldName): void {
  const place = document.getElementById(fieldIds[field])
  const focusable = 'input[list="model-classes"], input:not([disabled]), select, textarea, summary, button'
  const target = place?.matches('input, select, textarea, button')
    ? place
    : (place?.querySelector<HTMLElement>('input[list="model-classes"]') ?? place?.querySelector<HTMLElement>(focusable))
  for (let up = target?.parentElement; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true
  target?.scrollIntoView({ block: 'center' })
  target?.focus()
}
