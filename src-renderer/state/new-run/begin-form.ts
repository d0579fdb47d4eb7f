// With what a new form begins: the run that is repeated, else the template that is marked for it, else the last settings for such images, else the usual ones;
// then what was chosen elsewhere or dropped. What does not fit any more (a model that is gone) gives way in silence to the usual.
import { inputKinds, keptInputKinds, type KeptInputKind } from '#contract/inputs/input-kinds.ts'
import type { TemplateChoice } from '#contract/runs/run-template.ts'
import { kindOfFiles } from '#renderer/lib/runs/form-inputs.ts'
import type { Dropped, FormStart } from './form-start.ts'
import type { Looker, NewRun } from './new-run.svelte.ts'
import type { RunAgain } from './run-again.svelte.ts'
import { fill, type RunTemplateList } from './run-templates.svelte.ts'

export type Origin = TemplateChoice | 'last' | 'usual' | 'run'

/** `filled` is called when the fields hold what the form begins with: until then nobody should type into them. @returns with what it was filled */
export async function beginForm(
  form: NewRun,
  templates: RunTemplateList,
  looker: Looker,
  start: FormStart,
  again: RunAgain | null,
  filled: () => void = () => undefined,
): Promise<Origin> {
  const failed = await form.takeLibrary(looker)
  await templates.load()
  if (again) {
    await again.fill(looker)
    filled()
    if (failed !== '') form.problem = failed
    return 'run'
  }
  form.chooseInput(start.dropped?.input != null ? kindOfFiles : usualKind(templates))
  const origin = settle(form, templates)
  if (start.model != null) form.chooseModel(start.model)
  if (start.dropped) takeDropped(form, start.dropped)
  filled()
  if (origin === 'last' && start.model == null && start.dropped?.model == null) await giveWay(form, templates, looker)
  await form.look(looker)
  if (failed !== '') form.problem = failed
  return origin
}

/** Into the fields; what was said of other images or another model is forgotten. */
export function takeDropped(form: NewRun, { input, model }: Dropped): void {
  if (model !== null) {
    form.chooseModel('file')
    form.modelPath = model
  }
  if (input === null) return
  form.chooseInput(kindOfFiles)
  form.forgetInput()
  form.inputPath = input
}

/** The sample has a button of its own: who opens the form has images, unless they never had any but the sample. */
function usualKind(templates: RunTemplateList): KeptInputKind {
  const used = keptInputKinds.filter((kind) => templates.lastOf(kind) !== null)
  return used.find((kind) => inputKinds[kind].placed) ?? used[0] ?? kindOfFiles
}

function settle(form: NewRun, templates: RunTemplateList): Origin {
  const { initial } = templates.known
  if (initial !== null && templates.settingsOf(initial)) {
    templates.choose(initial, form)
    return initial
  }
  const last = templates.lastOf(form.input)
  if (!last) return 'usual'
  const { model, source } = last.place
  // Domains and matched classes belong to the images that they were chosen for.
  fill(form, { settings: { ...last.settings, domains: 'none' }, place: { input: null, model, source } })
  return 'last'
}

/** A last model that is gone gives way to the usual one, unless another was chosen while it was looked for. */
async function giveWay(form: NewRun, templates: RunTemplateList, looker: Looker): Promise<void> {
  const last = templates.lastOf(form.input)
  const asked = JSON.stringify(form.modelOptions())
  if (!last?.place.model || (await form.look(looker)) || form.details !== null) return
  // A newer look took this one's place: somebody has chosen meanwhile, and nothing is known of the model yet.
  if (form.looking || JSON.stringify(form.modelOptions()) !== asked) return
  form.problem = ''
  form.chooseModel('sample')
  form.modelPath = ''
  form.applySettings({ ...last.settings, domains: 'none' })
}
