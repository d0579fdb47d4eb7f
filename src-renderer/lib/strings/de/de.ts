// German: as `en`, whose words stand where a part is not translated yet.
import { en } from '../en/en.ts'
import type { Strings } from '../words.ts'
import { compare } from './compare.ts'

export const de: Strings = { ...en, compare }
