// The table of `palm sweep tune`: PALM's settings by their risk, judged without labels. Pure.
import type { SweepResults, SweepRisk } from '#contract/sweeps/sweep.ts'
import { fromColumns, marked, type Table } from './table.ts'

const guess =
  'A guess, judged without labels: how unsure a setting’s answers are, and three times as much how far they are less varied than BN-1’s on the same images. The first falls as adapting helps, the second rises where a setting is too bold and forgets classes. Neither is an error rate.'

const nothing: Pick<Table, 'notes' | 'head' | 'rows' | 'foreign'> = {
  notes: [
    'Nothing to judge yet: that takes BN-1 and at least two settings of PALM, computed, with the answers that runs keep.',
  ],
  head: [],
  rows: [],
  foreign: false,
}

export function riskTables(risks: readonly SweepRisk[], results: SweepResults): Table[] {
  const named = results.definition.title || results.definition.name
  const judged = risks.filter(({ images }) => images > 0)
  if (judged.length === 0) return [{ title: named, ...nothing }]
  return judged.map(({ input, model, schedule, images, rows, missing }) => {
    const column = (of: (row: SweepRisk['rows'][number]) => number | null, best: 'low' | null) =>
      marked(rows.map(of), 1, best)
    const shown = (risk: number) => risk.toFixed(1)
    const lowest = shown(Math.min(...rows.map(({ riskPct }) => riskPct)))
    const least = rows.filter(({ riskPct }) => shown(riskPct) === lowest).map(({ label }) => label)
    const labelled = rows.some(({ errorPct }) => errorPct !== null)
    const place = `${results.inputNames[input]} / ${results.modelNames[model]}, ${schedule}`
    return {
      title: `${named}${judged.length > 1 ? ` (${place})` : ''}`,
      notes: [
        least.length < rows.length
          ? `Least risk: ${least.join(' / ')}, over ${images} images.`
          : `All settings have the same risk, over ${images} images.`,
        ...(missing.length > 0 ? [`Not judged, because nothing of it is computed: ${missing.join(' / ')}.`] : []),
        guess,
        ...(labelled ? ['The error is from the labels that these images have; it plays no part in the guess.'] : []),
      ],
      foreign: false,
      head: ['setting', 'risk %', 'unsure %', 'less varied %', ...(labelled ? ['mean error %'] : [])],
      rows: fromColumns(
        rows.map(({ label }) => label),
        [
          column(({ riskPct }) => riskPct, 'low'),
          column(({ unsurePct }) => unsurePct, null),
          column(({ lessVariedPct }) => lessVariedPct, null),
          ...(labelled ? [column(({ errorPct }) => errorPct, null)] : []),
        ],
      ),
    }
  })
}
