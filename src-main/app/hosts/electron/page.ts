// The page of a window: the built renderer over our own protocol, with no more permissions than it needs. Follows the security checklist
// of Electron's documentation point by point.
import { protocol, session } from 'electron'
import type { IpcMainEvent, WebContents } from 'electron'
import { securityHeaders } from '#app/hosts/security.ts'
import { readStaticFile } from '#app/hosts/static-files.ts'

const scheme = 'palm'
export const pageUrl = `${scheme}://app/`

/** Must run before the app is ready: the scheme gets an origin, like https. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Serves the built renderer as `palm://app/` and refuses every permission that a page can ask for but the camera's picture and notifications. Call once, when ready. */
export function prepareSession(staticFolder: string): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url)
    const headers = securityHeaders()
    const file =
      url.host === 'app' && request.method === 'GET' ? await readStaticFile(staticFolder, url.pathname) : null
    if (!file) return new Response('There is nothing here.', { status: 404, headers })
    return new Response(file.body, { headers: { ...headers, 'Content-Type': file.contentType } })
  })
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
    if (!isOwnPage(details.requestingUrl) || !details.isMainFrame) return decide(false)
    const wanted = 'mediaTypes' in details ? (details.mediaTypes ?? []) : []
    decide(
      permission === 'notifications' ||
        (permission === 'media' && wanted.length > 0 && wanted.every((type) => type === 'video')),
    )
  })
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      isOwnPage(origin) &&
      (permission === 'notifications' || (permission === 'media' && details.mediaType === 'video')),
  )
  session.defaultSession.setDevicePermissionHandler(() => false)
}

/** Whether a message comes from our page, in that window's main frame. */
export function isOfPage({ sender, senderFrame }: IpcMainEvent, contents: WebContents): boolean {
  return sender === contents && senderFrame !== null && senderFrame === contents.mainFrame && isOwnPage(senderFrame.url)
}

/** Whether an address is of our page and not of anything that it was led to. */
export function isOwnPage(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === `${scheme}:` && new URL(url).host === 'app'
}
