// `--labels`: which class of the model each class of the images is, where the program cannot know it.
import { readFile } from 'node:fs/promises'
import { labelCountings, labelMatchesSchema, type PlacedInput } from '#contract/inputs/input-kinds.ts'
import { UsageError } from './command.ts'
import { checkedLater, runHint } from './values.ts'

/** A word for how classes are counted, or a JSON file: class of the input -> class of the model by number, or null to leave it out. Throws `UsageError`. */
export async function labelsFrom(value: string | undefined): Promise<Pick<PlacedInput, 'labels' | 'counting'>> {
  if (value === undefined) return { labels: {} }
  const counting = labelCountings.find((one) => one === value)
  if (counting !== undefined) return { labels: {}, counting }
  const text = await readFile(value, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `--labels: ${value} cannot be read (${cause instanceof Error ? cause.message : String(cause)}); it takes a file, or ${labelCountings.join(', ')}`,
      runHint,
    )
  })
  const json = () => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw new UsageError(
        `--labels: ${value} is not JSON; it should hold an object like {"cat": 3, "other": null}`,
        runHint,
      )
    }
  }
  return checkedLater(() => Promise.resolve({ labels: labelMatchesSchema.parse(json()) }))
}
