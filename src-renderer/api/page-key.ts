// The key that opens the web host's socket: it comes once, behind the # of the page's address, and is kept in this origin's own storage, which, unlike a cookie,
// another port of the same machine never sees.
const storageKey = 'palm-key'
const inAddress = /^#key=([\w-]{20,100})$/

/** Takes the key out of the address, where there is one. Before anything else reads the address. */
export function takeKeyFromAddress(): void {
  const key = inAddress.exec(location.hash)?.[1]
  if (key === undefined) return
  localStorage.setItem(storageKey, key)
  history.replaceState(null, '', location.pathname)
}

/** Empty where this browser was never let in. */
export const pageKey = (): string => localStorage.getItem(storageKey) ?? ''
