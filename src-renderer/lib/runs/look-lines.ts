// The look before a run in words: one line on what will be scored, and a sentence for each remedy. Pure, but for the language.
import { helps, isGuessing, type FirstLook, type Remedy } from '#contract/runs/first-look.ts'
import { decimals, words } from '#renderer/lib/text/format.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export function lookLine(look: FirstLook): string {
  const text = strings.look
  const { normalization } = look
  const some = look.labelled > 0 && look.labelled < look.images ? ` (${text.labelled(look.labelled)})` : ''
  const parts = [
    `${look.input}: ${text.images(look.images)}${some}`,
    classesText(look),
    text.normalization(decimals(normalization.mean), decimals(normalization.std), text.from[normalization.from]),
  ]
  return `${parts.join('; ')}.`
}

function classesText({ matched, leftOut, perClass, modelClasses }: FirstLook): string {
  const text = strings.look
  if (!perClass) return text.noLabels
  const known: Readonly<Record<string, string>> = strings.matches.how
  const how = [
    ...matched.map(({ how: by, classes }) =>
      matched.length === 1 ? (known[by] ?? by) : `${classes} ${known[by] ?? by}`,
    ),
    ...(leftOut > 0 ? [text.leftOut(leftOut)] : []),
  ]
  const classes = matched.reduce((sum, one) => sum + one.classes, 0)
  return `${text.classes(classes, modelClasses, how.join(', '))}; ${text.each(perClass.least, perClass.most)}`
}

/** What the model gets right, or that it answers. */
export function answersLine({ check, answers, seen }: FirstLook): string {
  const text = strings.look
  if (answers.length === 0) return text.unreadable
  const { corruption, severity } = seen
  const images = (count: number) =>
    corruption === null ? text.clean(count) : text.corrupted(count, words(corruption), severity ?? 5)
  return check ? text.right(check.correct, images(check.labelled)) : text.answers(images(answers.length))
}

/** What stands above the remedies. */
export function doubtLine(look: FirstLook): string {
  const text = strings.look
  if (!isGuessing(look)) return text.better
  return look.different.answers === 1 && look.different.labels > 1 ? text.oneAnswer : text.guessing
}

export function remedyLine(remedy: Remedy, look: FirstLook): string {
  const { gets: getsOf, remedies: text } = strings.look
  const { kind, tried, normalization, shift } = remedy
  const gets = helps(remedy, look) && tried ? getsOf(tried.correct, tried.labelled) : ''
  switch (kind) {
    case 'normalization':
      return gets !== '' && normalization
        ? text.normalization(decimals(normalization.mean), decimals(normalization.std), gets)
        : text.normalizationTried(decimals(look.normalization.mean), decimals(look.normalization.std))
    case 'labels':
      if (gets === '') return text.labels
      return shift === null ? text.labelOrder(gets) : text.labelShift(shift > 0, gets)
    case 'channels':
      return gets === '' ? text.channelsTried : text.channels(gets)
    case 'model':
      return text.model
    case 'size':
      return text.size(look.size.width, look.size.height)
    case 'corruption':
      return text.corruption
  }
}
