// The first of the languages that a person prefers which the program speaks; else English. Pure.
import { languages, type Language } from '#renderer/lib/strings/strings.svelte.ts'

export function systemLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0] ?? ''
    if (Object.hasOwn(languages, language)) return language as Language
  }
  return 'en'
}
