// How wide a text is in the charts' small type. Needs a page; without one it is guessed.

export const smallType = '11px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
export const smallBoldType = `600 ${smallType}`
let measuring: CanvasRenderingContext2D | null = null
const known = new Map<string, number>()

export function textWidth(text: string, bold = false): number {
  const key = `${bold ? 'b' : 'n'}${text}`
  const before = known.get(key)
  if (before !== undefined) return before
  measuring ??= typeof document === 'undefined' ? null : document.createElement('canvas').getContext('2d')
  if (!measuring) return 7 * text.length
  measuring.font = bold ? smallBoldType : smallType
  const { width } = measuring.measureText(text)
  if (known.size > 5000) known.clear()
  known.set(key, width)
  return width
}
