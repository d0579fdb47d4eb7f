// The sample's short run: of the first launch, and of the button that runs the sample. Pure.

/** Images per domain: a newcomer sees the whole result after about a minute on two cores. The whole sample has 2,000. */
export const shortSampleLimit = 300
