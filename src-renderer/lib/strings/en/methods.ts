// What each method does, in a sentence. In English: as the contract has it.
import { methodIds, methodInfo } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'

export const methods: { readonly does: Readonly<Record<MethodId, string>> } = {
  does: Object.fromEntries(methodIds.map((id) => [id, methodInfo[id].does])) as Record<MethodId, string>,
}
