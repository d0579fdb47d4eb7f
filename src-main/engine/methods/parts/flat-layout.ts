// Where the tensors that a method adapts lie in one buffer: rows of `width` elements, each tensor beginning at a row of its own, the last row empty. What
// is done to all of them is then one kernel, and what is summed for each of them three.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { deviceShape, elementCount, fromFileLayout, toFileLayout, type TensorInfo } from '#engine/models/model.ts'
import type { NamedArray } from '#engine/methods/method.ts'

/** A row is as short as a cache line, unless the largest tensor would have more rows than this. */
const mostRows = 4096
const shortest = 16

export class FlatLayout {
  readonly names: readonly string[]
  /** Elements of each tensor. */
  readonly elements: readonly number[]
  readonly width: number
  readonly rows: number
  private readonly device: Device
  private readonly infos: readonly TensorInfo[]
  private readonly known: ReadonlySet<string>
  /** Indices of names in the order of the buffer. */
  private readonly stored: readonly number[]
  private readonly firstRows: readonly number[]
  private readonly rowCounts: readonly number[]
  /** The device's; made on first use. */
  private indices: { readonly owners: DeviceTensor; readonly places: DeviceTensor } | null = null

  constructor(device: Device, infos: readonly TensorInfo[]) {
    this.device = device
    this.infos = infos
    this.names = infos.map(({ name }) => name)
    this.known = new Set(this.names)
    this.elements = infos.map(({ shape }) => elementCount(shape))
    let width = shortest
    while (Math.max(...this.elements) / width > mostRows) width *= 2
    this.width = width
    this.rowCounts = this.elements.map((size) => Math.ceil(size / width))
    // Those of one shape beside each other, the order of names for the rest: a device can move them together.
    const shapes = infos.map((info) => deviceShape(info).join())
    this.stored = infos
      .map((_, i) => i)
      .sort((a, b) => shapes.indexOf(shapes[a] ?? '') - shapes.indexOf(shapes[b] ?? ''))
    const firstRows = new Array<number>(infos.length).fill(0)
    let row = 0
    for (const i of this.stored) {
      firstRows[i] = row
      row += this.rowCounts[i] as number
    }
    this.firstRows = firstRows
    this.rows = row + 1
  }

  has(name: string): boolean {
    return this.known.has(name)
  }

  /** [rows, width]; tensors that are missing count as zeros. */
  pack(tensors: ReadonlyMap<string, DeviceTensor>): DeviceTensor {
    const parts: (DeviceTensor | number)[] = []
    let zeros = 0
    const flush = () => {
      if (zeros > 0) parts.push(zeros)
      zeros = 0
    }
    for (const i of this.stored) {
      const tensor = tensors.get(this.names[i] as string)
      const room = (this.rowCounts[i] as number) * this.width
      if (!tensor) {
        zeros += room
        continue
      }
      flush()
      parts.push(tensor)
      zeros = room - (this.elements[i] as number)
    }
    zeros += this.width
    flush()
    return this.device.pack(parts, this.width)
  }

  /** The tensors of the names that are wanted, in the device's shapes; the caller's. */
  unpack(flat: DeviceTensor, wanted: (name: string) => boolean = () => true): Map<string, DeviceTensor> {
    const sizes: number[] = []
    const shapes: (readonly number[] | null)[] = []
    for (const i of this.stored) {
      const info = this.infos[i] as TensorInfo
      const size = this.elements[i] as number
      const spare = (this.rowCounts[i] as number) * this.width - size
      sizes.push(size)
      shapes.push(wanted(info.name) ? deviceShape(info) : null)
      if (spare === 0) continue
      sizes.push(spare)
      shapes.push(null)
    }
    const pieces = this.device.unpack(flat, [...sizes, this.width], [...shapes, null]).filter((piece) => piece !== null)
    const names = this.stored.map((i) => this.names[i] as string).filter(wanted)
    return new Map(names.map((name, i) => [name, pieces[i] as DeviceTensor]))
  }

  /** Sum over each tensor, [tensors]: over its rows first, then over their sums. */
  sums(flat: DeviceTensor): DeviceTensor {
    const { device } = this
    const ofRows = device.sum(flat, [1])
    const table = device.gather(ofRows, this.kept().places, 0)
    const sums = device.sum(table, [1])
    ofRows.dispose()
    table.dispose()
    return sums
  }

  /** One value for each tensor [tensors] as one for each row, [rows, 1], which broadcasts. */
  spread(values: DeviceTensor): DeviceTensor {
    return this.device.gather(values, this.kept().owners, 0)
  }

  /** The same from numbers on the host; one upload. */
  spreadNumbers(valueOf: (name: string) => number): DeviceTensor {
    const values = this.device.fromArray(Float32Array.from(this.names, valueOf), [this.names.length])
    const rows = this.spread(values)
    values.dispose()
    return rows
  }

  /** 1 in the rows of these tensors, else 0, [rows, 1]. */
  chosen(names: ReadonlySet<string>): DeviceTensor {
    return this.spreadNumbers((name) => Number(names.has(name)))
  }

  /** Values on the host by tensor, in file layout. */
  cut(values: Float32Array): Map<string, NamedArray> {
    return new Map(
      this.infos.map((info, i) => {
        const at = (this.firstRows[i] as number) * this.width
        const data = toFileLayout(info, values.slice(at, at + (this.elements[i] as number)))
        return [info.name, { shape: info.shape, data }]
      }),
    )
  }

  /** The way back, [rows, width]; tensors that are missing are zeros. @throws Error for one of another size */
  fromArrays(arrays: ReadonlyMap<string, NamedArray>): DeviceTensor {
    const values = new Float32Array(this.rows * this.width)
    for (const [i, info] of this.infos.entries()) {
      const array = arrays.get(info.name)
      if (!array) continue
      if (array.data.length !== this.elements[i]) throw new Error(`The state of ${info.name} has the wrong size`)
      values.set(fromFileLayout(info, array.data).data, (this.firstRows[i] as number) * this.width)
    }
    return this.device.fromArray(values, [this.rows, this.width])
  }

  dispose(): void {
    this.indices?.owners.dispose()
    this.indices?.places.dispose()
    this.indices = null
  }

  private kept() {
    if (this.indices) return this.indices
    const most = Math.max(...this.rowCounts)
    const places = new Int32Array(this.names.length * most).fill(this.rows - 1)
    const owners = new Int32Array(this.rows)
    for (const [i, first] of this.firstRows.entries()) {
      for (let row = 0; row < (this.rowCounts[i] as number); row++) {
        places[i * most + row] = first + row
        owners[first + row] = i
      }
    }
    this.indices = {
      owners: this.device.fromArray(owners, [this.rows, 1]),
      places: this.device.fromArray(places, [this.names.length, most]),
    }
    return this.indices
  }
}
