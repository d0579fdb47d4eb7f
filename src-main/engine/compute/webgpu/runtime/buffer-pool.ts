// The device's memory: buffers by size class, used again as soon as their tensor is disposed. That is safe while commands that were recorded before are not
// yet done, since the queue works in order; only an upload, which goes ahead of what is recorded, must not take a buffer that the recording uses.
//
// Of those that are free the oldest is taken, whenever it was let go: so each step of a method finds its tensors where the step before had them, and the bind
// groups made for that one serve it too. (Taking the one let go last makes two of three anew in a step of PALM, which costs more than all else of its recording.)

/** A buffer of the pool. */
export interface Block {
  readonly buffer: GPUBuffer
  readonly bytes: number
  /** For keys of bind groups; never given twice. */
  readonly id: number
  /** Blocks of before a failure are not used again. */
  readonly generation: number
  /** The recording that used it last. */
  lastUse: number
}

/** GPUBufferUsage and GPUMapMode, as the specification numbers them (they are globals of browsers only). */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const
export const mapForReading = 1

const smallest = 256
/** What may lie unused beside the most that was ever alive at once. */
const spareBytes = 64 * 2 ** 20

/** Eight classes an octave: an eighth is wasted at most. */
export function sizeClass(bytes: number): number {
  if (bytes <= smallest) return smallest
  const step = Math.max(smallest, 2 ** (Math.floor(Math.log2(bytes)) - 3))
  return Math.ceil(bytes / step) * step
}

export class BufferPool {
  private readonly device: GPUDevice
  private readonly largest: number
  /** By size, and of a size the oldest first. */
  private readonly free = new Map<number, Block[]>()
  private readonly doomed: GPUBuffer[] = []
  private freeBytes = 0
  private usedBytes = 0
  private mostUsed = 0
  private nextId = 1
  private generation = 0

  constructor(device: GPUDevice) {
    this.device = device
    this.largest = device.limits.maxStorageBufferBindingSize
  }

  /** A block for `bytes`, which the recording `untouchedBy` does not use. Its contents are undefined. */
  take(bytes: number, untouchedBy: number | null = null): Block {
    const size = Math.min(sizeClass(bytes), this.largest)
    const block = this.takeFree(size, untouchedBy) ?? this.create(size)
    this.usedBytes += size
    this.mostUsed = Math.max(this.mostUsed, this.usedBytes)
    return block
  }

  give(block: Block): void {
    this.usedBytes -= block.bytes
    if (block.generation !== this.generation) {
      this.doomed.push(block.buffer)
      return
    }
    const blocks = this.free.get(block.bytes)
    if (blocks) blocks.splice(placeOf(block.id, blocks), 0, block)
    else this.free.set(block.bytes, [block])
    this.freeBytes += block.bytes
    this.trim(0)
  }

  /** Nothing that is alive or free now is used again: after a failure nobody knows which buffers exist. */
  startAnew(): void {
    this.generation += 1
    this.release(this.freeBytes)
  }

  /** To be called after a submission: what was let go may be named by commands before it. */
  destroyDoomed(): void {
    for (const buffer of this.doomed) buffer.destroy()
    this.doomed.length = 0
  }

  private takeFree(size: number, untouchedBy: number | null): Block | null {
    const blocks = this.free.get(size) ?? []
    const at = blocks.findIndex(({ lastUse }) => lastUse !== untouchedBy)
    const [block] = at < 0 ? [] : blocks.splice(at, 1)
    if (!block) return null
    this.freeBytes -= size
    return block
  }

  private create(size: number): Block {
    this.trim(size)
    const buffer = this.device.createBuffer({ size, usage: usage.storage | usage.copySource | usage.copyTarget })
    return { buffer, bytes: size, id: this.nextId++, generation: this.generation, lastUse: -1 }
  }

  private trim(coming: number): void {
    const excess =
      this.freeBytes + this.usedBytes + coming - (1.25 * Math.max(this.mostUsed, this.usedBytes + coming) + spareBytes)
    if (excess > 0) this.release(excess)
  }

  /** Lets go of those that lay unused for longest. */
  private release(bytes: number): void {
    const oldest = [...this.free.values()].flat().sort((a, b) => a.lastUse - b.lastUse)
    let left = bytes
    for (const block of oldest) {
      if (left <= 0) break
      const blocks = this.free.get(block.bytes) ?? []
      blocks.splice(blocks.indexOf(block), 1)
      this.freeBytes -= block.bytes
      left -= block.bytes
      this.doomed.push(block.buffer)
    }
  }
}

/** Where one of this id goes among those, which are in order. */
function placeOf(id: number, blocks: readonly Block[]): number {
  let [low, high] = [0, blocks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((blocks[middle]?.id ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
}
