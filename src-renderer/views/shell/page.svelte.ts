// What the page itself shows of the app: theme, language, title, address, the system's menu bar. Each is called while the window is built.
import { describeMenu, hasMenu, onMenuCommand } from '#renderer/api/menu.ts'
import { setLanguage } from '#renderer/lib/strings/strings.svelte.ts'
import { systemLanguage } from '#renderer/lib/text/system-language.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import type { Commands } from '#renderer/state/app/commands/commands.svelte.ts'
import { windowTitle } from '#renderer/state/app/run-ends.svelte.ts'
import type { Theme } from '#renderer/views/view.ts'
import { viewOf, views } from '#renderer/views/views.ts'

/** The theme that is set, the system's where that is wanted. */
export function followTheme(app: AppState): { readonly theme: Theme } {
  const query = matchMedia('(prefers-color-scheme: dark)')
  let systemDark = $state(query.matches)
  const theme = $derived.by<Theme>(() => {
    const { theme: chosen } = app.settings.values
    return chosen === 'system' ? (systemDark ? 'dark' : 'light') : chosen
  })
  // Before the charts draw: they read the theme's colours from the page.
  $effect.pre(() => {
    document.documentElement.dataset.theme = theme
  })
  $effect(() => {
    const changed = (): void => void (systemDark = query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  })
  return {
    get theme() {
      return theme
    },
  }
}

export function followLanguage(app: AppState): void {
  // Before anything is drawn in the language.
  $effect.pre(() => {
    const { language } = app.settings.values
    const spoken = language === 'system' ? systemLanguage(navigator.languages) : language
    setLanguage(spoken)
    document.documentElement.lang = spoken
  })
}

/** The window's title tells how far the run under way is, of several the one on the screen. */
export function followTitle(app: AppState): void {
  const percent = $derived.by(() => {
    const { live } = app.run
    const { underWay } = app.runs
    const active = underWay.find(({ id }) => id === live?.id) ?? underWay[0]
    if (!active) return null
    const [step, total] =
      live?.id === active.id && live.progress
        ? [live.progress.step, live.progress.totalSteps]
        : [active.step, active.totalSteps]
    return total > 0 ? Math.floor((100 * step) / total) : 0
  })
  $effect(() => {
    document.title = windowTitle(percent)
  })
}

const openAddress = (app: AppState): boolean => views.some(({ address }) => address?.open(app, location.hash) ?? false)

/** The view on the screen stands in the page's address where it has one, and the address leads to it. */
export function followAddress(app: AppState): void {
  openAddress(app)
  $effect(() => {
    const address = viewOf(app.navigation.view).address?.of(app) ?? ''
    if (location.hash !== address) history.pushState(null, '', address || location.pathname)
  })
}

/** The page's address changed: back or forward. */
export function addressChanged(app: AppState): void {
  if (openAddress(app)) return
  const { address, under } = viewOf(app.navigation.view)
  if (address && under !== undefined) app.navigation.go(under)
}

export function followMenu(commands: Commands): void {
  $effect(() => {
    if (hasMenu()) describeMenu(commands.describe())
  })
  $effect(() => onMenuCommand((id) => commands.do(id)))
}
