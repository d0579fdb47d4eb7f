// What stands against starting the run in the form, or should be known before, each with what to do and the field where that is done. Reads state, changes none.
import { methodInfo, methodLabels, needsSourceImages } from '#contract/methods/method-info.ts'
import { isDoubtful, isGuessing, type FirstLook } from '#contract/runs/first-look.ts'
import type { Estimate } from '#contract/runs/run-estimate.ts'
import { domainsFrom } from '#renderer/lib/curves/domain-order.ts'
import { bytes } from '#renderer/lib/text/format.ts'
import { wrongNumber } from '#renderer/lib/runs/run-numbers.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { NewRun } from './new-run.svelte.ts'

/** Ids of the form's fields, where a problem leads. */
export const fieldIds = {
  input: 'run-input',
  inputPath: 'run-input-path',
  labels: 'run-labels',
  model: 'run-model',
  modelPath: 'run-model-path',
  look: 'run-look',
  methods: 'run-methods',
  source: 'run-source',
  corruptions: 'run-corruptions',
  schedule: 'run-schedule',
  order: 'run-order',
  batchSize: 'run-batch',
  limit: 'run-limit',
  seed: 'run-seed',
  cycles: 'run-cycles',
  window: 'run-window',
  inputSize: 'run-input-size',
  start: 'run-start',
} as const
export type FieldName = keyof typeof fieldIds

export interface RunProblem {
  readonly key: string
  readonly field: FieldName
  readonly text: string
  /** What to do; '' where the text says it. */
  readonly fix: string
  /** Whether it cannot start like this; else it is a warning. */
  readonly stops: boolean
}

export interface Surroundings {
  readonly estimate: Estimate | null
  /** Of the images and the model that are shown; null = not looked yet. */
  readonly look: FirstLook | null
  /** Of the look at the source images: whether they have labels; null = not looked at. */
  readonly source: { readonly path: string; readonly problem: string; readonly labelled: boolean } | null
}

export function problemsOf(form: NewRun, around: Surroundings): RunProblem[] {
  const list: RunProblem[] = []
  const text = strings.setup.problems
  const stop = (key: string, field: FieldName, words: string, fix = '') =>
    list.push({ key, field, text: words, fix, stops: true })
  const warn = (key: string, field: FieldName, words: string, fix = '') =>
    list.push({ key, field, text: words, fix, stops: false })

  if (!form.inputGiven) stop('no-input', 'inputPath', text.noInput)
  if (form.model === 'file' && form.modelPath.trim() === '') stop('no-model', 'modelPath', text.noModel)
  if (!form.ready && form.chosenMethods.length === 0 && form.extraLanes.length === 0)
    stop('no-method', 'methods', text.noMethod)
  const refused = Object.keys(form.refusals).filter((method) => form.methods[method as keyof typeof form.methods])
  if (refused.length > 0)
    warn(
      'refused',
      'methods',
      text.refused(refused.map((method) => methodLabels[method as keyof typeof methodLabels]).join(', ')),
      text.refusedFix,
    )
  const number = wrongNumber(form)
  if (number) stop('number', number.field, number.text)
  else if (form.obstacle !== '') stop('obstacle', obstacleField(form), form.obstacle)
  if (form.doubtful) warn('doubtful', 'labels', text.doubtful, text.doubtfulFix)
  const { look } = around
  if (look?.check && isDoubtful(look)) {
    const { correct, labelled } = look.check
    const { problem, problemBetter, problemFix } = strings.look
    warn('look', 'look', (isGuessing(look) ? problem : problemBetter)(correct, labelled), problemFix)
  }
  if (form.note !== '') warn('note', 'input', form.note, text.noDomainsFix)
  if (form.drifts && (form.schedule === 'gradual' || form.schedule === 'custom'))
    stop('drift', 'schedule', text.driftSchedule, text.driftScheduleFix)
  if (!form.drifts && form.schedule === 'custom') {
    try {
      domainsFrom(form.order)
    } catch (thrown) {
      stop('order', 'order', thrown instanceof Error ? thrown.message : String(thrown))
    }
  }
  list.push(...sourceProblems(form, around))
  const { estimate } = around
  if (estimate && estimate.memory.bytes > estimate.memory.freeBytes) {
    const { bytes: needed, freeBytes, totalBytes } = estimate.memory
    warn(
      'memory',
      'batchSize',
      needed > totalBytes
        ? text.memoryTotal(bytes(needed), bytes(totalBytes))
        : text.memory(bytes(needed), bytes(freeBytes)),
      text.memoryFix,
    )
  }
  if (estimate?.disk.freeBytes != null && estimate.disk.bytes > 0.9 * estimate.disk.freeBytes)
    warn('disk', 'methods', text.disk(bytes(estimate.disk.bytes), bytes(estimate.disk.freeBytes)), text.diskFix)
  return list
}

function sourceProblems(form: NewRun, { source }: Surroundings): RunProblem[] {
  const text = strings.setup.problems
  if (!form.needsSource || form.model === 'sample') return []
  const needing = [...form.lanes(form.details?.classes ?? 10)].filter(({ options }) => needsSourceImages(options))
  const names = [...new Set(needing.map(({ options }) => methodLabels[options.method]))].join(', ')
  const stop = (key: string, words: string, fix: string): RunProblem => ({
    key,
    field: 'source',
    text: words,
    fix,
    stops: true,
  })
  const path = form.sourcePath.trim()
  if (path === '') return [stop('no-source', text.noSource(names), text.noSourceFix)]
  if (source?.path !== path) return []
  if (source.problem !== '') return [stop('source', source.problem, text.noSourceFix)]
  const labels = needing.some(({ options }) => methodInfo[options.method].needs.includes('labels-of-source'))
  return labels && !source.labelled ? [stop('source-labels', text.sourceLabels(names), text.noSourceFix)] : []
}

function obstacleField(form: NewRun): FieldName {
  if (form.unmatched > 0 || (form.info?.classes.length && form.info.classes.every(({ index }) => index === null)))
    return form.placed ? 'labels' : 'input'
  return 'corruptions'
}
