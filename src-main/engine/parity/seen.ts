// What of a step is thrown away when it is done, kept for the comparison.
/** What the observer saw of one PALM step, in file layout. */
export interface Seen {
  readonly gradKl: Map<string, Float32Array>
  readonly gradTotal: Map<string, Float32Array>
  readonly S: Map<string, Float32Array>
  readonly Shat: Map<string, Float32Array>
  readonly D: Map<string, Float32Array>
  readonly importance: Map<string, Float32Array>
  /** What is on its way from the device. */
  readonly reading: Promise<void>[]
  viewLogits: Float32Array | null
  studentLogits: Float32Array | null
}

export function emptySeen(): Seen {
  return {
    gradKl: new Map(),
    gradTotal: new Map(),
    S: new Map(),
    Shat: new Map(),
    D: new Map(),
    importance: new Map(),
    reading: [],
    viewLogits: null,
    studentLogits: null,
  }
}
