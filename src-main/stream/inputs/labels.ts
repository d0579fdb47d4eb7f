// Matching an input's classes to a model's: by name (letter case, spaces, hyphens and underscores aside), else by sorted order.
import { PalmError } from '../../contract/errors.ts'

const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')

/** Model class of each input class. @throws PalmError `input-labels` when they cannot fit. */
export function matchClasses(inputClasses: readonly string[], modelClasses: number, modelNames: readonly string[] | null, inputName: string): Int32Array {
  if (inputClasses.length > modelClasses) {
    throw new PalmError('input-labels', `${inputName} has ${inputClasses.length} classes, but the model knows only ${modelClasses}. Use a model that was trained on these classes, or leave out folders.`)
  }
  if (modelNames) {
    const byName = new Map(modelNames.map((name, index) => [plain(name), index]))
    const matched = inputClasses.map((name) => byName.get(plain(name)))
    if (matched.every((index) => index !== undefined)) return Int32Array.from(matched as number[])
    if (matched.some((index) => index !== undefined) || inputClasses.length !== modelClasses) {
      const missing = inputClasses.filter((_, i) => matched[i] === undefined).slice(0, 3)
      throw new PalmError('input-labels', `${inputName} has classes that the model does not know by name (${missing.join(', ')} …). The model’s are ${modelNames.slice(0, 5).join(', ')}${modelNames.length > 5 ? ' …' : ''}.`)
    }
  }
  return Int32Array.from(inputClasses, (_, index) => index)
}
