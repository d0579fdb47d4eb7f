// One row per lane and step, and the layer report as a blob; and the finished domains' sums.
import { z } from 'zod'
import type { PalmError } from '#contract/errors.ts'
import { domainMetricSchema, stepReportSchema, type DomainMetric, type StepReport } from '#contract/tables/report.ts'
import type { LaneSteps } from '#contract/columns/step-columns.ts'
import type { LaneCurve } from '#contract/compare/compare.ts'
import { costsOf, curvesOf, type LaneCost } from '#store/curves.ts'
import { decodeLayers, encodeLayers, layerArrays, type LayerArrays } from '#store/codecs/layer-blob.ts'
import type { Connection } from '#store/open-database.ts'
import { jsonOf, parseRow } from '#store/rows.ts'
import { StretchesTable } from './stretches-table.ts'
import { gatherSteps } from '#store/codecs/step-columns.ts'

const rowSchema = z.looseObject({
  losses: z.string(),
  predicted: z.string(),
  layers: z.instanceof(Uint8Array).nullable(),
})

/** Its layer report, in the table of its own; those of runs of before 007 lie in `steps`. */
const ofStep =
  '(SELECT own.layers FROM step_layers AS own WHERE own.run = steps.run AND own.step = steps.step AND own.lane = steps.lane)'
const stretchOfLane = 'run = @run AND step >= @from AND step < @to AND lane = @lane'

const blobSchema = z.object({ step: z.number().int(), layers: z.instanceof(Uint8Array) })

export class StepsTable {
  private readonly db: Connection
  private readonly stretches: StretchesTable

  constructor(db: Connection) {
    this.db = db
    this.stretches = new StretchesTable(db)
  }

  insert(run: number, { layers, ...own }: StepReport): void {
    this.db
      .prepare(
        `INSERT INTO steps (run, step, lane, domain, images, labelled, correct, seen, losses, kept, adapted_share, mean_confidence, mean_entropy, agreement, estimate, predicted, step_ms, peak_bytes)
         VALUES (@run, @step, @lane, @domain, @images, @labelled, @correct, @seen, @losses, @kept, @adaptedShare, @meanConfidence, @meanEntropy, @agreement, @estimate, @predicted, @stepMs, @peakBytes)`,
      )
      .run({ ...own, run, losses: JSON.stringify(own.losses), predicted: JSON.stringify(own.predicted) })
    if (layers)
      this.db
        .prepare('INSERT INTO step_layers (run, step, lane, layers) VALUES (?, ?, ?, ?)')
        .run(run, own.step, own.lane, encodeLayers(layers))
  }

  /** In order of step, then lane as inserted by name. */
  all(run: number): StepReport[] {
    return this.db
      .prepare(
        `SELECT lane, step, domain, images, labelled, correct, seen, losses, kept, adapted_share AS adaptedShare, mean_confidence AS meanConfidence,
         mean_entropy AS meanEntropy, agreement, estimate, predicted, step_ms AS stepMs, peak_bytes AS peakBytes, coalesce(${ofStep}, layers) AS layers FROM steps WHERE run = ? ORDER BY step, lane`,
      )
      .all(run)
      .map((row) => this.report(row))
  }

  /** All of a run's steps as columns, lanes by name; without the layer reports. Rows that cannot be read are left out and told. */
  columns(run: number, onDamage?: (error: PalmError) => void): LaneSteps[] {
    return gatherSteps(this.stretches.all(run, onDamage))
  }

  /** Packs steps for quicker reading (stretches-table.ts), when a stretch of them is whole. Belongs in a transaction. @returns whether there are more */
  pack(run: number, most = 2): boolean {
    return this.stretches.pack(run, most)
  }

  /** The layer reports of one lane in [from, to), as blobs (layer-blob.ts), in order of step. */
  layerBlobs(run: number, lane: string, from: number, to: number): { step: number; layers: Uint8Array }[] {
    return this.db
      .prepare(
        `SELECT step, layers FROM step_layers WHERE ${stretchOfLane}
         UNION ALL SELECT step, layers FROM steps WHERE ${stretchOfLane} AND layers IS NOT NULL ORDER BY step`,
      )
      .all({ run, lane, from, to })
      .map((row) => parseRow(blobSchema, row, 'steps'))
  }

