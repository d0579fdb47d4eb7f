// The system's key store through Electron: the keychain, DPAPI, the secret service or KWallet. On a Linux without one Electron would use a password that stands in its sources, which keeps
// nothing: there it is refused.
import { safeStorage } from 'electron'
import { PalmError } from '#contract/errors.ts'
import type { KeyStore } from '#app/services/machine/key-store.ts'

export function electronKeyStore(platform: NodeJS.Platform = process.platform): KeyStore {
  const refused = (): string | null => {
    if (!safeStorage.isEncryptionAvailable())
      return 'This system has no key store that is open now: the password is kept for this session only.'
    const backend = platform === 'linux' ? safeStorage.getSelectedStorageBackend() : ''
    return backend === 'basic_text' || backend === 'unknown'
      ? 'No key ring (GNOME’s, KDE’s) runs on this desktop: the password is kept for this session only.'
      : null
  }
  return {
    refused,
    seal(text) {
      const reason = refused()
      if (reason !== null) throw new PalmError('bad-request', reason)
      return safeStorage.encryptString(text)
    },
    open: (sealed) => safeStorage.decryptString(Buffer.from(sealed)),
  }
}
