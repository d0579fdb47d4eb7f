// `palm export`: writes an adapted model as a file.
import { resolve } from 'node:path'
import { findCheckpoint } from '#app/services/runs/export.ts'
import { losesBySourceStatistics, usualBatches } from '#contract/models/export.ts'
import { exitCodes, UsageError, type Command, type ParsedCommand } from './shared/command.ts'
import { json } from './shared/options.ts'
import { runIn, runOf } from './shared/run-number.ts'
import { number } from './shared/values.ts'
import type { CliParts } from './shared/parts.ts'
import { out, outJson, withWorkspace } from './shared/with-workspace.ts'

export const exportModel: Command = {
  name: 'export',
  operands: 'RUN',
  summary: 'write an adapted model as .safetensors, .pth, .onnx or TensorFlow.js',
  options: {
    checkpoint: { value: 'ID', help: 'of `palm show`; or last, or last:LANE (default: last, when one lane adapts)' },
    output: {
      value: 'FILE',
      help: 'the file to write: .safetensors, .pth, .onnx; without an ending a TensorFlow.js folder',
      short: 'o',
    },
    delta: { help: 'only the tensors that changed (.safetensors, .pth)' },
    statistics: {
      value: 'N',
      help: 'batch norm’s statistics from the last N batches, or source for the source model’s (default: what the method predicted with, from the last 5 of its domain)',
    },
    paths: { help: 'the model card says where input and model lie (default: their names only)' },
    json,
  },
  run: exportCommand,
}

function exportCommand(parsed: ParsedCommand, parts: CliParts): Promise<number> {
  const wanted = runOf(parsed)
  const output = parsed.values.get('output')
  if (output === undefined)
    throw new UsageError('palm export needs -o FILE, where to write', 'palm export --help lists its options')
  return withWorkspace(parsed, parts, null, async (workspace) => {
    const run = runIn(workspace, wanted)
    const { checkpoints, run: summary } = workspace.runs.feeds.snapshot(run)
    const checkpoint = findCheckpoint(checkpoints, parsed.values.get('checkpoint') ?? 'last')
    const asked = parsed.values.get('statistics')
    const usual = asked === undefined
    const loses = losesBySourceStatistics(summary.options, checkpoint.lane)
    if (usual && loses)
      process.stderr.write(
        `In the run each batch was normalised by its own statistics. A file needs fixed ones: it gets those of the last ${usualBatches} batches of the checkpoint’s domain, and suits images like those. --statistics source keeps the source model’s, and loses most of the gain.\n`,
      )
    const written = await parts.exportCheckpoint(workspace, {
      run,
      checkpoint: checkpoint.id,
      path: resolve(output),
      format: null,
      delta: parsed.switches.has('delta'),
      statisticsFrom: usual || asked === 'source' ? null : number(parsed.values, 'statistics'),
      usualStatistics: usual,
      withPaths: parsed.switches.has('paths'),
    })
    if (parsed.switches.has('json')) outJson({ run, checkpoint, ...written })
    else {
      const held =
        written.verified.images > 0 ? `outputs of ${written.verified.images} images agree` : 'tensors are the same'
      out(
        `${written.path}: lane ${checkpoint.lane} after step ${checkpoint.step}, ${written.tensors} tensors, ${written.sizeBytes} bytes; read again: ${held}\n${written.cardPath}: its model card\n`,
      )
    }
    const { statistics } = written
    if (loses && statistics.from === 'source' && statistics.why !== 'no-batch-norm')
      process.stderr.write(
        statistics.why === 'images-gone'
          ? 'The run’s images are not there any more, so that the file has the source model’s statistics, and may lose most of the gain.\n'
          : 'The file has the source model’s statistics, and may lose most of the gain: without --statistics it takes those of the last batches.\n',
      )
    return exitCodes.ok
  })
}
