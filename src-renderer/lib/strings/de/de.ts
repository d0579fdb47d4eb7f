// German: as `en`, whose words stand where a part is not translated yet.
import { around } from './around.ts'
import { settings } from './settings.ts'
import { en } from '../en/en.ts'
import type { Strings } from '../words.ts'

export const de: Strings = { ...en, around, settings }
