#!/usr/bin/env node
// Compiles the WebAssembly kernels: each *.wat of src-main/stream/corruptions/kernels into a *.wasm.ts beside it, which holds the bytes as
// text, so that no build step and no file path stands between a worker and its kernel. Run by `npm run build:kernels`; a test compares.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import wabtModule from 'wabt'

export const kernelFolder = fileURLToPath(new URL('../src-main/stream/corruptions/kernels', import.meta.url))

/** @param {string} file a .wat file's name @returns {Promise<string>} the text of its .wasm.ts */
export async function compileKernel(file) {
  const wabt = await wabtModule()
  const module = wabt.parseWat(file, readFileSync(join(kernelFolder, file), 'utf8'), { simd: true })
  module.validate()
  const { buffer } = module.toBinary({})
  module.destroy()
  const lines =
    Buffer.from(buffer)
      .toString('base64')
      .match(/.{1,120}/g) ?? []
  return `// Compiled from ${file} by \`npm run build:kernels\`: do not edit.\nexport default [\n${lines.map((line) => `  '${line}',`).join('\n')}\n].join('')\n`
}

export const kernelSources = () => readdirSync(kernelFolder).filter((name) => name.endsWith('.wat'))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of kernelSources())
    writeFileSync(join(kernelFolder, file.replace(/\.wat$/, '.wasm.ts')), await compileKernel(file))
}
