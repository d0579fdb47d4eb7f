// What drawing the layer map's canvases takes: the place of its parts, type, ink, sizes and lines. Needs a page.
import { spanOf, type TimeView } from '#renderer/lib/charts/time-view.ts'

/** Pixels of CSS. */
export interface MatrixPlace {
  readonly width: number
  readonly height: number
  /** Where labels stand, left of the steps. */
  readonly gutter: number
  readonly view: TimeView
  readonly scrollTop: number
  readonly theme: 'light' | 'dark'
}

/** The 2-D context of a canvas brought to its size; cleared. */
export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  const ctx = canvas.getContext('2d')
  ctx?.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx?.clearRect(0, 0, width, height)
  return ctx
}

export const inks = (theme: MatrixPlace['theme']) =>
  theme === 'light'
    ? { ink: '#14181f', soft: '#4c5564', line: '#d5d9e0' }
    : { ink: '#e9edf3', soft: '#a9b3c2', line: '#333b48' }

export function stroke(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath()
  ctx.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5)
  ctx.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5)
  ctx.stroke()
}

export const xOf = ({ gutter, width, view }: MatrixPlace, step: number) =>
  gutter + ((step - view.from) * (width - gutter)) / spanOf(view)
