// The menu bar as a pure function of the page's commands and the platform.
import { expect, test } from 'vitest'
import { menuDescriptionSchema, menuRoles, type MenuDescription } from '#contract/menu.ts'
import { menuTemplate, type MenuItem } from '#app/hosts/menu.ts'

const description: MenuDescription = menuDescriptionSchema.parse({
  menus: { file: 'Datei', edit: 'Bearbeiten', view: 'Ansicht', run: 'Lauf', window: 'Fenster', help: 'Hilfe' },
  roles: Object.fromEntries(menuRoles.map((role) => [role, `Word for ${role}`])),
  commands: [
    { id: 'newWindow', title: 'Neues Fenster', menu: 'file', keys: 'Mod+Shift+N', enabled: true },
    { id: 'settings', title: 'Einstellungen', menu: 'file', keys: 'Mod+,', enabled: true },
    { id: 'live', title: 'Live', menu: 'view', keys: 'L', enabled: true },
    { id: 'stop', title: 'Anhalten', menu: 'run', keys: 'S', enabled: false },
    { id: 'about', title: 'Über', menu: 'help', keys: null, enabled: true },
  ],
  quitting: { message: 'm', detail: 'd', stop: 's', background: 'b', cancel: 'c', over: 'o' },
})
const menus = (platform: NodeJS.Platform): Record<string, MenuItem[]> =>
  Object.fromEntries(
    menuTemplate(description, platform, 'PALM Studio').map(({ label, submenu }): [string, MenuItem[]] => [
      label ?? '',
      submenu ?? [],
    ]),
  )
const commands = (items: readonly MenuItem[] | undefined) => (items ?? []).flatMap(({ command }) => command ?? [])

test('Linux and Windows: every command in its menu, with its keys; settings and about where one looks for them', () => {
  for (const platform of ['linux', 'win32'] as const) {
    const made = menus(platform)
    expect(Object.keys(made)).toEqual(['Datei', 'Bearbeiten', 'Ansicht', 'Lauf', 'Fenster', 'Hilfe'])
    expect(commands(made['Datei'])).toEqual(['newWindow', 'settings'])
    expect(made['Datei']?.[0]).toEqual({
      label: 'Neues Fenster',
      command: 'newWindow',
      enabled: true,
      accelerator: 'CmdOrCtrl+Shift+N',
    })
    expect(made['Datei']?.at(-1)).toEqual({ role: 'quit', label: 'Word for quit' })
    expect(commands(made['Hilfe'])).toEqual(['about'])
    expect(made['Lauf']).toEqual([
      { label: 'Anhalten', command: 'stop', enabled: false, accelerator: 'S', registerAccelerator: false },
    ])
  }
})

test('macOS: an app menu with about, settings and quit, which stand nowhere else', () => {
  const made = menus('darwin')
  expect(Object.keys(made)[0]).toBe('PALM Studio')
  expect(commands(made['PALM Studio'])).toEqual(['about', 'settings'])
  expect(made['PALM Studio']?.at(-1)).toMatchObject({ role: 'quit' })
  expect(commands(made['Datei'])).toEqual(['newWindow'])
  expect(commands(made['Hilfe'])).toEqual([])
  expect(JSON.stringify(made['Datei'])).not.toContain('"quit"')
})

test('a key without Ctrl is never listened to by the system, or nobody could type it into a field', () => {
  for (const platform of ['linux', 'win32', 'darwin'] as const) {
    for (const item of Object.values(menus(platform)).flat())
      if (item.accelerator && !item.accelerator.startsWith('CmdOrCtrl')) expect(item.registerAccelerator).toBe(false)
  }
  expect(menus('darwin')['Ansicht']?.find(({ command }) => command === 'live')).not.toHaveProperty('accelerator')
})

test('no menu begins, ends or doubles with a line', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    for (const items of Object.values(menus(platform))) {
      const lines = items.map(({ type }) => type === 'separator')
      expect([lines[0], lines.at(-1)]).not.toContain(true)
      expect(lines.some((line, i) => line && lines[i + 1])).toBe(false)
    }
  }
})
