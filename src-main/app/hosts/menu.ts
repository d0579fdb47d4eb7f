// The menu bar of each platform from a page's commands: a pure function, so that the Electron host only has to hand its result on.
// Commands of one key without Ctrl are the page's own: the menu shows them where the system can show without listening, and never listens.
import type { MenuCommand, MenuDescription, MenuName, MenuRole } from '#contract/menu.ts'

/** What Electron takes as a menu item, as far as it is used; `command` becomes its click. */
export interface MenuItem {
  label?: string
  role?: MenuRole | 'appMenu' | 'services' | 'hide' | 'hideOthers' | 'unhide' | 'zoom' | 'front'
  type?: 'separator'
  accelerator?: string
  registerAccelerator?: boolean
  enabled?: boolean
  command?: string
  submenu?: MenuItem[]
}

const separator: MenuItem = { type: 'separator' }

/** On macOS these stand in the menu of the app. */
const appCommands: readonly string[] = ['about', 'settings']

export function menuTemplate(
  { menus, roles, commands }: MenuDescription,
  platform: NodeJS.Platform,
  appName: string,
): MenuItem[] {
  const mac = platform === 'darwin'
  const item = ({ id, title, keys, enabled }: MenuCommand): MenuItem => ({
    label: title,
    command: id,
    enabled,
    ...acceleratorOf(keys, mac),
  })
  const of = (menu: MenuName): MenuItem[] =>
    commands.filter((command) => command.menu === menu && !(mac && appCommands.includes(command.id))).map(item)
  const role = (name: MenuRole): MenuItem => ({ role: name, label: roles[name] })
  const app = (id: string): MenuItem[] => commands.filter((command) => command.id === id).map(item)
  const groups = (...parts: readonly (readonly MenuItem[])[]): MenuItem[] =>
    parts.filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? part : [separator, ...part]))

  return [
    ...(mac
      ? [
          {
            label: appName,
            submenu: groups(
              app('about'),
              app('settings'),
              [{ role: 'services' }],
              [{ role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }],
              [role('quit')],
            ),
          },
        ]
      : []),
    { label: menus.file, submenu: groups(of('file'), [role('close')], mac ? [] : [role('quit')]) },
    {
      label: menus.edit,
      submenu: groups(
        of('edit'),
        [role('undo'), role('redo')],
        [role('cut'), role('copy'), role('paste'), role('selectAll')],
      ),
    },
    {
      label: menus.view,
      submenu: groups(
        of('view'),
        [role('resetZoom'), role('zoomIn'), role('zoomOut')],
        [role('togglefullscreen'), role('reload')],
      ),
    },
    { label: menus.run, submenu: of('run') },
    {
      label: menus.window,
      submenu: mac ? groups([role('minimize'), { role: 'zoom' }], [{ role: 'front' }]) : [role('minimize')],
    },
    { label: menus.help, submenu: of('help') },
  ]
}

function acceleratorOf(keys: string | null, mac: boolean): Pick<MenuItem, 'accelerator' | 'registerAccelerator'> {
  if (keys === null) return {}
  if (keys.startsWith('Mod+')) return { accelerator: keys.replace('Mod', 'CmdOrCtrl') }
  // macOS listens to whatever a menu shows: a letter there would be taken out of every field that somebody types in.
  return mac ? {} : { accelerator: keys, registerAccelerator: false }
}
