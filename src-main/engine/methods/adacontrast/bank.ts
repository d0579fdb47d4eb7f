// AdaContrast's bank of features that were seen: which are nearest, and what they vote for.

/** b after a. */
export function joined(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length)
  out.set(a, 0)
  out.set(b, a.length)
  return out
}

/** Per image the mean probabilities of its `neighbors` most similar features. `similarity` [batch, n], `probabilities` [n, classes]. */
export function votesOf(
  similarity: Float32Array,
  probabilities: Float32Array,
  classes: number,
  batch: number,
  neighbors: number,
): Float32Array {
  const n = similarity.length / batch
  const votes = new Float32Array(batch * classes)
  for (let b = 0; b < batch; b++) {
    for (const at of largest(similarity.subarray(b * n, (b + 1) * n), neighbors)) {
      for (let c = 0; c < classes; c++)
        votes[b * classes + c] =
          (votes[b * classes + c] as number) + (probabilities[at * classes + c] as number) / neighbors
    }
  }
  return votes
}

/** Indices of the k largest. */
function largest(values: Float32Array, k: number): number[] {
  const best: number[] = []
  for (const [i, value] of values.entries()) {
    if (best.length === k && value <= (values[best[k - 1] as number] as number)) continue
    let at = best.length
    while (at > 0 && value > (values[best[at - 1] as number] as number)) at -= 1
    best.splice(at, 0, i)
    if (best.length > k) best.pop()
  }
  return best
}
