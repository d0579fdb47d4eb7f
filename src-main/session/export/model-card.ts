// The model card beside an export: where the weights come from, with what settings, and what they gained.
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { ExportFormat, ExportStatistics } from '#contract/models/export.ts'
import { withNamesOnly } from '#contract/places.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { CheckpointInfo, RunPlan } from '#contract/tables/report.ts'
import type { FileTensor } from '#engine/models/formats/file-tensor.ts'
import { hashTensors, type ModelDescription } from '#engine/models/load.ts'
import type { ModelFile } from '#session/open-model.ts'
import type { Store } from '#store/store.ts'

/** As cards have said it since the first one. */
const saidOnCard = (statistics: ExportStatistics) =>
  statistics.from === 'source'
    ? 'source'
    : statistics.from === 'frames'
      ? { gatheredOverFrames: statistics.count }
      : { estimatedFromBatches: statistics.count }

export interface CardParts {
  readonly store: Store
  readonly run: number
  readonly info: CheckpointInfo
  readonly options: RunOptions
  readonly plan: RunPlan | null
  readonly file: ModelFile
  readonly description: ModelDescription
  readonly values: ReadonlyMap<string, FileTensor>
  readonly metadata: Readonly<Record<string, string>>
  readonly format: ExportFormat
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly onlyDelta: boolean
  readonly statistics: ExportStatistics
  /** Where input and model lie is in the card, too. */
  readonly withPaths: boolean
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** As plain data, but for what verifying gives. */
export function modelCard({ store, run, info, options, plan, ...parts }: CardParts) {
  const { file, description, values, metadata, files } = parts
  return {
    format: parts.format,
    createdAt: new Date(parts.createdAt).toISOString(),
    run: {
      id: run,
      name: options.name,
      options: parts.withPaths ? options : withNamesOnly(options),
      inputName: plan?.inputName ?? null,
      inputHash: plan?.inputHash ?? null,
    },
    lane: {
      id: info.lane,
      label: options.lanes.find(({ id }) => id === info.lane)?.label ?? info.lane,
      step: info.step,
    },
    model: {
      name: file.name,
      architecture: description.name,
      sourceHash: hashTensors(description.values),
      exportedHash: hashTensors(values),
      classes: description.classes,
      metadata,
    },
    optionChanges: store.changes.list(run).filter(({ lane, step }) => lane === info.lane && step <= info.step),
    parent: store.runs.get(run).parent,
    delta: parts.onlyDelta,
    batchNormStatistics: saidOnCard(parts.statistics),
    domains: domainNumbers(store, run, info.lane),
    files: [...files].map(([name, bytes]) => ({
      name: basename(name),
      sizeBytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    versions: { ...plan?.versions, exportedBy: parts.version },
  }
}

/** Error in percent per domain: of the lane, and of the unadapted model where the run has one. */
function domainNumbers(store: Store, run: number, lane: string) {
  const plan = store.runs.plan(run)
  const source = plan?.lanes.find(({ method }) => method === 'source')?.id ?? null
  const metrics = store.steps.domains(run)
  const errorOf = (domain: number, id: string | null) => {
    const metric = metrics.find((row) => row.domain === domain && row.lane === id)
    return metric && metric.labelled > 0 ? (100 * (metric.labelled - metric.correct)) / metric.labelled : null
  }
  return (plan?.domains ?? []).map(({ index, name }) => ({
    name,
    sourceErrorPct: errorOf(index, source),
    errorPct: errorOf(index, lane),
  }))
}
