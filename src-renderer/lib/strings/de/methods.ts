// What each method does, in a sentence. In German.
import { doesIn, type methods as english } from '#renderer/lib/strings/en/methods.ts'
import type { Words } from '#renderer/lib/strings/words.ts'

export const methods: Words<typeof english> = { does: doesIn('de') }
