// What was dropped, by its names: a model, a place of images, or both. Pure; paths of any system.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export const modelEndings = ['.safetensors', '.pth', '.pt', '.onnx'] as const
const imageEndings = ['.jpg', '.jpeg', '.png', '.webp', '.bmp', '.gif', '.tif', '.tiff']

const nameOf = (path: string) => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
const endsWith = (path: string, endings: readonly string[]) =>
  endings.some((ending) => path.toLowerCase().endsWith(ending))

export const isModelFile = (path: string): boolean =>
  endsWith(path, modelEndings) || nameOf(path).toLowerCase() === 'model.json'
export const isImageFile = (path: string): boolean => endsWith(path, imageEndings)

function folderOf(path: string): string {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))
  return cut <= 0 ? path.slice(0, cut + 1) : path.slice(0, cut)
}

/** A file as a browser has it; `path` with the folders that were dropped, e.g. `photos/cat/1.jpg`. */
export interface FileToUpload {
  readonly path: string
  readonly size: number
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

export interface SortedDrop {
  readonly input: string | null
  readonly model: string | null
  readonly note: string
}

/** The first of each kind is taken; single images stand for their folder. */
export function sortDropped(paths: readonly string[]): SortedDrop {
  const text = strings.setup
  const models = paths.filter(isModelFile)
  const others = paths.filter((path) => !isModelFile(path))
  const places = [...new Set(others.map((path) => (isImageFile(path) ? folderOf(path) : path)))]
  const single = others.some(isImageFile)
  const [input = null] = places
  const [model = null] = models
  const many = places.length > 1 ? input : models.length > 1 ? model : null
  return { input, model, note: many !== null ? text.dropSeveral(nameOf(many)) : single ? text.dropSingle : '' }
}
