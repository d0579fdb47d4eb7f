// Previews of an input for the app: the model's frame from its file, the pictures from the stream's worker. A file of weights is not read for every row
// of pictures: what it said a moment ago still holds.
import type { Preview, PreviewRequest } from '#contract/inputs/input-preview.ts'
import { frameOf } from '#session/open-model.ts'
import { InputPreview } from '#stream/input-preview.ts'
import type { InputFolders } from '#stream/inputs/kinds/kind.ts'

type Frame = Awaited<ReturnType<typeof frameOf>>

const frameMs = 30_000

export function previewsOf(
  folders: InputFolders,
  resourcesFolder: string,
): (request: PreviewRequest) => Promise<Preview> {
  const preview = new InputPreview(folders)
  let known: { readonly key: string; readonly at: number; readonly frame: Promise<Frame> } | null = null
  const frame = (model: NonNullable<PreviewRequest['model']>): Promise<Frame> => {
    const key = JSON.stringify(model)
    if (known?.key !== key || performance.now() - known.at > frameMs)
      known = { key, at: performance.now(), frame: frameOf(model, resourcesFolder) }
    return known.frame
  }
  return async ({ model, ...wish }) =>
    preview.pictures({
      ...(model ? await frame(model) : { inputSize: null, resize: 1 }),
      ...wish,
    })
}
