// The strings of the language that is set now. Whoever reads them in markup or in a derived value follows a change of language by itself.
import { de } from './de/de.ts'
import { en, type Strings } from './en/en.ts'
import type { Language } from './words.ts'

export type { Language }

/** Each named in itself. */
export const languages: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }

const known: Readonly<Record<Language, Strings>> = { en, de }
let spoken = $state<Language>('en')

export function setLanguage(next: Language): void {
  spoken = next
}

/** The one that is set: numbers and dates follow it. */
export const language = (): Language => spoken

/** Read as `strings.live` and the like, at the moment it is shown: never keep a part of it in a constant. */
export const strings: Strings = new Proxy(en, { get: (_, key) => known[spoken][key as keyof Strings] })
