// A process of a test as one file, as the package has it: it loads in half the time, which counts where hundreds are started.
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * @param file relative to the checkout
 * @param instead modules that others take the place of; all relative to the checkout
 * @returns the path of the bundle, with the thread that decodes beside it
 */
export async function bundled(file: string, instead: Readonly<Record<string, string>> = {}): Promise<string> {
  const name = basename(file, '.ts')
  const outDir = join(root, 'out', 'faults', `${name}-${process.pid}`)
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [replacing(instead)],
    ssr: { external: true, noExternal: [/^#/] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      minify: false,
      rollupOptions: {
        input: { [name]: join(root, file), 'corrupt-worker': join(root, 'src-main/stream/corrupt-worker.ts') },
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
