// Which view is on the screen, and where in it. Knows no view: what there is stands in views/views.ts. Runs without a page.

export const settingsSections = ['general', 'computing', 'data', 'storage', 'log', 'report', 'about'] as const
export type SettingsSection = (typeof settingsSections)[number]

export class Navigation {
  /** The id of its row in views/views.ts. */
  view = $state('live')
  /** Of the settings. */
  section = $state<SettingsSection>('general')
  /** What a view with an address was asked to show, as the part of the page's address from `#`; it is there before the connection is. */
  address = $state('')

  go(view: string, address = ''): void {
    this.view = view
    if (address !== '') this.address = address
  }

  openSettings(section: SettingsSection): void {
    this.section = section
    this.go('settings')
  }
}
