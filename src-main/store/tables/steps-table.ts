// One row per lane and step, with the layer report as a blob; and the finished domains' sums.
import { z } from 'zod'
import {
  domainMetricSchema,
  stepReportSchema,
  type DomainMetric,
  type LayerReport,
  type StepReport,
} from '#contract/tables/report.ts'
import type { LaneSteps } from '#contract/columns/step-columns.ts'
import type { LaneCurve } from '#contract/compare/compare.ts'
import { curvesOf } from '#store/curves.ts'
import { decodeLayers, encodeLayers } from '#store/codecs/layer-blob.ts'
import type { Connection } from '#store/open-database.ts'
import { jsonOf, parseRow } from '#store/rows.ts'
import { gatherSteps, type StepRow } from '#store/codecs/step-columns.ts'

const rowSchema = z.looseObject({
  losses: z.string(),
  predicted: z.string(),
  layers: z.instanceof(Uint8Array).nullable(),
})

const blobSchema = z.object({ step: z.number().int(), layers: z.instanceof(Uint8Array) })

export class StepsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  insert(run: number, report: StepReport): void {
    this.db
      .prepare(
        `INSERT INTO steps (run, step, lane, domain, images, labelled, correct, seen, losses, kept, adapted_share, mean_confidence, mean_entropy, agreement, estimate, predicted, step_ms, peak_bytes, layers)
         VALUES (@run, @step, @lane, @domain, @images, @labelled, @correct, @seen, @losses, @kept, @adaptedShare, @meanConfidence, @meanEntropy, @agreement, @estimate, @predicted, @stepMs, @peakBytes, @layers)`,
      )
      .run({
        ...report,
        run,
        losses: JSON.stringify(report.losses),
        predicted: JSON.stringify(report.predicted),
        layers: report.layers ? encodeLayers(report.layers) : null,
      })
  }

  /** In order of step, then lane as inserted by name. */
  all(run: number): StepReport[] {
    return this.db
      .prepare(
        `SELECT lane, step, domain, images, labelled, correct, seen, losses, kept, adapted_share AS adaptedShare, mean_confidence AS meanConfidence,
         mean_entropy AS meanEntropy, agreement, estimate, predicted, step_ms AS stepMs, peak_bytes AS peakBytes, layers FROM steps WHERE run = ? ORDER BY step, lane`,
      )
      .all(run)
      .map((row) => this.report(row))
  }

  /** All of a run's steps as columns, lanes by name; without the layer reports. */
  columns(run: number): LaneSteps[] {
    const rows = this.db
      .prepare(
        `SELECT lane, losses, predicted, step, domain, images, labelled, correct, seen, kept, adapted_share, mean_confidence, mean_entropy, agreement, estimate, step_ms, peak_bytes
         FROM steps WHERE run = ? ORDER BY step, lane`,
      )
      .raw()
      .iterate(run)
    return gatherSteps(rows as IterableIterator<StepRow>)
  }

  /** The layer reports of one lane in [from, to), as blobs (layer-blob.ts), in order of step. */
  layerBlobs(run: number, lane: string, from: number, to: number): { step: number; layers: Uint8Array }[] {
    return this.db
      .prepare(
        'SELECT step, layers FROM steps WHERE run = ? AND step >= ? AND step < ? AND lane = ? AND layers IS NOT NULL ORDER BY step',
      )
      .all(run, from, to, lane)
      .map((row) => parseRow(blobSchema, row, 'steps'))
  }

  at(run: number, step: number): StepReport[] {
    return this.db
      .prepare(
        `SELECT lane, step, domain, images, labelled, correct, seen, losses, kept, adapted_share AS adaptedShare, mean_confidence AS meanConfidence,
         mean_entropy AS meanEntropy, agreement, estimate, predicted, step_ms AS stepMs, peak_bytes AS peakBytes, layers FROM steps WHERE run = ? AND step = ? ORDER BY lane`,
      )
      .all(run, step)
      .map((row) => this.report(row))
  }

  /** Per lane: time of all steps, most memory, mean share of parameters moved. */
  costs(run: number): { lane: string; totalMs: number; images: number; peakBytes: number; adaptedShare: number }[] {
    const schema = z.object({
      lane: z.string(),
      totalMs: z.number(),
      images: z.number(),
      peakBytes: z.number(),
      adaptedShare: z.number(),
    })
    return this.db
      .prepare(
        'SELECT lane, sum(step_ms) AS totalMs, sum(images) AS images, max(peak_bytes) AS peakBytes, avg(adapted_share) AS adaptedShare FROM steps WHERE run = ? GROUP BY lane',
      )
      .all(run)
      .map((row) => parseRow(schema, row, 'steps'))
  }

  /** Few points of each lane, for a picture. */
  curves(run: number, points: number): LaneCurve[] {
    return curvesOf(this.db, run, points)
  }

  /** The layer reports of one lane, in order, with their domains. */
  layersOf(run: number, lane: string): { domain: number; layers: LayerReport }[] {
    return this.db
      .prepare('SELECT domain, layers FROM steps WHERE run = ? AND lane = ? AND layers IS NOT NULL ORDER BY step')
      .all(run, lane)
      .map((value) => {
        const row = parseRow(z.object({ domain: z.number().int(), layers: z.instanceof(Uint8Array) }), value, 'steps')
        return { domain: row.domain, layers: decodeLayers(row.layers) }
      })
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
