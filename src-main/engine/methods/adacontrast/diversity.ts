// AdaContrast's third loss.

/** sum_c m log(m + 1e-8) of the batch's mean probabilities: small when predictions are diverse. */
export function negativeDiversity(log: Float64Array, classes: number): { value: number; gradient: Float64Array } {
  const batch = log.length / classes
  const mean = new Float64Array(classes)
  for (const [i, value] of log.entries()) mean[i % classes] = (mean[i % classes] as number) + Math.exp(value) / batch
  const slopes = mean.map((m) => (Math.log(m + 1e-8) + m / (m + 1e-8)) / batch)
  const gradient = new Float64Array(log.length)
  for (let row = 0; row < log.length; row += classes) {
    let along = 0
    for (let c = 0; c < classes; c++) along += Math.exp(log[row + c] as number) * (slopes[c] as number)
    for (let c = 0; c < classes; c++)
      gradient[row + c] = Math.exp(log[row + c] as number) * ((slopes[c] as number) - along)
  }
  return { value: mean.reduce((sum, m) => sum + m * Math.log(m + 1e-8), 0), gradient }
}
