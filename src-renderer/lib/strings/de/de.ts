// German: as `en`, whose words stand where a part is not translated yet.
import { charts } from './charts.ts'
import { en } from '../en/en.ts'
import type { Strings } from '../words.ts'

export const de: Strings = { ...en, charts }
