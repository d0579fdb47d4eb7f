// What the program says (errors, notes, help), in the language that is set. In English it is shown as it comes.
import { language } from '#renderer/lib/strings/strings.svelte.ts'
import { predicates, tables } from './tables.ts'
import { translator, type Translator } from './translator.ts'

let made: Translator | null = null
const german = (): Translator => (made ??= translator(tables, predicates))

/** Read at the moment it is shown: a change of language is followed by itself. */
export const said = (english: string): string => (language() === 'de' ? (german().whole(english) ?? english) : english)

/** For `lang`: what has no German is read aloud as English. */
export const saidIn = (english: string): 'en' | undefined =>
  language() === 'de' && german().whole(english) === null ? 'en' : undefined

/** Names of runs that the program gave; what a person wrote stays as it is. */
const given = /^(First run: the sample|Run \d+ from step \d+|.+, [-a-z]+, seed \d+)$/
export const saidName = (name: string): string => (given.test(name) ? saidWords(name) : name)

/** Of a table's head, a list or a title, in which names may stand. */
export const saidWords = (english: string): string => (language() === 'de' ? german().worded(english) : english)

/** For `lang`, of a table's head or row: a name that stays what it is in English (a method, a corruption) is read aloud as English. */
export const wordsIn = (english: string): 'en' | undefined =>
  /[a-z]{2}/i.test(english) && saidWords(english) === english && language() === 'de' ? 'en' : undefined

/** A table's cell: `24.1 ± 0.3` with the language's decimal sign. */
export const saidNumbers = (text: string): string =>
  language() === 'de' ? text.replaceAll(/(?<=\d)\.(?=\d)/g, ',') : text
