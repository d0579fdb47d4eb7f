// The bundled sample.
import { inputKinds, type InputOf } from '#contract/inputs/input-kinds.ts'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import type { InputDriver } from './kind.ts'

export const sample: InputDriver<InputOf<'sample'>> = {
  async open(_input, { sampleFolder }) {
    const listing = await openPath({ kind: 'folder', path: sampleFolder, split: null, domains: 'none', labels: {} })
    return { ...listing, name: inputKinds.sample.nameOf() }
  },
}
