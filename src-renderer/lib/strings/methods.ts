// What each method does, in a sentence: its descriptor has it in both languages.
import { methodIds } from '#contract/methods/method-info.ts'
import { descriptorOf, type MethodId } from '#contract/methods/methods.ts'
import type { InEachLanguage } from './words.ts'

const doesIn = (language: 'en' | 'de'): Readonly<Record<MethodId, string>> =>
  Object.fromEntries(methodIds.map((id) => [id, descriptorOf(id).does[language]])) as Record<MethodId, string>

const en = { does: doesIn('en') }

export const methods: InEachLanguage<typeof en> = { en, de: { does: doesIn('de') } }
