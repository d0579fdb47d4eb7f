// A stretch of a lane's layer reports as so many columns, each the reduction of the steps in it: what the layer map draws. The program reduces what lies in the
// store, the window adds what comes live, both with this one class. Pure; numbers travel as base64 (layers.ts says in which sizes).

export const layerQuantities = ['learningRate', 'score', 'importance', 'change'] as const
/** `change`: ||theta - theta0|| / ||theta0||, how far a tensor is from the source's. */
export type LayerQuantity = (typeof layerQuantities)[number]

/** A layer report, as JSON or as typed arrays. Null and NaN: no value. */
export interface LayerValues {
  readonly states: ArrayLike<number>
  readonly scores: ArrayLike<number | null>
  readonly importances: ArrayLike<number | null>
  readonly learningRates: ArrayLike<number | null>
  readonly changes: ArrayLike<number | null> | null
}

export function valuesOf(layers: LayerValues, quantity: LayerQuantity): ArrayLike<number | null> | null {
  if (quantity === 'learningRate') return layers.learningRates
  if (quantity === 'score') return layers.scores
  return quantity === 'importance' ? layers.importances : layers.changes
}

/** Whether a step updated the tensor: selected now, of a method without selection, or going on with a rate of earlier on. */
export const moves = (state: number, learningRate: number | null): boolean =>
  state >= 2 || (state === 1 && learningRate !== null && learningRate > 0)

/** Of all values above 0 that went in; least > most where there was none. */
export interface ValueRange {
  readonly least: number
  readonly most: number
}
export const noRange: ValueRange = { least: Infinity, most: -Infinity }
export const joined = (a: ValueRange, b: ValueRange): ValueRange => ({
  least: Math.min(a.least, b.least),
  most: Math.max(a.most, b.most),
})

type Each<T> = Record<LayerQuantity, T>
export const eachQuantity = <T>(make: (quantity: LayerQuantity) => T): Each<T> => ({
  learningRate: make('learningRate'),
  score: make('score'),
  importance: make('importance'),
  change: make('change'),
})

export class LayerColumns {
  readonly from: number
  readonly to: number
  readonly columns: number
  readonly tensors: number
  /** Steps with a report, by column. */
  readonly steps: Float32Array
  /** Means over the steps that have a value, NaN without; [column * tensors + tensor]. */
  readonly means: Each<Float32Array>
  /** Share of the column's steps in which the tensor moved, and its state in the last of them. */
  readonly moved: Float32Array
  readonly states: Uint8Array
  readonly ranges: Each<ValueRange>
  private readonly counts: Each<Uint16Array> // a column of more than 65,535 steps would be none to look at

  /** Steps [from, to) in equal columns. */
  constructor(shape: {
    readonly from: number
    readonly to: number
    readonly columns: number
    readonly tensors: number
  }) {
    this.from = shape.from
    this.to = shape.to
    this.columns = shape.columns
    this.tensors = shape.tensors
    const cells = shape.columns * shape.tensors
    this.steps = new Float32Array(shape.columns)
    this.means = eachQuantity(() => new Float32Array(cells).fill(Number.NaN))
    this.moved = new Float32Array(cells)
    this.states = new Uint8Array(cells)
    this.counts = eachQuantity(() => new Uint16Array(cells))
    this.ranges = eachQuantity(() => noRange)
  }

  columnOf(step: number): number {
    return Math.floor(((step - this.from) * this.columns) / (this.to - this.from))
  }

  /** Steps come in order, each once; one outside, or of other tensors, is left out. @returns its column, -1 when left out */
  add(step: number, layers: LayerValues): number {
    if (step < this.from || step >= this.to || layers.states.length !== this.tensors) return -1
    const column = this.columnOf(step)
    const start = column * this.tensors
    const before = this.steps[column] as number
    this.steps[column] = before + 1
    for (let i = 0; i < this.tensors; i++) {
      const state = layers.states[i] as number
      const moved = moves(state, layers.learningRates[i] ?? null) ? 1 : 0
      this.states[start + i] = state
      this.moved[start + i] = ((this.moved[start + i] as number) * before + moved) / (before + 1)
    }
    for (const quantity of layerQuantities) this.addValues(quantity, valuesOf(layers, quantity), start)
    return column
  }

  private addValues(quantity: LayerQuantity, values: ArrayLike<number | null> | null, start: number): void {
    if (!values) return
    const means = this.means[quantity]
    const counts = this.counts[quantity]
    let { least, most } = this.ranges[quantity]
    for (let i = 0; i < this.tensors; i++) {
      const value = values[i] ?? Number.NaN
      if (!Number.isFinite(value)) continue
      const at = start + i
      const count = (counts[at] as number) + 1
      counts[at] = count
      const mean = means[at] as number
      means[at] = count === 1 ? value : mean + (value - mean) / count
      if (value <= 0) continue
      if (value < least) least = value
      if (value > most) most = value
    }
    this.ranges[quantity] = { least, most }
  }

  /** After arrays were filled from elsewhere: a mean goes on as one over all of its column's steps. */
  resume(): void {
    for (const quantity of layerQuantities) {
      const means = this.means[quantity]
      const counts = this.counts[quantity]
      for (let at = 0; at < means.length; at++)
        counts[at] = Number.isNaN(means[at]) ? 0 : (this.steps[Math.floor(at / this.tensors)] as number)
    }
  }
}
