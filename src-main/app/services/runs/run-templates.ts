// Templates of runs and the last settings: rows of the store's settings table. What does not fit any more is left out and counted, and keeps nobody from
// starting a run.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { keptInputKinds, type KeptInputKind } from '#contract/inputs/input-kinds.ts'
import {
  rememberedSchema,
  runTemplateSchema,
  templateChoiceSchema,
  type Remembered,
  type RunTemplate,
  type TemplateChoice,
  type Templates,
} from '#contract/runs/run-template.ts'
import type { Records } from './records.ts'

const key = 'run-templates'
const lastKey = (kind: KeptInputKind) => `last-run:${kind}`
const most = 200

/** Rows of the settings table that may name images and models by path. */
export const keysOfTemplates: readonly string[] = [key, ...keptInputKinds.map(lastKey)]

const storedSchema = z.looseObject({
  templates: z.array(z.unknown()).default([]),
  initial: z.unknown().default(null),
  nextId: z.number().int().positive().default(1),
})

interface Stored {
  readonly templates: readonly RunTemplate[]
  readonly initial: TemplateChoice | null
  readonly nextId: number
  readonly ignored: number
}

export class RunTemplates {
  private readonly store: Pick<Records, 'settings' | 'transaction'>

  constructor(store: Pick<Records, 'settings' | 'transaction'>) {
    this.store = store
  }

  list(): Templates {
    const { templates, initial, ignored } = this.read()
    const last = keptInputKinds.map((kind) => ({ kind, ...this.last(kind) }))
    return {
      templates: [...templates].sort((a, b) => a.name.localeCompare(b.name)),
      initial,
      last: Object.fromEntries(last.map(({ kind, value }) => [kind, value])) as Templates['last'],
      ignored: ignored + last.filter(({ broken }) => broken).length,
    }
  }

  /** A new one, or, by its number, a changed one or one that was deleted and comes back. @throws PalmError `bad-request` where the name is taken */
  save(template: Omit<RunTemplate, 'id'> & { readonly id: number | null }): RunTemplate {
    return this.store.transaction(() => {
      const { templates, initial, nextId } = this.read()
      const others = templates.filter(({ id }) => id !== template.id)
      if (others.some(({ name }) => name.toLowerCase() === template.name.toLowerCase()))
        throw new PalmError(
          'bad-request',
          `There is a template “${template.name}” already: choose another name, or delete that one.`,
        )
      if (others.length >= most)
        throw new PalmError('bad-request', `There are ${most} templates already: delete one first.`)
      const saved: RunTemplate = { ...template, id: template.id ?? nextId }
      this.store.settings.set(key, { templates: [...others, saved], initial, nextId: Math.max(nextId, saved.id + 1) })
      return saved
    })
  }

  /** One that is gone already is no fault. */
  remove(id: number): void {
    this.store.transaction(() => {
      const { templates, initial, nextId } = this.read()
      this.store.settings.set(key, {
        templates: templates.filter((one) => one.id !== id),
        initial: initial === id ? null : initial,
        nextId,
      })
    })
  }

  /** Which one a new form begins with. @throws PalmError `bad-request` where there is none such */
  setInitial(initial: TemplateChoice | null): void {
    this.store.transaction(() => {
      const { templates, nextId } = this.read()
      if (typeof initial === 'number' && !templates.some(({ id }) => id === initial))
        throw new PalmError('bad-request', 'This template is not there any more.')
      this.store.settings.set(key, { templates, initial, nextId })
    })
  }

  remember(kind: KeptInputKind, last: Remembered): void {
    this.store.transaction(() => this.store.settings.set(lastKey(kind), last))
  }

  private read(): Stored {
    const stored = storedSchema.safeParse(this.store.settings.get(key) ?? {})
    if (!stored.success) return { templates: [], initial: null, nextId: 1, ignored: 1 }
    const parsed = stored.data.templates.slice(0, most).map((one) => runTemplateSchema.safeParse(one))
    const templates = parsed.flatMap(({ success, data }) => (success ? [data] : []))
    const initial = templateChoiceSchema.nullable().safeParse(stored.data.initial)
    const fits =
      initial.success && (typeof initial.data !== 'number' || templates.some(({ id }) => id === initial.data))
    return {
      templates,
      initial: fits ? initial.data : null,
      nextId: Math.max(stored.data.nextId, ...templates.map(({ id }) => id + 1)),
      ignored: stored.data.templates.length - templates.length,
    }
  }

  private last(kind: KeptInputKind): { readonly value: Remembered | null; readonly broken: boolean } {
    const value = this.store.settings.get(lastKey(kind))
    if (value === undefined) return { value: null, broken: false }
    const parsed = rememberedSchema.safeParse(value)
    return parsed.success ? { value: parsed.data, broken: false } : { value: null, broken: true }
  }
}
