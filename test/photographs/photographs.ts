// `npm run photographs`: pictures of every screen in both themes, languages and sizes, for looking at; and those of the user's guide. What is photographed: seed.ts;
// which screens there are and how one gets there: screens.ts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pngQuantize } from '@napi-rs/image'
import type { Page } from 'playwright-core'
import { callApi, chromiumPath, framesOf, outputFolder, type RunningApp } from '#test/e2e/app-in-browser.ts'
import { openWithClip } from '#test/e2e/fake-camera.ts'
import { screens, type Screen } from './screens.ts'
import { copySeed, dataOf, hasSeed, makeSeed } from './seed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kept = join(root, 'out', 'photographs')
const guide = join(root, 'docs', 'pictures')
/** Of a picture of the guide, and of all of them. */
const mostBytes = 200_000
const mostBytesInAll = 2_000_000

const help = `npm run photographs -- [--only NAME[,NAME…]] [--plain] [--guide] [--fresh]

  --only    these screens: ${screens.map(({ name }) => name).join(', ')}
  --plain   one picture of each: English, light, 1440 x 900 (default: both languages, themes and sizes)
  --guide   write the guide's pictures to docs/pictures too
  --fresh   compute the runs that are shown anew (default: those of the last time)
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    plain: { type: 'boolean', default: false },
    guide: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

interface Look {
  readonly language: 'en' | 'de'
  readonly theme: 'light' | 'dark'
  readonly width: number
  readonly height: number
}
const plainLook: Look = { language: 'en', theme: 'light', width: 1440, height: 900 }
const allLooks = (['en', 'de'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    (
      [
        [1440, 900],
        [1024, 700],
      ] as const
    ).map(([width, height]): Look => ({ language, theme, width, height })),
  ),
)

/** The page in this look, with nothing on its way any more. */
async function put({ page }: RunningApp, { language, theme, width, height }: Look): Promise<void> {
  await page.setViewportSize({ width, height })
  await callApi(page, 'settings.change', { changes: { language, theme } })
  const here = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme].join())
  while ((await here()) !== `${language},${theme}`) await framesOf(page, 2)
  await framesOf(page, 20)
}

/** Pictures tell nothing of the machine that they were made on. */
const hidePaths = (page: Page, folder: string): Promise<void> =>
  page.evaluate(
    (hidden) => {
      const camera = document.documentElement.lang === 'de' ? 'USB-Kamera' : 'USB camera'
      const clip = /\S*clip\.y4m/ // what the browser calls its camera: a file of ours
      const short = (text: string) =>
        hidden.reduce((left, [path, as]) => left.replaceAll(path, as), text.replace(clip, camera))
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let node = texts.nextNode(); node; node = texts.nextNode())
        if (node.nodeValue && short(node.nodeValue) !== node.nodeValue) node.nodeValue = short(node.nodeValue)
      for (const field of document.querySelectorAll<HTMLInputElement>('input:not([type=file]), textarea'))
        if (short(field.value) !== field.value) field.value = short(field.value)
    },
    [
      [folder, '~'],
      [kept, '~'],
      [root.replace(/\/$/, ''), '~/palm-studio'],
    ] as const,
  )

async function photograph(app: RunningApp, folder: string, { name, inGuide }: Screen): Promise<void> {
  for (const look of values.plain ? [plainLook] : allLooks) {
    await put(app, look)
    await hidePaths(app.page, folder)
    const { language, theme, width, height } = look
    const picture = await app.page.screenshot({
      path: join(outputFolder, 'photographs', `${name}-${language}-${theme}-${width}x${height}.png`),
    })
    const plain = Object.entries(plainLook).every(([key, value]) => look[key as keyof Look] === value)
    if (values.guide && inGuide && plain) await writeForGuide(name, picture)
  }
  await put(app, plainLook)
}

let bytesInAll = 0
async function writeForGuide(name: string, picture: Buffer): Promise<void> {
  // Photographs in a picture need more colours than a palette has; fewer are seen in small ones hardly.
  for (const maxQuality of [95, 80, 60, 40]) {
    const small = await pngQuantize(picture, { minQuality: 0, maxQuality, speed: 3 })
    if (small.byteLength > mostBytes && maxQuality > 40) continue
    if (small.byteLength > mostBytes) throw new Error(`${name}.png takes ${small.byteLength} bytes.`)
    writeFileSync(join(guide, `${name}.png`), small)
    bytesInAll += small.byteLength
    return
  }
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const executable = chromiumPath('browser')
  if (!executable) return 1
  const wanted = values.only?.split(',')
  const unknown = wanted?.find((name) => !screens.some((screen) => screen.name === name))
  if (unknown) throw new Error(`There is no screen ${unknown}.\n${help}`)
  const chosen = screens.filter(({ name }) => wanted?.includes(name) ?? true)
  mkdirSync(join(outputFolder, 'photographs'), { recursive: true })
  mkdirSync(guide, { recursive: true })
  if (values.fresh || !hasSeed(kept)) await makeSeed(kept, (line) => process.stdout.write(`${line}\n`))
  let failed = 0
  for (const empty of [true, false]) {
    const own = chosen.filter((screen) => (screen.empty ?? false) === empty)
    if (own.length === 0) continue
    const folder = mkdtempSync(join(tmpdir(), 'palm-photographs-'))
    try {
      if (!empty) copySeed(kept, folder)
      const app = await openWithClip(executable, 60, ['--data', dataOf(folder)])
      try {
        for (const screen of own) {
          const began = performance.now()
          try {
            await screen.go({ app, folder })
            await photograph(app, folder, screen)
            await screen.leave?.({ app, folder })
            await framesOf(app.page, 2)
            process.stdout.write(`${screen.name} ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
          } catch (thrown) {
            failed += 1
            process.stderr.write(`${screen.name}: ${String(thrown)}\n`)
            await app.page.screenshot({ path: join(outputFolder, 'photographs', `${screen.name}-failed.png`) })
            await put(app, plainLook)
            for (let i = 0; i < 3; i++) await app.page.keyboard.press('Escape')
          }
        }
        if (app.faults.length > 0) throw new Error(`The page told of faults: ${app.faults.join('; ')}`)
      } finally {
        await app.close()
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  process.stdout.write(`Pictures: ${relative(process.cwd(), join(outputFolder, 'photographs'))}\n`)
  if (bytesInAll > mostBytesInAll) throw new Error(`The guide's pictures take ${bytesInAll} bytes.`)
  if (values.guide) process.stdout.write(`The guide's: ${relative(process.cwd(), guide)}, ${bytesInAll} bytes\n`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()
