// `--set cotta.augmentations=8,palm.lambda=0.05`: options of methods by name.
import { optionsOf, type MethodId, type OptionInfo } from '#contract/methods/methods.ts'
import { UsageError } from './command.ts'
import { nearest } from './nearest.ts'
import { asNumber, member, runHint } from './values.ts'

/** Values by method and option. Throws `UsageError` for a method that is not among `methods` and for an option that it does not have. */
export function settingsOf(
  text: string | undefined,
  methods: readonly MethodId[],
): Partial<Record<MethodId, Record<string, unknown>>> {
  const out: Partial<Record<MethodId, Record<string, unknown>>> = {}
  for (const item of text === undefined ? [] : text.split(',')) {
    const match = /^([a-z-]+)\.([A-Za-z0-9]+)=(.*)$/.exec(item.trim())
    if (!match) throw new UsageError(`--set needs METHOD.OPTION=VALUE, not '${item.trim()}'`, runHint)
    const [, name = '', option = '', value = ''] = match
    const method = member(name, 'set', methods, [])
    const options = optionsOf(method)
    const info = options.find((candidate) => candidate.name === option)
    if (!info) {
      const near = nearest(
        option,
        options.map((candidate) => candidate.name),
      )
      throw new UsageError(
        `${method} has no option ${option}${near ? `; did you mean ${near}?` : ''}`,
        `palm methods ${method} lists its options`,
      )
    }
    out[method] = { ...out[method], [option]: valueOf(info, value, `${method}.${option}`) }
  }
  return out
}

function valueOf(info: OptionInfo, text: string, what: string): unknown {
  if (info.nullable && text === 'null') return null
  if (info.kind === 'switch') {
    if (text !== 'true' && text !== 'false') throw new UsageError(`${what} is true or false, not '${text}'`, runHint)
    return text === 'true'
  }
  if (info.kind === 'choice') return member(text, `set ${what}`, info.choices, [])
  return asNumber(text, `set ${what}`)
}