  /**
   * Removes the tensor reports of steps in [from, to) but those of every k-th, of each domain's end, and where lanes collapsed, options changed or checkpoints were made. Reports of runs of
   * before 007, which lie in the steps themselves, stay. Belongs in a transaction.
   */
  thinLayers(
    run: number,
    {
      every,
      from,
      to,
      ends,
    }: { readonly every: number; readonly from: number; readonly to: number; readonly ends: readonly number[] },
  ): void {
    this.db
      .prepare(
        `DELETE FROM step_layers WHERE run = @run AND step >= @from AND step < @to AND step % @every <> 0 AND step NOT IN (
         SELECT value FROM json_each(@ends) UNION SELECT step FROM collapses WHERE run = @run
         UNION SELECT step FROM option_changes WHERE run = @run UNION SELECT step FROM checkpoints WHERE run = @run)`,
      )
      .run({ run, every, from, to, ends: JSON.stringify(ends.filter((end) => end >= from && end < to)) })
  }

  at(run: number, step: number): StepReport[] {
    return this.db
      .prepare(
        `SELECT lane, step, domain, images, labelled, correct, seen, losses, kept, adapted_share AS adaptedShare, mean_confidence AS meanConfidence,
         mean_entropy AS meanEntropy, agreement, estimate, predicted, step_ms AS stepMs, peak_bytes AS peakBytes, coalesce(${ofStep}, layers) AS layers FROM steps WHERE run = ? AND step = ? ORDER BY lane`,
      )
      .all(run, step)
      .map((row) => this.report(row))
  }

  /** Per lane: time of all steps, most memory, mean share of parameters moved. */
  costs(run: number): LaneCost[] {
    return costsOf(this.stretches.all(run))
  }

  /** Few points of each lane, for a picture. */
  curves(run: number, points: number): LaneCurve[] {
    return curvesOf(this.stretches.all(run), points)
  }

  /** The layer reports of one lane in [from, to), in order, with their domains. */
  layersOf(run: number, lane: string, from: number, to: number): { domain: number; layers: LayerArrays }[] {
    const schema = z.object({ domain: z.number().int(), layers: z.instanceof(Uint8Array).nullable() })
    return this.db
      .prepare(`SELECT domain, coalesce(${ofStep}, layers) AS layers FROM steps WHERE ${stretchOfLane} ORDER BY step`)
      .all({ run, lane, from, to })
      .map((row) => parseRow(schema, row, 'steps'))
      .flatMap(({ domain, layers }) => (layers ? [{ domain, layers: layerArrays(layers) }] : []))
  }

  /** Sums over the steps of a domain, per lane. Steps before its first, as the plan says, are not looked at: there may be ten thousand. */
  domainSums(run: number, domain: number): DomainMetric[] {
    return this.db
      .prepare(`SELECT lane, domain, sum(images) AS images, sum(labelled) AS labelled, sum(correct) AS correct, sum(images * mean_confidence) / sum(images) AS confidence,
         sum(images * mean_entropy) / sum(images) AS entropy, sum(images * agreement) / sum(images) AS agreement, sum(images * estimate) / sum(images) AS estimate
         FROM steps WHERE run = @run AND domain = @domain
         AND step >= coalesce((SELECT json_extract(plan, @path) FROM runs WHERE id = @run), 0) GROUP BY lane`)
      .all({ run, domain, path: `$.domains[${domain}].firstStep` })
      .map((row) => parseRow(domainMetricSchema, row, 'steps'))
  }

  insertDomain(run: number, metric: DomainMetric): void {
    this.db
      .prepare(
        'INSERT OR REPLACE INTO domain_metrics (run, domain, lane, images, labelled, correct, confidence, entropy, agreement, estimate) VALUES (@run, @domain, @lane, @images, @labelled, @correct, @confidence, @entropy, @agreement, @estimate)',
      )
      .run({ ...metric, run })
  }

  domains(run: number): DomainMetric[] {
    return this.db
      .prepare(
        'SELECT lane, domain, images, labelled, correct, confidence, entropy, agreement, estimate FROM domain_metrics WHERE run = ? ORDER BY domain, lane',
      )
      .all(run)
      .map((row) => parseRow(domainMetricSchema, row, 'domain_metrics'))
  }

  private report(value: unknown): StepReport {
    const row = parseRow(rowSchema, value, 'steps')
    return parseRow(
      stepReportSchema,
      {
        ...row,
        losses: jsonOf(row.losses, 'steps'),
        predicted: jsonOf(row.predicted, 'steps'),
        layers: row.layers ? decodeLayers(row.layers) : null,
      },
      'steps',
    )
  }
}
