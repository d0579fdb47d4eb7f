// What each method does, in a sentence: its descriptor has it in both languages.
import { methodIds } from '#contract/methods/method-info.ts'
import { descriptorOf, type MethodId } from '#contract/methods/methods.ts'

export const doesIn = (language: 'en' | 'de'): Readonly<Record<MethodId, string>> =>
  Object.fromEntries(methodIds.map((id) => [id, descriptorOf(id).does[language]])) as Record<MethodId, string>

export const methods: { readonly does: Readonly<Record<MethodId, string>> } = { does: doesIn('en') }
