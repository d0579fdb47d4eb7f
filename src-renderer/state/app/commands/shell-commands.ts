// The commands that belong to no view, and what the palette offers besides commands: runs, sections of the settings, themes, languages.
import { said, saidName } from '#renderer/lib/german/said.svelte.ts'
import { isUnderWay, resumableStatuses } from '#contract/tables/report.ts'
import { languages, strings, type Language } from '#renderer/lib/strings/strings.svelte.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import type { Command, Commands } from './commands.svelte.ts'
import { settingsSections } from '#renderer/state/app/navigation.svelte.ts'
import { sampleRun } from '#renderer/state/new-run/sample-run.ts'
import type { PaletteItem } from './palette.svelte.ts'

export function generalCommands(app: AppState): Command[] {
  const text = strings.shell.commands
  const { live } = app.run
  const connected = app.connection.isOpen
  const resumable = live !== null && resumableStatuses.includes(live.status) && !isUnderWay(live.status)
  return [
    {
      id: 'palette',
      title: text.palette,
      key: null,
      keys: 'Mod+K',
      menu: 'view',
      enabled: true,
      run: () => (app.dialogs.palette = true),
    },
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
      enabled: connected && resumable && !app.queue.holds(live.id),
      run: () => void app.run.resume(),
    },
    {
      id: 'sample',
      title: text.sample,
      key: null,
      menu: 'run',
      enabled: connected,
      run: () => {
        app.navigation.go('live')
        void app.run.startOrLineUp(sampleRun(), strings.startSample)
      },
    },
    {
      id: 'sampleWhole',
      title: text.sampleWhole,
      key: null,
      menu: 'run',
      enabled: connected,
      run: () => {
        app.navigation.go('live')
        void app.run.startOrLineUp(sampleRun(true), text.sampleWhole)
      },
    },
  ]
}

/** `openWindow`: another window of the same program. */
export function helpCommands(app: AppState, openWindow: () => void): Command[] {
  const text = strings.shell.commands
  const { navigation } = app
  const enabled = app.connection.isOpen
  return [
    {
      id: 'newWindow',
      title: text.newWindow,
      key: null,
      keys: 'Mod+Shift+N',
      menu: 'file',
      enabled: true,
      run: openWindow,
    },
    { id: 'log', title: text.log, key: null, menu: 'help', enabled, run: () => navigation.openSettings('log') },
    {
      id: 'report',
      title: text.report,
      key: null,
      menu: 'help',
      enabled,
      run: () => navigation.openSettings('report'),
    },
    {
      id: 'tour',
      title: text.tour,
      key: null,
      menu: 'help',
      enabled,
      run: () => {
        navigation.go('live')
        app.tour.start()
      },
    },
    {
      id: 'about',
      title: text.about,
      key: null,
      menu: 'help',
      enabled,
      run: () => navigation.openSettings('about'),
    },
    {
      id: 'help',
      title: strings.commands.help,
      key: '?',
      menu: 'help',
      enabled: true,
      run: () => (app.dialogs.shortcuts = true),
    },
  ]
}

/** Everything that the palette finds, commands that are possible now first. */
export function paletteItems(app: AppState, commands: Commands): PaletteItem[] {
  const text = strings.shell.palette
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
        app.navigation.openSettings(section),
      ),
    ),
    ...(['system', 'light', 'dark'] as const).map((theme) =>
      setting(`theme:${theme}`, text.setTheme(strings.themes[theme]), () => void app.settings.change({ theme })),
    ),
    ...(Object.keys(languages) as Language[]).map((language) =>
      setting(
        `language:${language}`,
        text.setLanguage(languages[language]),
        () => void app.settings.change({ language }),
      ),
    ),
    ...app.runs.kept.map(({ id, name, inputName }) => ({
      id: `run:${id}`,
      title: text.openRun(id, saidName(name) || said(inputName)),
      group: groups.run,
      shortcut: '',
      run: () => app.openRun(id),
    })),
  ]
}
