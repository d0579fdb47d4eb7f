// Paths of a person's machine in what leaves it: files that are exported, the log. Names of files stay, folders do not.

/** Fields of requests and stored options that name a place. */
export const placeKeys: readonly string[] = ['path', 'weights', 'folder']

/** The last part of a path, of any system. */
export const lastPart = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== '') ?? path

/** A copy in which every place is its name only, however deep it lies. */
export function withNamesOnly<T>(value: T): T
export function withNamesOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => withNamesOnly(part as unknown))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]: [string, unknown]) => [
      key,
      typeof part === 'string' && placeKeys.includes(key) ? lastPart(part) : withNamesOnly(part),
    ]),
  )
}

/** A character of a path, and one that a path may end with. */
const within = String.raw`[^\s"'“”‘’<>|*?,;()]`
const last = String.raw`[^\s"'“”‘’<>|*?,;().:]`
/** A space of a folder's name: at most two words further on there is a separator inside of a word. Nobody knows for sure: `and/or` behind a path goes with it. */
const space = String.raw` (?=(?:${within}+ ){0,2}[^\s"'“”‘’<>|*?,;()\\/:]+[\\/])`
const absolute = new RegExp(
  String.raw`(?<![\w/.:<>~-])(?:file:\/\/)?(?:[A-Za-z]:[\\/]|\\\\|\/(?=[^\s/]))(?:${within}|${space})*${last}`,
  'g',
)

/** Text in which absolute paths are their names behind “…/”. `folders`: known ones, by what stands for them. */
export function withoutFolders(text: string, folders: readonly (readonly [string, string])[]): string {
  let clean = text
  for (const [folder, name] of folders.toSorted(([a], [b]) => b.length - a.length))
    if (folder.length > 1) clean = clean.replaceAll(folder, name)
  return clean.replaceAll(absolute, (path) => `…/${lastPart(path)}`)
}
