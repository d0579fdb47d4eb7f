// Whether WebGPU finds something to compute on: asked in a process of its own, because a broken driver ends whoever loads it.
import { spawnSync } from 'node:child_process'
import { root } from './places.mjs'

const question = `
const { create } = await import('webgpu')
const adapter = await create([]).requestAdapter({ powerPreference: 'high-performance' })
const { device = '', description = '', isFallbackAdapter = false } = adapter?.info ?? {}
const software = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(device + ' ' + description)
process.stdout.write(JSON.stringify(adapter ? { name: device || description, software } : null), () => process.exit(0))
`

/** @param {string} node @returns {{name: string, software: boolean} | null} null = none, or its library does not load */
export function findCard(node) {
  const { stdout, status } = spawnSync(node, ['--input-type=module', '-e', question], {
    cwd: root,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
    timeout: 60_000,
  })
  try {
    return status === 0 ? /** @type {{name: string, software: boolean} | null} */ (JSON.parse(stdout)) : null
  } catch {
    return null
  }
}
