// The design page is held: no style has a colour, a size of type, a radius or a space outside of its scales, no button a sign of its own for an icon, and the colours
// of text stand out as far as the page says.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const renderer = fileURLToPath(new URL('../../src-renderer', import.meta.url))
const css = readFileSync(join(renderer, 'app.css'), 'utf8')
const page = readFileSync(fileURLToPath(new URL('../../docs/design.md', import.meta.url)), 'utf8')

const components = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.svelte'),
)
const sources = components.map((name) => {
  const text = readFileSync(join(renderer, name), 'utf8')
  const start = text.indexOf('<style>')
  const [markup, style] = start < 0 ? [text, ''] : [text.slice(0, start), text.slice(start)]
  return { name, markup, style }
})
/** Without what it says of itself. */
const styles = [
  ...sources.map(({ name, style }) => ({ name, style })),
  { name: 'app.css', style: css.slice(css.indexOf('* {')) },
].map(({ name, style }) => ({ name, style: style.replace(/\/\*[\s\S]*?\*\//g, '') }))

const faults = (rule: RegExp, isFault: (found: RegExpExecArray) => boolean = () => true): string[] =>
  styles.flatMap(({ name, style }) =>
    [...style.matchAll(rule)].filter((found) => isFault(found)).map((found) => `${name}: ${found[0].trim()}`),
  )

/** The values of a theme's block. */
function tokens(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? ''
  return new Map([...block.matchAll(/(--[a-z0-9-]+): ([^;]+);/g)].map(([, name = '', value = '']) => [name, value]))
}
const light = tokens(':root')
const dark = new Map([...light, ...tokens(":root[data-theme='dark']")])

/** As WCAG 2 has it. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((i) => {
      const part = Number.parseInt(hex.slice(i, i + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue
  }
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

describe('every style keeps to the scales', () => {
  test('colours are named', () => {
    expect(faults(/[\w-]+: [^;{}]*(#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)a?\()[^;]*;/gi)).toEqual([])
    expect(
      faults(
        /(^|[\s;{])(color|background|fill|stroke|border[a-z-]*): [^;]*\b(white|black|red|gr[ae]y|silver|orange|green|blue)\b[^;]*;/gi,
      ),
    ).toEqual([])
  })

  test('type has six sizes; what grows with the window, on the webcam screen and the stage, is a part of it', () => {
    expect(faults(/font-size: [^;]*;/g, ([text]) => !/var\(--type-|inherit|: [\d.]+em;|: clamp\(/.test(text))).toEqual(
      [],
    )
    expect(faults(/font-size: clamp\([^;]*;/g).every((one) => one.startsWith('views/webcam/'))).toBe(true)
    expect(faults(/\bfont: [^;]*\d+px[^;]*;/g)).toEqual([])
  })

  test('corners have five radii', () => {
    expect(
      faults(/border-radius: [^;]*;/g, ([text]) => !/: (var\(--radius|inherit|0;|50%|[\d.]+em;)/.test(text)),
    ).toEqual([])
  })

  test('spaces come from one scale', () => {
    const scale = new Set([0, 1, 2, 4, 6, 8, 12, 16, 20, 24])
    expect(
      faults(/\b(gap|row-gap|column-gap|padding[a-z-]*|margin[a-z-]*): [^;]*;/g, ([text]) =>
        [...text.matchAll(/(?<![\d.])(\d+(?:\.\d+)?)px/g)].some(([, px]) => !scale.has(Number(px))),
      ),
    ).toEqual([])
  })

  test('icons are of the one set', () => {
    const found = sources.flatMap(({ name, markup }) =>
      [...markup.matchAll(/>\s*(?:\{[^}]*'[⚙×▾▸▦✕✖☰⋮⋯‹›⤢]'[^}]*\}|[⚙×▾▸▦✕✖☰⋮⋯‹›⤢?])\s*<\/button/g)].map(
        ([text]) => `${name}: ${text}`,
      ),
    )
    expect(found).toEqual([])
  })

  test('every name that is used is there, and every name that is there is used', () => {
    const known = new Set(light.keys())
    const own = /--(columns|left|right|[a-z-]*own|at)\b/ // set on an element for its own style
    const used = sources.flatMap(({ name, markup, style }) =>
      [...`${markup}${style}`.matchAll(/var\((--[a-z0-9-]+)/g)].map(([, token = '']) => ({ name, token })),
    )
    const set = new Set(
      sources.flatMap(({ markup }) => [...markup.matchAll(/style:(--[a-z0-9-]+)/g)].map(([, token]) => token)),
    )
    expect(used.filter(({ token }) => !known.has(token) && !set.has(token) && !own.test(token))).toEqual([])
    const everywhere = `${css}${sources.map(({ markup, style }) => markup + style).join('')}`
    expect([...known].filter((token) => !everywhere.includes(`var(${token})`))).toEqual([])
  })
})

describe('the colours of both themes', () => {
  const pairs = [
    ['ink', 'surface', 4.5],
    ['ink', 'ground', 4.5],
    ['ink-soft', 'surface', 4.5],
    ['ink-soft', 'ground', 4.5],
    ['accent', 'surface', 4.5],
    ['accent-ink', 'accent', 4.5],
    ['good', 'surface', 4.5],
    ['bad', 'surface', 4.5],
    ['bad', 'ground', 4.5],
    ['focus', 'surface', 3],
    ['focus', 'ground', 3],
    ['line-strong', 'ground', 3],
  ] as const

  test('stand out from what they are on, as far as the design page says', () => {
    for (const [front, back, least] of pairs) {
      const [day = 0, night = 0] = [light, dark].map((theme) =>
        contrast(theme.get(`--${front}`) ?? '', theme.get(`--${back}`) ?? ''),
      )
      expect(Math.min(day, night), `${front} on ${back}`).toBeGreaterThanOrEqual(least)
      expect(page).toContain(`| \`${front}\` on \`${back}\` | ${day.toFixed(1)} | ${night.toFixed(1)} | ${least} |`)
    }
  })
})
