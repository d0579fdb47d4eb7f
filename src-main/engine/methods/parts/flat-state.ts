// A number for each element of what a method adapts, in one buffer: moments, moving averages, Fisher information. Arrays `PREFIX/NAME` of the tensors
// that something was ever written for; all others are zeros. `kept` survives a reset.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { AdaptedParameters } from './adapted-parameters.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import type { Arrays, StatePart } from './state-parts.ts'

export class FlatState implements StatePart {
  private readonly device: Device
  private readonly own: AdaptedParameters
  private readonly prefix: string
  private readonly kept: boolean
  private readonly written = new Set<string>()
  private flat: DeviceTensor | null = null

  constructor(device: Device, own: AdaptedParameters, prefix: string, kept = false) {
    this.device = device
    this.own = own
    this.prefix = prefix
    this.kept = kept
  }

  /** [rows, width], lent; null where nothing was written. */
  get(): DeviceTensor | null {
    return this.flat
  }

  orZeros(): DeviceTensor {
    const { rows, width } = this.own.layout
    this.flat ??= this.device.fill([rows, width], 0)
    return this.flat
  }

  /** Takes ownership and frees what was there. */
  set(flat: DeviceTensor, names: Iterable<string> = this.own.layout.names): void {
    this.flat?.dispose()
    this.flat = flat
    for (const name of names) this.written.add(name)
  }

  /** Takes over these tensors' part of `flat`, which stays the caller's; all others stay as they are. */
  put(flat: DeviceTensor, names: ReadonlySet<string>): void {
    const { device } = this
    const before = this.orZeros()
    const rows = this.own.layout.chosen(names)
    const away = device.sub(flat, before)
    const move = device.mul(away, rows)
    this.set(device.add(before, move), names)
    for (const tensor of [rows, away, move]) tensor.dispose()
  }

  async export(arrays: Arrays): Promise<void> {
    if (!this.flat || this.written.size === 0) return
    const values = this.own.layout.cut(await this.device.read(this.flat))
    for (const [name, array] of values) if (this.written.has(name)) arrays.set(`${this.prefix}/${name}`, array)
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    this.dispose()
    const own = new Map<string, NamedArray>()
    for (const [key, array] of arrays)
      if (key.startsWith(`${this.prefix}/`)) own.set(key.slice(this.prefix.length + 1), array)
    if (own.size > 0) this.set(this.own.layout.fromArrays(own), own.keys())
  }

  clear(): void {
    if (!this.kept) this.dispose()
  }

  dispose(): void {
    this.flat?.dispose()
    this.flat = null
    this.written.clear()
  }
}
