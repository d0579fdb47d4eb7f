// What a run over a webcam works with: the model, the unadapted lane and the adapting one. Checked before anything starts.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import { webcamMethods } from '#contract/webcam.ts'
import type { Device } from '#engine/compute/device.ts'
import type { Model } from '#engine/models/model.ts'
import { openRunDevice } from '#session/core/run-devices.ts'
import type { SessionCore } from '#session/core/session-core.ts'
import { makeLanes, type Lane } from '#session/lanes.ts'
import { AdaptedPrediction } from '#session/measures/adapted-prediction.ts'
import { inputSizeOf, modelInfo, openModel, readModelFile } from '#session/open-model.ts'
import { keptReportsNow } from '#session/core/kept-reports.ts'
import { planOf } from '#session/plan.ts'
import { SlidingWindow } from '#session/sliding-window.ts'
import { familyForSize } from '#stream/corruptions/registry.ts'

export interface WebcamParts {
  readonly device: Device
  readonly model: Model
  /** Of the model's input, which is square. */
  readonly side: number
  /** Without domains: they come as the corruption changes. */
  readonly plan: RunPlan
  readonly unadapted: Lane
  readonly lane: Lane
  readonly prediction: AdaptedPrediction
  readonly window: SlidingWindow
}

/** @throws PalmError `bad-request`, `method-unsupported`, and what opening the model throws */
export async function openWebcam(core: SessionCore): Promise<WebcamParts> {
  const { options, start, version } = core
  const { input } = options
  if (!isLive(input)) throw new PalmError('internal', 'This run has no webcam.')
  const [first, second] = options.lanes
  if (options.lanes.length !== 2 || first?.options.method !== 'source' || !second)
    throw new PalmError(
      'bad-request',
      'A run over a webcam has two lanes: the unadapted model, and one method beside it.',
    )
  if (!webcamMethods.includes(second.options.method))
    throw new PalmError(
      'method-unsupported',
      `${second.label} needs whole batches, and a webcam gives single frames. Choose one of ${webcamMethods.join(', ')}.`,
    )
  const file = await readModelFile(options.model, start.resourcesFolder)
  const { device, devices } = await openRunDevice(core, null)
  const model = openModel(device, file, options.model)
  const side = inputSizeOf(model, options.model) ?? 32
  const lanes = makeLanes(device, model, options, null, options.batchSize)
  const [unadapted, lane] = lanes as [Lane, Lane]
  const stream = {
    domains: [],
    totalSteps: 0,
    totalImages: 0,
    family: options.family === 'auto' ? familyForSize(side, side) : options.family,
    inputName: input.name,
    inputHash: '',
    width: side,
    height: side,
  }
  const plan = planOf({
    stream: { plan: stream },
    model,
    info: modelInfo(file, options.model, model),
    lanes,
    device,
    devices,
    halvings: [],
    reports: keptReportsNow(core.store, null),
    options,
    sourceHash: null,
    look: null,
    cleanCheck: null,
    version,
  })
  const prediction = new AdaptedPrediction(device, model)
  const window = new SlidingWindow(options.batchSize, input.spacingMs)
  return { device, model, side, plan, unadapted, lane, prediction, window }
}

export function closeWebcam({ prediction, unadapted, lane, model }: WebcamParts): void {
  prediction.clear()
  unadapted.method.dispose()
  lane.method.dispose()
  model.dispose()
}
