// The commands around the runs, and what the palette offers besides commands: runs, parts of the settings, themes, languages.
import { isUnderWay, resumableStatuses } from '#contract/tables/report.ts'
import { languages, strings, type Language } from '#renderer/lib/strings/strings.svelte.ts'
import { settingsSections, type AppState } from './app-state.svelte.ts'
import type { Command, Commands } from './commands.svelte.ts'
import { sampleRun } from '#renderer/state/new-run/new-run.svelte.ts'
import type { PaletteItem } from './palette.svelte.ts'

export interface WindowAbilities {
  readonly openPalette: () => void
  readonly openWindow: () => void
  /** Whether keys that browsers have for themselves come here. */
  readonly native: boolean
}

export function aroundCommands(app: AppState, { openPalette, openWindow, native }: WindowAbilities): Command[] {
  const text = strings.around.commands
  const idle = app.connected && app.active === null
  const resumable = app.live !== null && resumableStatuses.includes(app.live.status) && !isUnderWay(app.live.status)
  return [
    { id: 'palette', title: text.palette, key: null, keys: 'Mod+K', menu: 'view', enabled: true, run: openPalette },
    {
      id: 'undo',
      title: text.undo,
      key: null,
      keys: 'Mod+Z',
      leavesFields: true,
      enabled: app.undo.canUndo,
      run: () => void app.undo.undo(),
    },
    {
      id: 'resume',
      title: text.resume,
      key: null,
      menu: 'run',
      enabled: idle && resumable,
      run: () => void app.resume(),
    },
    {
      id: 'sample',
      title: text.sample,
      key: null,
      menu: 'run',
      enabled: idle,
      run: () => {
        app.view = 'live'
        void app.start(sampleRun())
      },
    },
    {
      id: 'settings',
      title: text.settings,
      key: ',',
      keys: 'Mod+,',
      menu: 'file',
      enabled: app.connected,
      run: () => app.openSettings('general'),
    },
    {
      id: 'newWindow',
      title: text.newWindow,
      key: null,
      ...(native ? { keys: 'Mod+Shift+N' } : {}),
      menu: 'file',
      enabled: true,
      run: openWindow,
    },
    { id: 'log', title: text.log, key: null, menu: 'help', enabled: app.connected, run: () => app.openSettings('log') },
    {
      id: 'report',
      title: text.report,
      key: null,
      menu: 'help',
      enabled: app.connected,
      run: () => app.openSettings('report'),
    },
    {
      id: 'tour',
      title: text.tour,
      key: null,
      menu: 'help',
      enabled: app.connected,
      run: () => {
        app.view = 'live'
        app.tour.start()
      },
    },
    {
      id: 'about',
      title: text.about,
      key: null,
      menu: 'help',
      enabled: app.connected,
      run: () => app.openSettings('about'),
    },
  ]
}

/** Everything that the palette finds, commands that are possible now first. */
export function paletteItems(app: AppState, commands: Commands): PaletteItem[] {
  const text = strings.around.palette
  const { groups } = text
  const setting = (id: string, title: string, run: () => void): PaletteItem => ({
    id,
    title,
    group: groups.setting,
    shortcut: '',
    run,
  })
  return [
    ...commands.all
      .filter(({ id, enabled }) => enabled && id !== 'palette')
      .map((command) => ({
        id: command.id,
        title: command.title,
        group: groups.command,
        shortcut: commands.shortcut(command),
        run: () => command.run(),
      })),
    ...settingsSections.map((section) =>
      setting(`section:${section}`, text.openSection(strings.settings.sections[section]), () =>
        app.openSettings(section),
      ),
    ),
    ...(['system', 'light', 'dark'] as const).map((theme) =>
      setting(`theme:${theme}`, text.setTheme(strings.themes[theme]), () => void app.change({ theme })),
    ),
    ...(Object.keys(languages) as Language[]).map((language) =>
      setting(`language:${language}`, text.setLanguage(languages[language]), () => void app.change({ language })),
    ),
    ...app.runs.map(({ id, name, inputName }) => ({
      id: `run:${id}`,
      title: text.openRun(id, name || inputName),
      group: groups.run,
      shortcut: '',
      run: () => {
        app.view = 'live'
        app.show(id)
      },
    })),
  ]
}
