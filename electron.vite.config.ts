// Bundles: Electron's main process with the processes it starts, the preload, and the renderer, which the web host serves too.
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { licencesPlugin } from '#build/licences.mjs'

const at = (path: string) => resolve(import.meta.dirname, path)
const native = ['electron', 'better-sqlite3', '@napi-rs/image', 'webgpu', /^@tensorflow\//, /^@napi-rs\//, /\.node$/]

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        external: native,
        input: {
          main: at('src-main/entry/main.ts'),
          session: at('src-main/entry/session.ts'),
          probe: at('src-main/entry/probe.ts'),
          'picture-worker': at('src-main/entry/picture-worker.ts'),
          'corrupt-worker': at('src-main/stream/corrupt-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        external: ['electron'],
        input: { preload: at('src-main/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src-renderer'),
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), licencesPlugin()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      rollupOptions: { input: at('src-renderer/index.html') },
      target: 'chrome130',
    },
  },
})
