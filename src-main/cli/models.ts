// `palm models`: the library of models, and what a file of weights holds.
import { resolve } from 'node:path'
import { methodLabels } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import { readyModelNames, readyModels, type LibraryModel } from '#contract/models/library.ts'
import { normalizationWords } from '#contract/runs/normalization-from.ts'
import { modelOptionsSchema } from '#contract/runs/run-options.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { libraryOptions, modelFrom } from './shared/library-lookup.ts'
import { json } from './shared/options.ts'
import { columns } from './shared/result-table.ts'
import { member } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, tellDamaged, withWorkspace } from './shared/with-workspace.ts'

export const models: Command = {
  name: 'models',
  operands: '[ACTION] [WHAT]',
  summary: 'models kept here: list, add FILE, inspect FILE, get NAME, rename, remove',
  options: {
    name: { value: 'TEXT', help: 'a name for it (add, rename)' },
    size: { value: 'PIXELS', help: 'side that images are scaled to (default: the model’s)' },
    mean: { value: 'R,G,B', help: 'normalisation, pixels in 0..1 (with --std; default: guessed from the family)' },
    std: { value: 'R,G,B', help: 'normalisation (with --mean)' },
    architecture: { value: 'NAME', help: 'what the tensors must show' },
    output: { value: 'NAME', help: 'ONNX: the output that gives the scores, where two may' },
    weights: { value: 'FILE', help: 'ONNX: state dict of the same network, brings folded batch norm back' },
    tensors: { help: 'list every tensor (inspect)' },
    json,
  },
  notes: `Read are .safetensors, PyTorch’s .pt and .pth, .onnx and TensorFlow.js’s model.json. To be had by name: ${readyModelNames.join(', ')} (from the Python package index).`,
  run: modelsCommand,
}

const actions = ['list', 'add', 'inspect', 'get', 'rename', 'remove'] as const
const hint = 'palm models --help says what there is'

function modelsCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
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
        tellDamaged(workspace.store.models.damaged())
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
          ...(options.kind === 'file'
            ? {
                normalization: options.normalization,
                inputSize: options.inputSize,
                output: options.output,
                weights: options.weights,
              }
            : {}),
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
          `input ${report.inputSize.width} x ${report.inputSize.height}, normalisation mean ${report.normalization.mean.map(short).join('/')} std ${report.normalization.std.map(short).join('/')} (${normalizationWords[report.normalizationFrom]})\n`,
        )
        if (report.normalizationNote !== null) out(`${report.normalizationNote}\n`)
        for (const remark of report.remarks ?? []) out(`${remark}\n`)
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
