// Finding a class among a thousand by a part of its name. Pure.

/** Numbers of the classes whose labels hold every word that was typed: those that begin with it first. */
export function searchClasses(labels: readonly string[], typed: string): number[] {
  const wanted = typed.trim().toLowerCase()
  const parts = wanted.split(/\s+/).filter(Boolean)
  const place = (label: string): number =>
    label === wanted ? 0 : label.startsWith(wanted) ? 1 : label.includes(` ${wanted}`) ? 2 : 3
  return labels
    .map((label, index) => ({ label: label.toLowerCase(), index }))
    .filter(({ label }) => parts.every((part) => label.includes(part)))
    .sort((a, b) => place(a.label) - place(b.label) || a.index - b.index)
    .map(({ index }) => index)
}
