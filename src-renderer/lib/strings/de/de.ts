// German: as `en`, whose words stand where a part is not translated yet.
import { en } from '../en/en.ts'
import { travel } from './travel.ts'
import type { Strings } from '../words.ts'

export const de: Strings = { ...en, travel }
