// The theme's colours for what is drawn onto a canvas, where styles do not reach.

export interface PlotLook {
  /** Of axes and their numbers. */
  readonly ink: string
  readonly line: string
  readonly band: string
  readonly surface: string
}

/** As the page has them now. */
export function plotLook(): PlotLook {
  const style = getComputedStyle(document.documentElement)
  const [ink = '', line = '', band = '', surface = ''] = ['--ink-soft', '--line', '--band', '--surface'].map((name) =>
    style.getPropertyValue(name),
  )
  return { ink, line, band, surface }
}
