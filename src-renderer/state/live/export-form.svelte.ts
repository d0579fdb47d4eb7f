// What the export dialog asks and learns: which checkpoint, which format, where to; then the verified file or the reason why not. Runs without a page.
import { toWireError, type WireError } from '#contract/errors.ts'
import {
  exportFormats,
  formatEndings,
  usualBatches,
  type ExportFormat,
  type ExportRequest,
  type ExportResult,
} from '#contract/models/export.ts'
import type { CheckpointInfo } from '#contract/tables/report.ts'

export class ExportForm {
  lane = $state('')
  checkpoint = $state(0)
  format = $state<ExportFormat>('safetensors')
  changedOnly = $state(false)
  statistics = $state<'usual' | 'source' | 'estimated'>('usual')
  batches = $state<number | null>(usualBatches)
  state = $state<'asking' | 'writing' | 'written'>('asking')
  error = $state.raw<WireError | null>(null)
  result = $state.raw<ExportResult | null>(null)
  private typed = $state<string | null>(null)
  private readonly run: number
  private readonly dataFolder: string
  private readonly checkpoints: readonly CheckpointInfo[]
  private readonly write: (request: ExportRequest) => Promise<ExportResult>

  constructor(
    run: number,
    checkpoints: readonly CheckpointInfo[],
    dataFolder: string,
    write: (request: ExportRequest) => Promise<ExportResult>,
    chosen: CheckpointInfo | null = null,
  ) {
    this.run = run
    this.checkpoints = checkpoints
    this.dataFolder = dataFolder
    this.write = write
    const { lanes } = this
    this.chooseLane(chosen?.lane ?? (lanes.includes('palm') ? 'palm' : (lanes[0] ?? '')))
    if (chosen) this.checkpoint = chosen.id
  }

  get lanes(): string[] {
    return [...new Set(this.checkpoints.map(({ lane }) => lane))]
  }

  /** Newest first. */
  get ofLane(): CheckpointInfo[] {
    return this.checkpoints.filter(({ lane }) => lane === this.lane).toSorted((a, b) => b.step - a.step)
  }

  /** The newest checkpoint of that lane. */
  chooseLane(lane: string): void {
    this.lane = lane
    this.checkpoint = this.ofLane[0]?.id ?? 0
  }

  get canBeChangedOnly(): boolean {
    return this.format === 'safetensors' || this.format === 'torch'
  }

  /** As typed, else a name of its own beside the data. */
  get path(): string {
    return this.typed ?? this.usualPath
  }

  set path(path: string) {
    this.typed = path
  }

  /** Of a dialog: the ending that was typed there is the format; one that is missing is added. */
  takePath(path: string): void {
    const format = exportFormats.find((one) => formatEndings[one].some((ending) => path.toLowerCase().endsWith(ending)))
    if (format) this.format = format
    const bare = /[\\/][^\\/.]+$/.test(path)
    this.typed = !format && bare ? `${path}${formatEndings[this.format][0] ?? ''}` : path
  }

  chooseFormat(format: ExportFormat): void {
    const before = formatEndings[this.format].find((ending) => this.typed?.endsWith(ending))
    if (this.typed !== null)
      this.typed = `${before ? this.typed.slice(0, -before.length) : this.typed}${formatEndings[format][0] ?? ''}`
    this.format = format
  }

  get ready(): boolean {
    const batches =
      this.statistics !== 'estimated' ||
      (Number.isInteger(this.batches) && (this.batches ?? 0) >= 1 && (this.batches ?? 0) <= 1000)
    return this.state !== 'writing' && this.checkpoint > 0 && this.path.trim() !== '' && batches
  }

  request(): ExportRequest {
    return {
      run: this.run,
      checkpoint: this.checkpoint,
      path: this.path.trim(),
      format: this.format,
      delta: this.changedOnly && this.canBeChangedOnly,
      statisticsFrom: this.statistics === 'estimated' ? this.batches : null,
      usualStatistics: this.statistics === 'usual',
      withPaths: false,
    }
  }

  async submit(): Promise<void> {
    if (!this.ready) return
    this.state = 'writing'
    this.error = null
    this.result = null
    try {
      this.result = await this.write(this.request())
      this.state = 'written'
    } catch (thrown) {
      this.error = toWireError(thrown)
      this.state = 'asking'
    }
  }

  private get usualPath(): string {
    const separator = this.dataFolder.includes('\\') ? '\\' : '/'
    const newest = this.ofLane[0]
    const step =
      newest && newest.id !== this.checkpoint
        ? `-step${this.ofLane.find(({ id }) => id === this.checkpoint)?.step ?? ''}`
        : ''
    return [
      this.dataFolder,
      'exports',
      `run${this.run}-${this.lane}${step}${formatEndings[this.format][0] ?? '-tfjs'}`,
    ].join(separator)
  }
}
