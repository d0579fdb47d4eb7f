// `palm methods`: what can be compared, and the options of one.
import { methodIds, methodInfo, usualMethods } from '#contract/methods/method-info.ts'
import { optionsOf, type MethodId } from '#contract/methods/methods.ts'
import { exitCodes, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { member } from './shared/values.ts'
import { out, outJson } from './shared/with-workspace.ts'

export const methods: Command = {
  name: 'methods',
  operands: '[NAME]',
  summary: 'list the methods, or the options of one',
  options: { json },
  run: methodsCommand,
}

async function methodsCommand(parsed: ParsedCommand): Promise<number> {
  const [name] = parsed.operands
  if (name === undefined) {
    if (parsed.switches.has('json')) outJson(methodIds.map((id) => ({ id, ...methodInfo[id], options: optionsOf(id) })))
    else {
      const rows = methodIds.map((id) => [
        id,
        methodInfo[id].label,
        `${methodInfo[id].does}${methodInfo[id].ours ? ' *' : ''}`,
      ])
      const width = Math.max(...rows.map(([id = '']) => id.length))
      const labels = Math.max(...rows.map(([, label = '']) => label.length))
      out(
        rows
          .map(([id = '', label = '', does = '']) => `${id.padEnd(width)}  ${label.padEnd(labels)}  ${does}\n`)
          .join(''),
      )
      out(
        `\n* something of it is ours: palm methods NAME says what. Without --methods a run has ${usualMethods.join(', ')}.\n`,
      )
    }
    return exitCodes.ok
  }
  const id = member<MethodId>(name, 'methods', methodIds, [])
  const { label, cite, does, needs, ours } = methodInfo[id]
  const options = optionsOf(id)
  if (parsed.switches.has('json')) outJson({ id, label, cite, does, needs, ours, options })
  else {
    out(`${label}: ${cite}\n${does}\n`)
    if (needs.length > 0) out(`Needs: ${needs.map((need) => need.replaceAll('-', ' ')).join(', ')}.\n`)
    if (ours) out(`Ours, not published: ${ours}\n`)
    const rows = options.map((option) => [
      `  ${id}.${option.name}`,
      option.initial === null ? 'null' : String(option.initial),
      `${option.choices.length > 0 ? `${option.choices.join(' | ')}. ` : ''}${option.help}`,
    ])
    if (rows.length > 0)
      out(
        `\n${rows.map(([option = '', initial = '', help = '']) => `${option.padEnd(Math.max(...rows.map(([o = '']) => o.length)))}  ${initial.padEnd(9)}  ${help}`).join('\n')}\n`,
      )
    else out('It has no options.\n')
  }
  return exitCodes.ok
}
