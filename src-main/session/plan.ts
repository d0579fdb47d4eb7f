// What is known of a run once input and model are open, and where in it a step lies.
import { availableParallelism, release } from 'node:os'
import type { UsedDevice } from '#contract/devices.ts'
import type { CleanCheck } from '#contract/runs/clean-check.ts'
import type { Halving } from '#contract/runs/halving.ts'
import type { KeptReports } from '#contract/runs/kept-reports.ts'
import type { FirstLook } from '#contract/runs/first-look.ts'
import { autoNote, isAuto } from '#contract/methods/presets.ts'
import type { LaneInfo, RunPlan } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Device } from '#engine/compute/device.ts'
import { blockNetwork } from '#engine/models/architectures/block-network.ts'
import { chosenCompute } from '#engine/compute/environment.ts'
import { elementCount, type Model } from '#engine/models/model.ts'
import type { Stream, StreamBatch } from '#stream/stream.ts'
import type { Lane } from './lanes.ts'

export interface PlanParts {
  readonly stream: Pick<Stream, 'plan'>
  readonly model: Model
  readonly info: RunPlan['model']
  readonly lanes: readonly Lane[]
  readonly device: Pick<Device, 'kind' | 'version'>
  /** The devices of the run, the one that it goes on with last. */
  readonly devices: readonly UsedDevice[]
  readonly halvings: readonly Halving[]
  /** Null = all. */
  readonly reports?: KeptReports | null
  readonly options: RunOptions
  readonly sourceHash: string | null
  readonly look: FirstLook | null
  /** Of a run that was begun before. */
  readonly cleanCheck: CleanCheck | null
  readonly version: string
  /** Worker threads that were asked for; null = chosen by the number of cores. */
  readonly workers?: number | null
}

export function planOf({
  stream,
  model,
  info,
  lanes,
  device,
  devices,
  halvings,
  reports = null,
  options,
  sourceHash,
  look,
  cleanCheck,
  version,
  workers = null,
}: PlanParts): RunPlan {
  const infos = new Map(
    [...model.tensors, ...lanes.flatMap(({ method }) => method.extraTensors ?? [])].map((tensor) => [
      tensor.name,
      tensor,
    ]),
  )
  return {
    domains: [...stream.plan.domains],
    totalSteps: stream.plan.totalSteps,
    totalImages: stream.plan.totalImages,
    family: stream.plan.family,
    inputName: stream.plan.inputName,
    inputHash: stream.plan.inputHash,
    sourceHash,
    look,
    cleanCheck: look?.seen.corruption === null ? look.check : cleanCheck,
    model: { ...info, inputSize: { width: stream.plan.width, height: stream.plan.height } },
    lanes: lanes.map(({ id, method }) => ({
      id,
      ...wordsOf(id, options),
      method: method.id,
      tensors: method.adapts().map((name) => {
        const tensor = infos.get(name)
        return {
          name,
          kind: tensor?.kind ?? '',
          block: tensor?.block ?? '',
          elements: elementCount(tensor?.shape ?? []),
        }
      }),
    })),
    network: blockNetwork(model),
    versions: {
      app: version,
      node: process.version,
      [device.kind === 'webgpu' ? 'webgpu' : 'tensorflow']: device.version,
      device: device.kind,
      ...cardOf(devices.at(-1)),
      system: `${process.platform} ${release()} ${process.arch}`,
      threads: process.env.TF_NUM_INTRAOP_THREADS || String(availableParallelism()),
      ...chosenCompute(process.env, device.kind),
      workers: workers === null ? 'auto' : String(workers),
    },
    devices: [...devices],
    ...(halvings.length > 0 ? { halvings: [...halvings] } : {}),
    ...(reports ? { reports } : {}),
  }
}

/** Of a card: what a processor is called was never recorded here, and older runs are compared with newer ones. */
const cardOf = (device: UsedDevice | undefined): Record<string, string> =>
  device === undefined || device.kind === 'cpu' ? {} : { card: device.name, driver: device.driver }

export function domainOf(plan: RunPlan, step: number): number {
  return plan.domains.findIndex((domain) => step >= domain.firstStep && step < domain.firstStep + domain.steps)
}

export function isLastOf(plan: RunPlan, batch: StreamBatch): boolean {
  const domain = plan.domains[batch.domain]
  return domain !== undefined && batch.step === domain.firstStep + domain.steps - 1
}

function wordsOf(id: string, { lanes }: RunOptions): Pick<LaneInfo, 'label' | 'note'> {
  const lane = lanes.find((one) => one.id === id)
  return { label: lane?.label ?? id, ...(lane && isAuto(lane.options) ? { note: autoNote } : {}) }
}
