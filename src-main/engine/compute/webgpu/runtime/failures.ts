// What goes wrong on the device is known only later: errors are caught by scopes around each submission, and thrown by the next kernel or read. A result that
// an error may have touched is never read.
import { PalmError } from '#contract/errors.ts'

const outOfMemory =
  'The graphics card ran out of memory. Try a smaller batch size, fewer methods in one run, or a smaller model.'
const filters = ['validation', 'internal', 'out-of-memory'] as const

export class DeviceFailures {
  private readonly device: GPUDevice
  private readonly cleared: () => void
  private open = false
  private waiting: Promise<void>[] = []
  private found: PalmError | null = null
  private lost: PalmError | null = null

  /** `cleared` is called when a failure was told. */
  constructor(device: GPUDevice, cleared: () => void) {
    this.device = device
    this.cleared = cleared
    void device.lost.then(({ reason, message }) => {
      this.lost = new PalmError(
        'device-lost',
        'The graphics card stopped answering (its driver was reset, or it was taken away). What was computed up to the last step is kept.',
        `${reason}: ${message}`,
      )
    })
  }

  /** Before anything is asked of the device. @throws PalmError what is known by now */
  begin(): void {
    this.tell()
    if (this.open) return
    this.open = true
    for (const filter of filters) this.device.pushErrorScope(filter)
  }

  /** After a submission. */
  end(): void {
    if (!this.open) return
    this.open = false
    for (const filter of filters.toReversed())
      this.waiting.push(
        this.device.popErrorScope().then(
          (error) => {
            if (error) this.note(filter, error.message)
          },
          () => undefined, // the device is lost, which is told by `lost`
        ),
      )
  }

  /** Once everything submitted so far has been looked at. @throws PalmError `out-of-memory`, `device-lost`, `internal` */
  async settle(): Promise<void> {
    const { waiting } = this
    this.waiting = []
    await Promise.all(waiting)
    this.tell()
  }

  /** Of a wait that the device broke off. */
  async afterRefusal(cause: unknown): Promise<PalmError> {
    await Promise.race([this.device.lost, Promise.resolve()])
    const failure = this.lost ?? this.found
    if (failure) return failure
    return new PalmError('device-lost', 'The graphics card did not give its results.', String(cause), { cause })
  }

  private tell(): void {
    if (this.lost) throw this.lost
    if (!this.found) return
    const failure = this.found
    this.found = null
    this.cleared()
    throw failure
  }

  private note(filter: (typeof filters)[number], message: string): void {
    // Whatever follows from a buffer that there was no memory for is told as that.
    if (filter === 'out-of-memory') this.found = new PalmError('out-of-memory', outOfMemory, message)
    else this.found ??= new PalmError('internal', 'The graphics card refused a command.', message)
  }
}
