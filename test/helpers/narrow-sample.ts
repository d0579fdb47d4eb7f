// The program's resources with a small network as the sample's model: eight narrow layers in the place of twenty, less sure, for a tenth of the work. What tests of the app run as
// “the sample” (vitest.config.ts). Itself the bundled one runs where its numbers matter, for the README's commands, and on the first launch in the page.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** As the checkout and the package have them. */
export const bundledResources = join(root, 'resources')

export const narrowResources = join(root, 'out', 'narrow-sample')

const model = join('models', 'eurosat-resnet20.safetensors')

/** Makes the folder, before any test; one that is there may be in use. */
export function setup(): void {
  const weights = readFileSync(join(import.meta.dirname, 'narrow-resnet8.safetensors'))
  const there = join(narrowResources, model)
  if (existsSync(there) && weights.equals(readFileSync(there))) return
  const made = `${narrowResources}-${process.pid}`
  mkdirSync(join(made, 'models'), { recursive: true })
  for (const name of readdirSync(bundledResources))
    if (name !== 'models') symlinkSync(join(bundledResources, name), join(made, name), 'junction')
  writeFileSync(join(made, model), weights)
  rmSync(narrowResources, { recursive: true, force: true })
  renameSync(made, narrowResources)
}
