// The templates as the form shows them: chosen, saved under a name, renamed, deleted with undo, one marked as the one to begin with; and the last settings.
// Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import type { KeptInputKind } from '#contract/inputs/input-kinds.ts'
import { readyTemplates } from '#contract/runs/ready-templates.ts'
import type {
  Remembered,
  RunPlace,
  RunSettings,
  RunTemplate,
  TemplateChoice,
  Templates,
} from '#contract/runs/run-template.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { RunFields } from './run-fields.svelte.ts'

const none: Templates = { templates: [], initial: null, last: { sample: null, folder: null }, ignored: 0 }

export class RunTemplateList {
  known = $state.raw<Templates>(none)
  loaded = $state(false)
  chosen = $state<TemplateChoice | null>(null)
  problem = $state('')
  /** The one that was deleted last, until another is. */
  deleted = $state.raw<RunTemplate | null>(null)
  private deletedInitial = false
  private readonly client: Pick<PalmClient, 'call'>

  constructor(client: Pick<PalmClient, 'call'>) {
    this.client = client
  }

  get own(): RunTemplate | null {
    return this.known.templates.find(({ id }) => id === this.chosen) ?? null
  }

  /** What of the table could not be read, in words; '' = all could. */
  get note(): string {
    return this.known.ignored > 0 ? strings.setup.ignored(this.known.ignored) : ''
  }

  async load(): Promise<void> {
    await this.attempt(() => undefined)
  }

  settingsOf(choice: TemplateChoice): { readonly settings: RunSettings; readonly place: RunPlace | null } | null {
    if (typeof choice === 'string') return { settings: readyTemplates[choice], place: null }
    return this.known.templates.find(({ id }) => id === choice) ?? null
  }

  /** Fills the form. @returns whether images or model came with it */
  choose(choice: TemplateChoice | null, form: RunFields): boolean {
    this.chosen = choice
    const found = choice === null ? null : this.settingsOf(choice)
    if (!found) return false
    return fill(form, found)
  }

  /** Under a new name; `whole`: with images and model. @returns whether it was kept */
  async save(name: string, form: RunFields, whole: boolean): Promise<boolean> {
    const settings = form.settings()
    if (name.trim() === '' || !settings) {
      this.problem = settings ? strings.setup.nameNeeded : strings.setup.notKept
      return false
    }
    return this.attempt(async () => {
      this.chosen = (
        await this.client.call('templates.save', { id: null, name, settings, place: whole ? form.place() : null })
      ).id
    })
  }

  /** The chosen one gets what the form says now. */
  async overwrite(form: RunFields): Promise<boolean> {
    const { own } = this
    const settings = form.settings()
    if (!own || !settings) return false
    return this.attempt(() =>
      this.client.call('templates.save', { ...own, settings, place: own.place ? form.place() : null }),
    )
  }

  async rename(name: string): Promise<boolean> {
    const { own } = this
    if (!own || name.trim() === own.name) return own !== null
    if (name.trim() === '') {
      this.problem = strings.setup.nameNeeded
      return false
    }
    return this.attempt(() => this.client.call('templates.save', { ...own, name }))
  }

  async remove(): Promise<void> {
    const { own } = this
    if (!own) return
    const initial = this.known.initial === own.id
    if (await this.attempt(() => this.client.call('templates.remove', { id: own.id }))) {
      this.deletedInitial = initial
      this.deleted = own
      this.chosen = null
    }
  }

  async undoRemove(): Promise<void> {
    const { deleted } = this
    if (!deleted) return
    const back = async () => {
      await this.client.call('templates.save', deleted)
      if (this.deletedInitial) await this.client.call('templates.setInitial', { initial: deleted.id })
    }
    if (await this.attempt(back)) {
      this.chosen = deleted.id
      this.deleted = null
    }
  }

  /** Marks the chosen one as what a new form begins with, or takes the mark away. */
  async toggleInitial(): Promise<void> {
    const { chosen } = this
    if (chosen !== null)
      await this.attempt(() =>
        this.client.call('templates.setInitial', { initial: this.known.initial === chosen ? null : chosen }),
      )
  }

  lastOf(kind: KeptInputKind): Remembered | null {
    return this.known.last[kind]
  }

  /** What a run was started with. A failure is no reason to speak of: the run is under way. */
  async remember(form: RunFields): Promise<void> {
    const settings = form.settings()
    if (settings)
      await this.attempt(() =>
        this.client.call('templates.remember', { kind: form.input, settings, place: form.place() }),
      )
  }

  private async attempt(work: () => unknown): Promise<boolean> {
    this.problem = ''
    try {
      await work()
      this.known = await this.client.call('templates.list', {})
      this.loaded = true
      return true
    } catch (thrown) {
      this.problem = toWireError(thrown).message
      return false
    }
  }
}

/** Model first: the preset follows from it. Real drift by folders belongs to images of one's own. */
export function fill(
  form: RunFields,
  { settings, place }: { readonly settings: RunSettings; readonly place: RunPlace | null },
): boolean {
  if (place?.model) form.applyModel(place.model)
  if (place?.input) form.applyInput(place.input)
  if (place) form.applySource(place.source)
  form.applySettings(settings)
  if (!form.placed) form.driftBy = 'none'
  return place !== null && (place.model !== null || place.input !== null)
}
