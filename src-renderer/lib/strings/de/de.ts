// German: as `en`, whose words stand where a part is not translated yet.
import { en } from '../en/en.ts'
import { inspect } from './inspect.ts'
import type { Strings } from '../words.ts'

export const de: Strings = { ...en, inspect }
