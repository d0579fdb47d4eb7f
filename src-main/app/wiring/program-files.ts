// Where the program's own files lie: in a checkout, where sources run in place, or beside the bundles.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Of a checkout. PALM_RESOURCES names others in the place of ours: tests have a smaller sample. */
export const sourceFolders = {
  get resources() {
    return process.env['PALM_RESOURCES'] ?? here('../../../resources')
  },
  renderer: here('../../../out/renderer'),
}

/** Where stored traces of the published code would be, which are no part of the program (docs/parity.md). */
export function tracesFolders(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const shared = environment['PALM_SHARED'] ?? here('../../../../shared')
  return ['parity', 'parity-benchmark'].map((name) => join(shared, name))
}

/**
 * A file of ours that is started as a process or as a thread of its own: `src-main/entry/NAME.ts` or its bundle beside this one. PALM_BUILT names the folder of
 * bundles of these very sources, where there are some (build/setup/setup.mjs): they load in a third of the time.
 */
export const programFile = (name: 'session' | 'probe' | 'picture-worker'): string => {
  if (!import.meta.url.endsWith('.ts')) return here(`./${name}.js`)
  const built = process.env['PALM_BUILT']
  return built ? join(built, `${name}.js`) : here(`../../entry/${name}.ts`)
}
