// A process of a test as one file, as the package has it: it loads in half the time, which counts where many are started.
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface BundleOptions {
  /** Modules that others take the place of; all relative to the checkout. */
  readonly instead?: Readonly<Record<string, string>>
  /** Started by it, and beside it by their own names; absent: the thread that decodes. Relative to the checkout. */
  readonly beside?: readonly string[]
  /** Packages that are part of the bundle, as a pattern of names: they load faster, too. */
  readonly packages?: RegExp
}

/**
 * @param file relative to the checkout
 * @returns the path of the bundle, in a folder of its own
 */
export async function bundled(
  file: string,
  { instead = {}, beside = ['src-main/stream/corrupt-worker.ts'], packages = /^#/ }: BundleOptions = {},
): Promise<string> {
  const name = basename(file, '.ts')
  const outDir = join(root, 'out', 'faults', `${name}-${process.pid}`)
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [replacing(instead)],
    ssr: { external: true, noExternal: [/^#/, packages] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries([file, ...beside].map((each) => [basename(each, '.ts'), join(root, each)])),
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  })
  return join(outDir, `${name}.js`)
}

const replacing = (instead: Readonly<Record<string, string>>): Plugin => ({
  name: 'instead',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    const found = await this.resolve(source, importer, { ...options, skipSelf: true })
    const other = found && instead[relative(root, found.id).replaceAll('\\', '/')]
    return other ? join(root, other) : null
  },
})
