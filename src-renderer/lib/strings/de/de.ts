// German: as `en`, whose words stand where a part is not translated yet.
import { en } from '../en/en.ts'
import type { Strings } from '../words.ts'
import { setup } from './setup.ts'

export const de: Strings = { ...en, setup }
