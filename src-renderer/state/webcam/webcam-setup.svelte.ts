// What is chosen before the webcam starts: model, method and window, the model for photographs that can be fetched, and which methods a model refuses.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import { readyModelNames, type LibraryModel } from '#contract/models/library.ts'
import { presetOfUnknown, usualLabel, usualOptions } from '#contract/methods/presets.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import type { ModelOptionsInput, RunOptionsInput } from '#contract/runs/run-options.ts'
import { webcamDefaults, type WebcamSettings } from '#contract/webcam.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { optionsOf, readyOf, type ModelChoice } from '#renderer/state/models/models.svelte.ts'

const { window: usualWindow, spacingMs, ...settings } = webcamDefaults

/** Until something else is chosen. */
export const usualSettings: WebcamSettings = settings

/** How a run names it. */
export const corruptionOf = ({
  corruption,
  severity,
}: WebcamSettings): Pick<RunOptionsInput, 'corruptions' | 'severities'> => ({
  corruptions: corruption ? [corruption] : [],
  severities: [severity],
})

export class WebcamSetup {
  models = $state.raw<readonly LibraryModel[]>([])
  model = $state<ModelChoice>('sample')
  method = $state<MethodId>('palm')
  /** Frames that the method adapts on at a time. */
  window = $state(usualWindow)
  fetching = $state(false)
  /** Methods that the chosen model refuses, and why; null = not known (yet). */
  refusals = $state.raw<readonly { readonly method: string; readonly reason: string }[] | null>(null)
  private readonly client: PalmClient
  private readonly say: (problem: string) => void
  private looked = false
  private descriptions = 0

  /** `say`: shows what went wrong; '' = nothing. */
  constructor(client: PalmClient, say: (problem: string) => void) {
    this.client = client
    this.say = say
  }

  /** The model for photographs, once it was fetched. */
  get ready(): LibraryModel | null {
    return readyOf(this.models)
  }

  /** Why the chosen method cannot run on the chosen model; null = it can, as far as is known. */
  get refusal(): string | null {
    return this.refusals?.find(({ method }) => method === this.method)?.reason ?? null
  }

  /** The chosen model as a run names it. */
  get modelOptions(): ModelOptionsInput {
    return optionsOf(this.models.find(({ id }) => id === this.model) ?? null)
  }

  async look(): Promise<void> {
    try {
      this.models = await this.client.call('models.list', {})
      if (!this.looked && this.ready) this.model = this.ready.id
      this.looked = true
    } catch (thrown) {
      this.say(toWireError(thrown).message)
    }
  }

  async fetchReady(): Promise<void> {
    this.fetching = true
    this.say('')
    try {
      const { id } = await this.client.call('models.fetch', {
        name: readyModelNames[0] as (typeof readyModelNames)[number],
      })
      await this.look()
      this.model = id
    } catch (thrown) {
      this.say(toWireError(thrown).message)
    }
    this.fetching = false
  }

  async cancelFetch(): Promise<void> {
    await this.client.call('models.cancelFetch', {})
  }

  /** What the chosen model can do. */
  async describe(): Promise<void> {
    const look = ++this.descriptions
    this.refusals = null
    try {
      const { refusals } = await this.client.call('models.details', { model: this.modelOptions, batch: 1 })
      if (look === this.descriptions) this.refusals = refusals
    } catch (thrown) {
      if (look === this.descriptions) this.say(toWireError(thrown).message)
    }
  }

  /** For a run of the model as it was trained beside the chosen method, over the frames of the source of this name. */
  runOf(source: string, model: ModelOptionsInput, classes: number, settings: WebcamSettings): RunOptionsInput {
    const preset = model.kind === 'sample' ? 'sample' : this.ready?.id === this.model ? 'imagenet' : presetOfUnknown
    const lanes = (['source', this.method] as const).map((method) => {
      const options = usualOptions(method, { preset, classes })
      return { id: method, label: usualLabel(options), options }
    })
    return {
      name: strings.webcam.runName(source),
      input: { kind: 'webcam', name: source, spacingMs },
      model,
      ...corruptionOf(settings),
      batchSize: this.window,
      lanes,
    }
  }

  /** What was chosen in another one, whose connection is gone. */
  resemble(other: WebcamSetup): void {
    this.models = other.models
    this.looked = true
    this.model = other.model
    this.method = other.method
    this.window = other.window
  }
}
