// The system's key store, as a host can offer it: what is sealed can be opened by this user on this machine only.

export interface KeyStore {
  /** Why nothing can be sealed here, in a sentence; null = it can. Asked each time: a key ring may be unlocked meanwhile. */
  refused(): string | null
  /** @throws PalmError `bad-request` where it is refused */
  seal(text: string): Uint8Array
  /** @throws Error for what was sealed elsewhere, or damaged */
  open(sealed: Uint8Array): string
}
