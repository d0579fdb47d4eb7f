// The system's own dialogs and its file manager.
import { app, dialog, shell, type FileFilter } from 'electron'
import type { Dialogs } from '#app/services/app.ts'
import type { GrantParts } from '#app/services/grants.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import { pickedEndings } from '#contract/files/listing.ts'
import { formatEndings } from '#contract/models/export.ts'

const weights = ['safetensors', 'pth', 'pt', 'onnx', 'json']

/** The system's dialogs, under the titles that it gives them in its language. Null when the person closes one without choosing. */
export const dialogs: Dialogs = {
  // Elsewhere a dialog that is asked for both takes folders only (Electron's documentation).
  picksEither: process.platform === 'darwin',
  async pickFolder(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({
      properties: ['openDirectory'],
    })
    return filePaths[0] ?? null
  },
  async pickModel(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({
      properties: ['openFile'],
      filters: [{ name: weights.map((ending) => `.${ending}`).join(' '), extensions: weights }],
    })
    return filePaths[0] ?? null
  },
  async pickImages(what) {
    const { filePaths } = await dialog.showOpenDialog({
      properties: what === 'either' ? ['openFile', 'openDirectory'] : [what === 'file' ? 'openFile' : 'openDirectory'],
      ...(what === 'folder' ? {} : { filters: filtersOf(pickedEndings.images) }),
    })
    return filePaths[0] ?? null
  },
  async save(from, format) {
    const { canceled, filePath } = await dialog.showSaveDialog({
      properties: ['createDirectory', 'showOverwriteConfirmation'],
      defaultPath: from,
      filters: filtersOf(formatEndings[format]),
    })
    return canceled || filePath === '' ? null : filePath
  },
}

/** One row of all of them; none where everything fits. Systems know the last part of an ending only. */
function filtersOf(endings: readonly string[]): FileFilter[] {
  const extensions = [...new Set(endings.map((ending) => ending.slice(ending.lastIndexOf('.') + 1)))]
  return extensions.length === 0 ? [] : [{ name: extensions.map((one) => `.${one}`).join(' '), extensions }]
}

/** Nothing from the start: what a person chooses in a dialog or drops on the window is added. */
export const electronPlaces: Pick<GrantParts, 'roots' | 'remedy'> = {
  roots: [],
  remedy: 'Choose it with the button beside the field, or drop it on the window.',
}

export async function openFolder(folder: string): Promise<void> {
  const problem = await shell.openPath(folder)
  if (problem) throw new PalmError('input-unreadable', `${folder} could not be opened: ${problem}`)
}

/** Says why the program cannot start, and ends it. */
export function refuseToStart(thrown: unknown): void {
  const { message, detail } = toWireError(thrown)
  dialog.showErrorBox('PALM Studio cannot start', detail === undefined ? message : `${message}\n\n${detail}`)
  app.exit(1)
}
