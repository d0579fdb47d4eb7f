// The Tab key, many times in one go: asked for and answered one by one a press costs the page and the test more than what it does.
import type { CDPSession, Page } from 'playwright-core'

const sessions = new WeakMap<Page, Promise<CDPSession>>()
/** Of the protocol itself, one for each page. */
export const protocolOf = (page: Page): Promise<CDPSession> => {
  const there = sessions.get(page) ?? page.context().newCDPSession(page)
  sessions.set(page, there)
  return there
}

/** Real presses, held as a person holds it: each moves the focus before the next one comes. `count` below 0: with Shift. */
export async function pressTab(page: Page, count: number): Promise<void> {
  const client = await protocolOf(page)
  const key = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9, modifiers: count < 0 ? 8 : 0 } as const
  const downs = Array.from({ length: Math.abs(count) }, () =>
    client.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key }),
  )
  await Promise.all([...downs, client.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key })])
}
