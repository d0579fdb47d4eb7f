// `palm inputs inspect`: what a folder or a file holds before anything is run on it.
import { resolve } from 'node:path'
import { inputLayouts } from '#contract/inputs/input-layouts.ts'
import { inputDomains } from '#contract/inputs/input-kinds.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { labelsFrom } from './shared/labels-option.ts'
import { libraryOptions, modelFrom } from './shared/library-lookup.ts'
import { json, labels } from './shared/options.ts'
import { columns } from './shared/result-table.ts'
import { member } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, withWorkspace } from './shared/with-workspace.ts'

export const inputs: Command = {
  name: 'inputs',
  operands: 'ACTION [PATH]',
  summary: 'inspect PATH: say what images, classes and domains are seen there',
  options: {
    model: { value: 'FILE', help: 'match the classes to this model’s' },
    split: { value: 'NAME', help: 'which part: train, val, test' },
    domains: { value: 'NAME', help: 'folders, column, hour, day, month' },
    labels,
    architecture: { value: 'NAME', help: 'of the model' },
    size: { value: 'PIXELS', help: 'of the model' },
    mean: { value: 'R,G,B', help: 'of the model' },
    std: { value: 'R,G,B', help: 'of the model' },
    output: { value: 'NAME', help: 'of the model' },
    weights: { value: 'FILE', help: 'of the model' },
    all: { help: 'list every class' },
    json,
  },
  run: inputsCommand,
}

function inputsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const [action = '', path] = parsed.operands
  if (action !== 'inspect' || path === undefined)
    throw new UsageError('palm inputs takes: inspect PATH', 'palm inputs --help shows its options')
  const { values } = parsed
  return withWorkspace(parsed, parts, null, async (workspace) => {
    const model = values.has('model') ? libraryOptions(workspace, modelFrom(parsed), values.get('model')) : null
    const info = await parts.inspectInput(
      {
        kind: 'folder',
        path: resolve(path),
        split: values.get('split') ?? null,
        domains: values.has('domains') ? member(values.get('domains') ?? '', 'domains', inputDomains, []) : 'none',
        ...(await labelsFrom(values.get('labels'))),
      },
      model,
    )
    if (parsed.switches.has('json')) {
      outJson(info)
      return exitCodes.ok
    }
    out(
      `${info.name}: ${inputLayouts[info.kind].words}, ${info.images.toLocaleString('en')} images${info.variants ? ' of each corruption' : ''}, ${info.classes.length} classes\n`,
    )
    if (info.splits.length > 0)
      out(`parts: ${info.splits.map((split) => (split === info.split ? `${split} (taken)` : split)).join(', ')}\n`)
    if (info.variants)
      out(`corruptions: ${[...new Set(info.variants.map(({ corruption }) => corruption))].join(', ')}\n`)
    if (info.domains)
      out(
        columns(
          [['domain', 'images']],
          info.domains.map(({ name, images }) => [name, String(images)]),
        ),
      )
    for (const problem of info.problems) out(`${problem}\n`)
    const rows = info.classes
      .slice(0, parsed.switches.has('all') ? undefined : 30)
      .map(({ name, meaning, images, index, how }) => [
        meaning ? `${name} (${meaning})` : name,
        String(images),
        ...(model ? [index === null ? '' : String(index), how] : []),
      ])
    if (rows.length > 0) out(columns([['class', 'images', ...(model ? ['model class', 'matched by'] : [])]], rows))
    if (rows.length < info.classes.length) out(`… and ${info.classes.length - rows.length} more (--all)\n`)
    return exitCodes.ok
  })
}
