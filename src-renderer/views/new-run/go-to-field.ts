// Fields of the form: leads to one (opens what it is folded into, brings it into view and gives it the focus), and marks those that keep the run from starting.
import { fieldIds, type FieldName, type RunProblem } from '#renderer/state/new-run/run-problems.ts'

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

/** For screen readers and for eyes: the field says that it is wrong, and what says why. */
export function markInvalid(problems: readonly RunProblem[]): void {
  for (const [name, id] of Object.entries(fieldIds)) {
    const field = document.getElementById(id)
    if (!field?.matches('input, select, textarea')) continue
    const wrong = problems.find((problem) => problem.stops && problem.field === name)
    const others = (field.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .filter((one) => !one.startsWith('run-problem-'))
    const by = [...others, ...(wrong ? [`run-problem-${wrong.key}`] : [])].join(' ').trim()
    if (by) field.setAttribute('aria-describedby', by)
    else field.removeAttribute('aria-describedby')
    if (wrong) field.setAttribute('aria-invalid', 'true')
    else field.removeAttribute('aria-invalid')
  }
}
