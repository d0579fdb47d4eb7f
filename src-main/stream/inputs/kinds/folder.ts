// Images of the user's own: whatever lies at a path.
import type { InputOf } from '#contract/inputs/input-kinds.ts'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import type { InputDriver } from './kind.ts'

export const folder: InputDriver<InputOf<'folder'>> = { open: (input) => openPath(input) }
