// The program on the other end: what is known of it, and what forms ask it. Promises reject with what went wrong. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { Sought } from '#renderer/lib/picker.ts'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import type { AppInfo } from '#contract/app/app-info.ts'
import type { Preview, PreviewRequestInput } from '#contract/inputs/input-preview.ts'
import type { ExportFormat, ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { LibraryModel, ModelDetailsReport } from '#contract/models/library.ts'
import type { LookRequestInput, ShownLook } from '#contract/runs/first-look.ts'
import type { Estimate, EstimateRequestInput } from '#contract/runs/run-estimate.ts'
import type { ModelOptionsInput } from '#contract/runs/run-options.ts'
import type { InputOptionsInput } from '#contract/inputs/input-kinds.ts'

const setupPollMs = 2000

export class Program {
  /** Of the last connection; null before the first. */
  info = $state.raw<AppInfo | null>(null)
  readonly caller: Pick<PalmClient, 'call'>

  constructor(caller: Pick<PalmClient, 'call'>) {
    this.caller = caller
  }

  async greet(client: PalmClient): Promise<void> {
    this.info = await client.call('app.info', {})
  }

  /** Asks again until the native library is there or could not be had; ends with the connection. */
  watchSetup(client: PalmClient): void {
    if (!this.info?.native.settingUp) return
    setTimeout(() => {
      this.greet(client).then(
        () => this.watchSetup(client),
        () => undefined, // the connection is gone: it is opened again, and with it this
      )
    }, setupPollMs)
  }

  /** With a model its classes are matched. */
  inspectInput(input: InputOptionsInput, model: ModelOptionsInput | null): Promise<InputInfo> {
    return this.caller.call('inputs.inspect', { input, model })
  }

  describeModel(model: ModelOptionsInput, batch: number): Promise<ModelDetailsReport> {
    return this.caller.call('models.details', { model, batch })
  }

  libraryModels(): Promise<readonly LibraryModel[]> {
    return this.caller.call('models.list', {})
  }

  previewInput(request: PreviewRequestInput): Promise<Preview> {
    return this.caller.call('inputs.preview', request)
  }

  look(request: LookRequestInput): Promise<ShownLook> {
    return this.caller.call('inputs.look', request)
  }

  cancelLook(by: string): Promise<unknown> {
    return this.caller.call('inputs.cancelLook', { by })
  }

  estimateRun(request: EstimateRequestInput): Promise<Estimate> {
    return this.caller.call('runs.estimate', request)
  }

  exportCheckpoint(request: ExportRequest): Promise<ExportResult> {
    return this.caller.call('runs.export', request)
  }

  pick(sought: Sought, from: string): Promise<string | null> {
    const { caller } = this
    if (sought === 'folder') return caller.call('dialogs.pickFolder', {})
    if (sought === 'model') return caller.call('dialogs.pickModel', {})
    if (sought === 'images') return caller.call('dialogs.pickImages', { what: 'either' })
    if (sought === 'images-folder') return caller.call('dialogs.pickImages', { what: 'folder' })
    if (sought === 'images-file') return caller.call('dialogs.pickImages', { what: 'file' })
    return caller.call('dialogs.save', { from, format: sought.slice('save-'.length) as ExportFormat })
  }
}
