// `palm models` and `palm inputs`: the library, and what a file or a folder holds before anything is run on it.
import { inputLayouts } from '#contract/inputs/input-layouts.ts'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { inputDomains } from '#contract/inputs/input-kinds.ts'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import { readyModelNames, readyModels, type LibraryModel } from '#contract/models/library.ts'
import { methodLabels } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import { optionsOfModel } from '#app/services/models/model-library.ts'
import type { Workspace } from '#entry/workspace.ts'
import { exitCodes } from './help.ts'
import { UsageError } from './options.ts'
import type { ParsedCommand } from './options.ts'
import { member, modelFrom, type ModelShelf } from './run-request.ts'
import { columns } from './table.ts'
import { out, outJson, withWorkspace, type CliParts } from './with-workspace.ts'

const actions = ['list', 'add', 'inspect', 'get', 'rename', 'remove'] as const
const hint = 'palm models --help says what there is'

/** `--model` may name a model of the library: the options of that one, else what was given. */
export function libraryOptions(workspace: Workspace, options: ModelOptions, given: string | undefined): ModelOptions {
  if (options.kind !== 'file' || given === undefined || existsSync(options.path)) return options
  const known = workspace.store.models
    .list()
    .find(({ name, sourceFile }) => name === given || sourceFile.startsWith(`ready:${given} `))
  if (!known) return options
  const own = optionsOfModel(known)
  if (own.kind !== 'file') return own
  return {
    ...own,
    normalization: options.normalization ?? own.normalization,
    inputSize: options.inputSize ?? own.inputSize,
    architecture: options.architecture,
  }
}

/** What `palm run` may take from the library. */
export function modelShelf(workspace: Workspace): ModelShelf {
  return {
    named: (options, given) => libraryOptions(workspace, options, given),
    usual() {
      const ready = workspace.store.models
        .list()
        .find(({ sourceFile }) => readyModelNames.some((name) => sourceFile.startsWith(`ready:${name} `)))
      const options = ready ? optionsOfModel(ready) : null
      return options?.kind === 'file' ? options : null
    },
  }
}

export function modelsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const [word = 'list', what] = parsed.operands
  const action = member(word, 'models', actions, [])
  if (action !== 'list' && what === undefined)
    throw new UsageError(
      `palm models ${action} needs ${action === 'get' ? readyModelNames.join(' or ') : action === 'add' || action === 'inspect' ? 'FILE' : 'NAME'}`,
      hint,
    )
  const json = parsed.switches.has('json')
  return withWorkspace(parsed, parts, null, async (workspace) => {
    const library = parts.models(workspace)
    const told = (model: LibraryModel, text: string) => {
      if (json) outJson(model)
      else out(text)
      return exitCodes.ok
    }
    switch (action) {
      case 'list': {
        const models = library.list()
        if (json) outJson(models)
        else if (models.length === 0)
          out(`The library is empty. palm models add FILE, or palm models get ${readyModelNames[0]}\n`)
        else
          out(
            columns(
              [['name', 'architecture', 'format', 'parameters', 'classes', 'input', 'added (UTC)']],
              models.map((model) => [
                model.name,
                model.architecture,
                model.format,
                model.parameters.toLocaleString('en'),
                String(model.classes),
                String(model.inputSize),
                new Date(model.addedAt).toISOString().slice(0, 16).replace('T', ' '),
              ]),
            ),
          )
        return exitCodes.ok
      }
      case 'add': {
        const options = modelOptionsSchema.parse({
          ...modelFrom({ ...parsed, values: new Map([...parsed.values, ['model', what ?? '']]) }),
        })
        const model = await library.add(resolve(what ?? ''), {
          name: parsed.values.get('name') ?? null,
          ...(options.kind === 'file' ? { normalization: options.normalization, inputSize: options.inputSize } : {}),
        })
        return told(
          model,
          `Added “${model.name}”: ${model.architecture}, ${model.parameters.toLocaleString('en')} parameters, ${model.classes} classes, ${model.inputSize} x ${model.inputSize}\nnormalisation mean ${model.normalization.mean.map(short).join('/')} std ${model.normalization.std.map(short).join('/')} (wrong? palm models add FILE --mean … --std …)\nUse it: palm run --model "${model.name}" --input DIR\n`,
        )
      }
      case 'get': {
        const name = member(what ?? '', 'models get', readyModelNames, [])
        const model = await library.fetch(name, (text) => process.stderr.write(`${text}\n`))
        return told(
          model,
          `“${model.name}” is in the library (${readyModels[name].licence}).\nUse it: palm run --model ${name} --input DIR\n`,
        )
      }
      case 'inspect': {
        const given = modelFrom({ ...parsed, values: new Map([...parsed.values, ['model', what ?? '']]) })
        const report = await parts.describeModel(libraryOptions(workspace, given, what), 64)
        if (json) {
          outJson(report)
          return exitCodes.ok
        }
        const adaptable = report.tensors.filter((tensor) => tensor.adaptable)
        out(
          `${report.name}: ${report.architecture} (${report.format}), ${report.parameters.toLocaleString('en')} parameters in ${report.tensors.length} tensors, ${report.classes} classes\n`,
        )
        out(
          `input ${report.inputSize.width} x ${report.inputSize.height}, normalisation mean ${report.normalization.mean.map(short).join('/')} std ${report.normalization.std.map(short).join('/')}\n`,
        )
        out(
          `a step with gradients at batch ${report.batch} takes about ${(report.memoryBytes / 2 ** 30).toFixed(2)} GiB\n`,
        )
        out(
          `${adaptable.length} tensors can adapt; ${report.refusals.length === 0 ? 'every method can run on it' : 'methods that cannot run on it:'}\n`,
        )
        for (const { method, reason } of report.refusals)
          out(`  ${methodLabels[method as MethodId] ?? method}: ${reason}\n`)
        if (parsed.switches.has('tensors'))
          out(
            `\n${columns(
              [['tensor', 'kind', 'shape', 'adapts']],
              report.tensors.map((tensor) => [
                tensor.name,
                tensor.kind,
                tensor.shape.join(' x '),
                tensor.adaptable ? 'yes' : '',
              ]),
            )}`,
          )
        return exitCodes.ok
      }
      case 'rename': {
        const name = parsed.values.get('name')
        if (name === undefined) throw new UsageError('palm models rename NAME needs --name NEW', hint)
        const model = library.change(library.get(what ?? '').id, { name })
        return told(model, `It is called “${model.name}” now.\n`)
      }
      case 'remove': {
        const model = library.get(what ?? '')
        await library.remove(model.id)
        return told(model, `“${model.name}” is no longer in the library; ${model.sourceFile} was not touched.\n`)
      }
    }
  })
}

const short = (value: number) => String(Number(value.toPrecision(4)))

export function inputsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
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
        labels: {},
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
