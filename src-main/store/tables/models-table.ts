// The library's rows: one per model that was added.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { libraryModelSchema, type LibraryModel, type ModelChanges } from '#contract/models/library.ts'
import type { Connection } from '#store/open-database.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import { damagedRowOf, jsonOf, parseRow, readEach, type ReadRows } from '#store/rows.ts'

const rowSchema = z.looseObject({ mean: z.string(), std: z.string(), class_names: z.string().nullable() })

export class ModelsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** Newest first; those that can be read. */
  list(): LibraryModel[] {
    return this.read().rows
  }

  damaged(): DamagedRow[] {
    return this.read().damaged
  }

  private read(): ReadRows<LibraryModel, DamagedRow> {
    const rows = this.db.prepare('SELECT * FROM models ORDER BY id DESC').all()
    return readEach(rows, (row) => this.model(row), damagedRowOf('models'))
  }

  /** By number or name. @throws PalmError `model-not-found` */
  get(idOrName: number | string): LibraryModel {
    const row = this.db
      .prepare(`SELECT * FROM models WHERE ${typeof idOrName === 'number' ? 'id' : 'name'} = ?`)
      .get(idOrName)
    if (row === undefined)
      throw new PalmError(
        'model-not-found',
        `There is no model ${typeof idOrName === 'number' ? idOrName : `“${idOrName}”`} in the library.`,
      )
    return this.model(row)
  }

  /** The name, or the name with a number behind it where it is taken. */
  freeName(name: string): string {
    const taken = (candidate: string) =>
      this.db.prepare('SELECT 1 FROM models WHERE name = ?').get(candidate) !== undefined
    let free = name
    for (let n = 2; taken(free); n++) free = `${name} (${n})`
    return free
  }

  insert(model: Omit<LibraryModel, 'id'>): LibraryModel {
    const { lastInsertRowid } = this.db
      .prepare(
        `INSERT INTO models (name, file, source_file, added_at, hash, format, architecture, parameters, classes, size_bytes, mean, std, input_size, class_names, licence)
         VALUES (@name, @path, @sourceFile, @addedAt, @hash, @format, @architecture, @parameters, @classes, @sizeBytes, @mean, @std, @inputSize, @classNames, @licence)`,
      )
      .run({
        ...model,
        mean: JSON.stringify(model.normalization.mean),
        std: JSON.stringify(model.normalization.std),
        classNames: model.classNames ? JSON.stringify(model.classNames) : null,
      })
    return this.get(Number(lastInsertRowid))
  }

  /** @throws PalmError `model-not-found`, `bad-request` when the name is taken */
  update(id: number, changes: ModelChanges): LibraryModel {
    const before = this.get(id)
    if (changes.name !== undefined && changes.name !== before.name && this.freeName(changes.name) !== changes.name)
      throw new PalmError('bad-request', `There is a model “${changes.name}” already.`)
    const after = {
      ...before,
      ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)),
    }
    if (after.classNames && after.classNames.length !== after.classes)
      throw new PalmError(
        'bad-request',
        `“${after.name}” has ${after.classes} classes, not ${after.classNames.length}.`,
      )
    this.db
      .prepare(
        'UPDATE models SET name = @name, mean = @mean, std = @std, input_size = @inputSize, class_names = @classNames WHERE id = @id',
      )
      .run({
        id,
        name: after.name,
        inputSize: after.inputSize,
        mean: JSON.stringify(after.normalization.mean),
        std: JSON.stringify(after.normalization.std),
        classNames: after.classNames ? JSON.stringify(after.classNames) : null,
      })
    return this.get(id)
  }

  remove(id: number): void {
    this.get(id)
    this.db.prepare('DELETE FROM models WHERE id = ?').run(id)
  }

  private model(value: unknown): LibraryModel {
    const row = parseRow(rowSchema, value, 'models')
    const { file, source_file, added_at, size_bytes, input_size, mean, std, class_names, ...rest } = row
    return parseRow(
      libraryModelSchema,
      {
        ...rest,
        path: file,
        sourceFile: source_file,
        addedAt: added_at,
        sizeBytes: size_bytes,
        inputSize: input_size,
        normalization: { mean: jsonOf(mean, 'models'), std: jsonOf(std, 'models') },
        classNames: class_names === null ? null : jsonOf(class_names, 'models'),
      },
      'models',
    )
  }
}
