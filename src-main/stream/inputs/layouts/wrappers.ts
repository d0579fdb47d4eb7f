// Folders around everything, as archives and downloads have them: `ds/ds/class`. They are no classes.
import { PalmError } from '#contract/errors.ts'
import { splitPath, type Found } from './layout.ts'
import { partName } from './splits.ts'

/** So many pictures beside class folders are a logo or a diagram. */
const fewLoose = 2
/** Folders that come with data sets and are no classes. */
const beside: ReadonlySet<string> = new Set(
  'annotation annotations label labels doc docs documentation meta metadata license licenses code src script scripts __pycache__'.split(
    ' ',
  ),
)

interface Level {
  /** Folders that hold images, in or below them. */
  readonly folders: readonly string[]
  /** Images that lie in none. */
  readonly loose: number
}

/**
 * The folder below `from` (with its `/`, '' = where the input is) in which class folders or parts lie side by side.
 * @throws PalmError `input-labels` where folders without images make it unclear
 */
export function unwrapped(found: Found, from: string): string {
  let base = from
  for (;;) {
    const { folders, loose } = levelOf(found, base)
    const only = folders[0]
    if (folders.length !== 1 || only === undefined || loose > fewLoose || partName(only)?.rest === '') return base
    const inner = deepest(found, `${base}${only}/`)
    if (inner === null) return base
    const others = imageless(found, base, only)
    if (others.length > 0)
      throw new PalmError(
        'input-labels',
        `In ${found.path} only ${base}${only} has images, in further folders; ${others.slice(0, 3).join(', ')} beside it ${others.length === 1 ? 'has' : 'have'} none. If the folders in it are the classes, give ${base}${only} itself.`,
      )
    base = inner
  }
}

/** Where below a folder several folders lie side by side; null where there are none but the images themselves. */
function deepest(found: Found, base: string): string | null {
  const { folders, loose } = levelOf(found, base)
  if (folders.length > 1) return loose > fewLoose ? null : base
  const only = folders[0]
  if (only === undefined || loose > fewLoose) return null
  return partName(only)?.rest === '' ? base : deepest(found, `${base}${only}/`)
}

function levelOf({ images }: Found, base: string): Level {
  const folders = new Set<string>()
  let loose = 0
  for (const { path } of images) {
    if (!path.startsWith(base)) continue
    const [top] = splitPath(path.slice(base.length))
    if (top === '') loose += 1
    else folders.add(top)
  }
  return { folders: [...folders], loose }
}

const imageless = (found: Found, base: string, only: string) =>
  foldersIn(found, base).filter((name) => name !== only && !beside.has(name.toLowerCase()))

/** All folders directly below one, those without images too. */
export function foldersIn({ tree }: Found, base: string): string[] {
  const names = new Set<string>()
  for (const path of [
    ...(tree?.files ?? []).map((file) => file.path),
    ...(tree?.emptyFolders ?? []).map((p) => `${p}/`),
  ])
    if (path.startsWith(base)) names.add(splitPath(path.slice(base.length))[0])
  names.delete('')
  return [...names]
}
