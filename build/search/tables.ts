// The results of the search as one table for each half: streams down, settings across, mean error in %, over seeds, and what holds of what was wanted. Then a
// table of each stream, by domain. Rows of one stream are of one network, that of its last result of `auto`, and of the seeds that all its settings have. npm run search:tables -- [--results FILE]
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { defaultFolders } from './folders.ts'
import { resultSchema } from './result.ts'
import { kappas } from './settings.ts'
import { streams } from './streams.ts'

const { values: args } = parseArgs({ options: { results: { type: 'string', default: defaultFolders.results } } })
const all = readFileSync(args.results, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => resultSchema.parse(JSON.parse(line)))
const networkOf = (stream: string) =>
  all.findLast((row) => row.stream === stream && row.setting === 'auto')?.network ?? ''
const ofNetwork = all.filter(({ stream, network }) => network === networkOf(stream))
const rivals = ['LAW', 'RMT', 'ROID', 'EATA'] as const
const published = 'PALM 0.0005'

/** Whether all that is compared was computed with it: else means of other seeds would stand side by side. */
function isWhole(stream: string, seed: number): boolean {
  const found = new Set(ofNetwork.filter((row) => row.stream === stream && row.seed === seed).map((row) => row.setting))
  return ['Source', 'BN-1', 'auto', published, ...rivals].every((setting) => found.has(setting))
}
const rows = ofNetwork.filter(({ stream, seed }) => seed === 0 || isWhole(stream, seed))

interface Cell {
  readonly mean: number
  readonly deviation: number
  readonly seeds: number
}

function cellOf(stream: string, setting: string): Cell | null {
  const errors = rows.filter((row) => row.stream === stream && row.setting === setting).map(({ error }) => error)
  if (errors.length === 0) return null
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  const square = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / Math.max(1, errors.length - 1)
  return { mean, deviation: Math.sqrt(square), seeds: errors.length }
}

const shown = (cell: Cell | null): string =>
  cell === null ? '–' : `${cell.mean.toFixed(2)}${cell.seeds > 1 ? ` ± ${cell.deviation.toFixed(2)}` : ''}`

for (const half of ['open', 'held-out'] as const) {
  console.log(`\n## ${half}\n`)
  console.log('| stream | Source | BN-1 | auto | best fixed kappa | PALM 5e-4 | LAW | RMT | ROID | EATA |')
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
  let [asGood, ahead, nearlyAhead, safe, complete] = [0, 0, 0, 0, 0]
  for (const [name, spec] of Object.entries(streams)) {
    if (spec.half !== half) continue
    const auto = cellOf(name, 'auto')
    const tried = kappas.flatMap((kappa) => {
      const cell = cellOf(name, `PALM ${kappa}`)
      return cell && cell.seeds === (auto?.seeds ?? 1) ? [{ kappa, cell }] : []
    })
    const best = tried.toSorted((a, b) => a.cell.mean - b.cell.mean)[0] ?? null
    const others = [published, ...rivals].map((setting) => cellOf(name, setting))
    const columns = [cellOf(name, 'Source'), cellOf(name, 'BN-1'), auto].map(shown)
    console.log(
      `| ${[name, ...columns, best ? `${shown(best.cell)} (${best.kappa})` : '–', ...others.map(shown)].join(' | ')} |`,
    )
    const unadapted = cellOf(name, 'BN-1')
    if (!auto || !best || !unadapted || others.includes(null)) continue
    complete += 1
    const leader = Math.min(...others.map((cell) => cell?.mean ?? Number.POSITIVE_INFINITY))
    if (auto.mean <= best.cell.mean) asGood += 1
    if (auto.mean < leader) ahead += 1
    if (auto.mean <= leader + 0.3) nearlyAhead += 1
    if (auto.mean <= unadapted.mean + 0.5) safe += 1
  }
  console.log(
    `\nOf ${complete} streams with all settings: at most the best fixed kappa on ${asGood}; below all of PALM 5e-4, LAW, RMT, ROID and EATA on ${ahead}, within 0.3 of them on ${nearlyAhead}; at most 0.5 behind BN-1 on ${safe}.`,
  )
}

for (const stream of Object.keys(streams)) {
  const own = rows.filter((row) => row.stream === stream)
  const settings = [...new Set(own.map(({ setting }) => setting))]
  const domains = own[0]?.domains.length ?? 0
  if (settings.length === 0) continue
  console.log(`\n### ${stream}\n`)
  console.log(`| setting | mean | ${Array.from({ length: domains }, (_, i) => i + 1).join(' | ')} |`)
  console.log(`| ${Array.from({ length: domains + 2 }, () => '---').join(' | ')} |`)
  for (const setting of settings) {
    const seeds = own.filter((row) => row.setting === setting)
    const perDomain = Array.from(
      { length: domains },
      (_, i) => seeds.reduce((sum, row) => sum + (row.domains[i] ?? Number.NaN), 0) / seeds.length,
    )
    console.log(`| ${[setting, shown(cellOf(stream, setting)), ...perDomain.map((e) => e.toFixed(1))].join(' | ')} |`)
  }
}
