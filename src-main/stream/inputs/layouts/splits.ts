// Parts of a data set such as train and val, of which a run takes one.
import { PalmError } from '#contract/errors.ts'
import type { Found } from './layout.ts'

const splitNames = ['train', 'training', 'val', 'valid', 'validation', 'dev', 'test', 'testing']
/** Of several splits the one that a model was not trained on. */
const preferred = ['test', 'testing', 'val', 'valid', 'validation', 'dev', 'train', 'training']

const rank = (name: string) => preferred.indexOf(name.toLowerCase())

export interface SplitChoice {
  readonly splits: readonly string[]
  /** Null = there are none, or they are the domains. */
  readonly split: string | null
  readonly problems: readonly string[]
}

/** `tops`: the top folders that hold images. @throws PalmError `input-labels` for a split that there is not */
export function chooseSplit({ path, images, input }: Found, tops: readonly string[]): SplitChoice {
  const are =
    tops.every((name) => splitNames.includes(name.toLowerCase())) && !images.some((file) => !file.path.includes('/'))
  const splits = are ? tops : []
  if (splits.length === 0 || input.domains === 'folders') {
    if (input.split === null) return { splits, split: null, problems: [] }
    throw new PalmError(
      'input-labels',
      `${path} has no parts such as train or val, so “${input.split}” cannot be chosen.`,
    )
  }
  const split = input.split ?? splits.toSorted((a, b) => rank(a) - rank(b))[0]
  if (split === undefined || !splits.includes(split))
    throw new PalmError('input-labels', `${path} has the parts ${splits.join(', ')}, and no “${input.split}”.`)
  const open = splits.length > 1 && input.split === null
  return {
    splits,
    split,
    problems: open ? [`It has the parts ${splits.join(', ')}: “${split}” is taken unless you choose another.`] : [],
  }
}
