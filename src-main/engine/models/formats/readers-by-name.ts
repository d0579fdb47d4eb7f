// The ops' tables of readers as one, by the name in the file.

/** A map and no object: names come from files, and `constructor` is none of ours. */
export function readersByName<M, R>(
  modules: readonly M[],
  tableOf: (module: M) => Readonly<Record<string, R>>,
): Map<string, R[]> {
  const readers = new Map<string, R[]>()
  for (const module of modules)
    for (const [name, read] of Object.entries(tableOf(module))) readers.set(name, [...(readers.get(name) ?? []), read])
  return readers
}
