// German: as `en`, whose words stand where a part is not translated yet.
import { en } from '../en/en.ts'
import { layers } from './layers.ts'
import type { Strings } from '../words.ts'

export const de: Strings = { ...en, layers }
