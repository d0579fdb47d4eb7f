// A process of a test as one file, as the package has it: it loads in half the time, which counts where hundreds are started.
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param file relative to the checkout. @returns the path of the bundle, with the thread that decodes beside it */
export async function bundled(file: string): Promise<string> {
  const name = basename(file, '.ts')
  const outDir = join(root, 'out', 'faults', `${name}-${process.pid}`)
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
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
